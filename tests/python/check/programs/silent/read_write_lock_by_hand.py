# expect: silent
"""A lock for many readers or one writer, written by hand: readers do not write, writers are alone."""

import threading


class ReadWriteLock:
    def __init__(self):
        self._changed = threading.Condition()
        self._readers = 0

    def acquire_read(self):
        with self._changed:
            self._readers += 1

    def release_read(self):
        with self._changed:
            self._readers -= 1
            if not self._readers:
                self._changed.notify_all()

    def acquire_write(self):
        self._changed.acquire()
        while self._readers:
            self._changed.wait()

    def release_write(self):
        self._changed.release()


lock = ReadWriteLock()
table = {"a": 1}


def read():
    for _ in range(20):
        lock.acquire_read()
        try:
            sum(table.values())
        finally:
            lock.release_read()


def write():
    for number in range(20):
        lock.acquire_write()
        try:
            table[number] = number
            table["a"] += 1
        finally:
            lock.release_write()


threads = [threading.Thread(target=target) for target in (read, write, read, write)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(table["a"])
