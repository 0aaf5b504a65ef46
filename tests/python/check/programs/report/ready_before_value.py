# expect: RD105 Result.value
"""The flag is set before the value that it announces."""

import threading
import time


class Result:
    def __init__(self):
        self.ready = False


result = Result()


def compute():
    result.ready = True
    result.value = 42


def wait():
    time.sleep(0.03)
    if result.ready:
        print(result.value)


threads = [threading.Thread(target=compute), threading.Thread(target=wait)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
