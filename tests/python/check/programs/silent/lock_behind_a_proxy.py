# expect: silent
"""A class of the program's own that wraps a lock and counts its uses."""

import threading


class CountingLock:
    def __init__(self):
        self._inner = threading.Lock()
        self.uses = 0

    def __enter__(self):
        self._inner.acquire()
        self.uses += 1
        return self

    def __exit__(self, *details):
        self._inner.release()

    def __getattr__(self, name):
        return getattr(self._inner, name)


lock = CountingLock()
log = ""


def write(text):
    global log
    for _ in range(20):
        with lock:
            log = log + text


threads = [threading.Thread(target=write, args=(text,)) for text in "ab"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(log), lock.uses, lock.locked())
