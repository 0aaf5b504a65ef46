# expect: RD101 Bucket.tokens
"""A bucket of tokens that is refilled by a timer and emptied by requests."""

import threading
import time


class Bucket:
    def __init__(self, size):
        self.size = size
        self.tokens = size

    def allow(self):
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def refill(self):
        self.tokens = min(self.size, self.tokens + 5)


bucket = Bucket(10)


def request(delay):
    time.sleep(delay)
    for _ in range(3):
        assert bucket.allow()


threads = [threading.Thread(target=request, args=(delay,)) for delay in (0, 0.02)]
threads.append(threading.Timer(0.04, bucket.refill))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(bucket.tokens)
