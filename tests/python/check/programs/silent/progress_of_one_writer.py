# expect: silent
"""One thread counts, others look at the count: no update can get lost."""

import threading
import time


class Copy:
    def __init__(self):
        self.done = 0
        self.percent = 0

    def run(self):
        for _ in range(20):
            self.done += 1
            self.percent = self.done * 5
            time.sleep(0.0005)

    def show(self):
        while self.done < 20:
            if self.percent > 100:
                print("too much")
            time.sleep(0.001)


copy = Copy()
threads = [threading.Thread(target=target) for target in (copy.run, copy.show, copy.show)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(copy.done)
