# expect: RD103 note closed
"""Two threads find it open and both close it."""

import threading
import time


class File:
    def __init__(self):
        self.closed = False
        self.log = []

    def close(self):
        if not self.closed:
            self.closed = True
            self.log.append("closed")


file = File()


def work(delay):
    time.sleep(delay)
    file.close()


threads = [threading.Thread(target=work, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(file.closed)
