# expect: silent
"""The barrier's action runs alone, between the two phases."""

import threading

sums = [0, 0]
total = {"sum": 0}


def collect():
    total["sum"] += sum(sums)
    sums[:] = [0, 0]


barrier = threading.Barrier(2, action=collect)


def work(number):
    for value in range(10):
        sums[number] += value
        barrier.wait()


threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
