# expect: silent
"""raddle's Barrier."""

import raddle

parts = [0, 0]
barrier = raddle.Barrier(2)


def work(number):
    for _ in range(5):
        parts[number] += 1
        barrier.wait()
        parts[1 - number] += 10
        barrier.wait()


threads = [raddle.Thread(target=work, args=(number,)) for number in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(parts)
