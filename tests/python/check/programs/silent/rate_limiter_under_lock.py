# expect: silent
"""A bucket that works out its tokens from the time, under a lock."""

import threading
import time


class Bucket:
    def __init__(self, size, per_second):
        self.lock = threading.Lock()
        self.size = size
        self.per_second = per_second
        self.tokens = float(size)
        self.at = time.monotonic()

    def allow(self):
        with self.lock:
            now = time.monotonic()
            self.tokens = min(self.size, self.tokens + (now - self.at) * self.per_second)
            self.at = now
            if self.tokens < 1:
                return False
            self.tokens -= 1
            return True


bucket = Bucket(10, 0.001)
allowed = []


def request():
    allowed.append(sum(bucket.allow() for _ in range(5)))


threads = [threading.Thread(target=request) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(allowed))
