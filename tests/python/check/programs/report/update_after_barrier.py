# expect: RD101 Race.finished
"""A barrier orders what is before it with what is after it, and not the parts after it with each other."""

import threading


class Race:
    def __init__(self):
        self.start = threading.Barrier(2)
        self.finished = 0

    def run(self):
        self.start.wait()
        self.finished += 1


race = Race()
threads = [threading.Thread(target=race.run) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(race.finished > 0)
