# expect: silent
"""A logger that functools.cache keeps, made before the threads; writing takes its lock."""

import functools
import threading


class Logger:
    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()
        self.lines = []
        self.written = 0

    def write(self, line):
        with self.lock:
            self.lines.append(f"{self.name}: {line}")
            self.written += 1


@functools.cache
def logger(name):
    return Logger(name)


logger("app")


def work(name):
    for number in range(10):
        logger("app").write(f"{name} {number}")


threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(logger("app").written, len(logger("app").lines))
