# expect: silent
"""Each thread writes its part, and after the barrier reads and changes its neighbour's."""

import threading

parts = [0, 0, 0]
barrier = threading.Barrier(3)


def work(number):
    for _ in range(5):
        parts[number] += 1
        barrier.wait()
        parts[(number + 1) % 3] += 10
        barrier.wait()


threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(parts)
