# expect: RD104 scores
"""A `for` over a dict, and another thread that adds a key: RuntimeError when they meet."""

import threading
import time

scores = {"ann": 1, "bob": 2}


def total():
    result = 0
    for name in scores:
        result += len(name)
    return result


def join(name):
    time.sleep(0.05)
    scores[name] = 0


threads = [threading.Thread(target=total), threading.Thread(target=join, args=("eve",))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(scores)
