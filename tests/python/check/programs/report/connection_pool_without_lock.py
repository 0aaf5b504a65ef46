# expect: RD102 idle
"""An idle connection is looked for and then taken, by two threads."""

import threading
import time


class Connection:
    def __init__(self):
        self.sent = []


class Pool:
    def __init__(self):
        self.idle = []

    def take(self):
        if self.idle:
            return self.idle.pop()
        return Connection()

    def give(self, connection):
        self.idle.append(connection)


pool = Pool()


def work(count, delay):
    time.sleep(delay)
    for connection in [pool.take() for _ in range(count)]:
        pool.give(connection)


threads = [threading.Thread(target=work, args=pair) for pair in ((2, 0), (3, 0.02))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(pool.idle) > 0)
