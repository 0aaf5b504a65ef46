# expect: silent
"""A class all of whose methods lock, dunder methods too."""

import threading


class SafeDict:
    def __init__(self):
        self._lock = threading.Lock()
        self._data = {}
        self._changes = 0

    def __setitem__(self, key, value):
        with self._lock:
            self._data[key] = value
            self._changes += 1

    def __getitem__(self, key):
        with self._lock:
            return self._data[key]

    def __delitem__(self, key):
        with self._lock:
            if key in self._data:
                del self._data[key]
                self._changes += 1

    def __iter__(self):
        with self._lock:
            return iter(sorted(self._data))


shared = SafeDict()


def work(base):
    for number in range(20):
        shared[base + number] = number
        shared[base + number]
        del shared[base + number - 1]


threads = [threading.Thread(target=work, args=(base,)) for base in (0, 100)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(list(shared))
