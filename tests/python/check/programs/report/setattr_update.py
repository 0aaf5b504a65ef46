# expect: RD101 Options.level
"""getattr and setattr with a name from elsewhere."""

import threading
import time


class Options:
    def __init__(self):
        self.level = 1


options = Options()


def raise_by_one(name, delay):
    time.sleep(delay)
    setattr(options, name, getattr(options, name) + 1)


threads = [threading.Thread(target=raise_by_one, args=("level", delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(options.level)
