# expect: silent
"""Four locks for many keys; a key always has the same one."""

import threading


class StripedCounter:
    def __init__(self):
        self.locks = [threading.Lock() for _ in range(4)]
        self.counts = [{} for _ in range(4)]

    def add(self, number):
        stripe = number % 4
        with self.locks[stripe]:
            counts = self.counts[stripe]
            counts[number] = counts.get(number, 0) + 1


counter = StripedCounter()


def work():
    for number in range(40):
        counter.add(number)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(sum(counts.values()) for counts in counter.counts))
