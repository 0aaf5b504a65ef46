# expect: RD103 _logger
"""A module's logger, made by whoever writes first; each has lines of its own."""

import threading
import time


class Logger:
    def __init__(self):
        self.lines = []

    def write(self, line):
        self.lines.append(line)


_logger = None


def logger():
    global _logger
    if _logger is None:
        _logger = Logger()
    return _logger


def work(name, delay):
    time.sleep(delay)
    logger().write(name)


threads = [threading.Thread(target=work, args=(name, delay)) for name, delay in (("a", 0), ("b", 0.02))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(logger().lines) > 0)
