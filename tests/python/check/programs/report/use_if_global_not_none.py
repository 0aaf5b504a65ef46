# expect: RD102 callback
"""A global that another thread sets to None after the check."""

import threading
import time

callback = len


def call():
    if callback is not None:
        callback("x")


def remove():
    global callback
    time.sleep(0.05)
    callback = None


threads = [threading.Thread(target=call), threading.Thread(target=remove)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(callback)
