# expect: silent
"""Tables that are filled before the threads start, and then only read, iterated too."""

import threading

squares = {}
for number in range(50):
    squares[number] = number * number
names = sorted(f"name {number}" for number in squares)
TOTAL = 0
for name in names:
    TOTAL += len(name)


def work(results):
    total = 0
    for key, value in squares.items():
        if key in squares and squares[key] == value:
            total += value
    results.append((total, sum(squares.values()), len(",".join(names)) > TOTAL))


results = []
threads = [threading.Thread(target=work, args=(results,)) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(results)
