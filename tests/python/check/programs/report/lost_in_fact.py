# expect: RD101 happened Counter.value
"""Events force the worst order: the update of the other thread falls between read and write and is lost."""

import threading


class Counter:
    def __init__(self):
        self.value = 0


counter = Counter()
has_read, has_written = threading.Event(), threading.Event()


def slow():
    value = counter.value
    has_read.set()
    has_written.wait()
    counter.value = value + 1


def quick():
    has_read.wait()
    counter.value += 1
    has_written.set()


threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counter.value)
