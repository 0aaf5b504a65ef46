# expect: silent
"""The plain flag is set when the value is there: who sees the one sees the other, in CPython."""

import threading
import time


class Result:
    def __init__(self):
        self.ready = False


result = Result()


def compute():
    result.value = 42
    result.ready = True


def wait():
    while not result.ready:
        time.sleep(0.001)
    print(result.value)


threads = [threading.Thread(target=wait), threading.Thread(target=compute)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
