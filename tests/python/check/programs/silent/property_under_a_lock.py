# expect: silent
"""A property that takes the lock, used where it is held already."""

import threading


class Log:
    def __init__(self):
        self.lock = threading.RLock()
        self._lines = []

    @property
    def size(self):
        with self.lock:
            return len(self._lines)

    @size.setter
    def size(self, size):
        with self.lock:
            del self._lines[: len(self._lines) - size]

    def add(self, line):
        with self.lock:
            self._lines.append(line)
            if self.size > 3:
                self.size -= 1


log = Log()


def work(name):
    for number in range(10):
        log.add(f"{name} {number}")
        if log.size:
            log.size  # noqa: B018


threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(log.size)
