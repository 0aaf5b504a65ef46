# expect: RD104 scores
"""The same the other way round: the key is added first in this run, and nothing says it had to be."""

import threading
import time

scores = {"ann": 1, "bob": 2}


def join(name):
    scores[name] = 0


def total():
    time.sleep(0.05)
    return [points * 2 for points in scores.values()]


threads = [threading.Thread(target=join, args=("eve",)), threading.Thread(target=total)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(scores)
