# expect: RD101 Pool.free
"""One thread changes the state under the condition, the other one takes that only to notify."""

import threading
import time


class Pool:
    def __init__(self):
        self.changed = threading.Condition()
        self.free = 2

    def take(self):
        with self.changed:
            while self.free == 0:
                self.changed.wait()
            self.free -= 1

    def give_back(self):
        time.sleep(0.02)
        self.free += 1
        with self.changed:
            self.changed.notify()


pool = Pool()
threads = [threading.Thread(target=pool.take), threading.Thread(target=pool.give_back)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(pool.free)
