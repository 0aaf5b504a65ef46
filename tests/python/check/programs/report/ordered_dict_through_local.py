# expect: RD101 scores
"""The value goes through a local variable and a condition between the read and the write."""

import threading
import time
from collections import OrderedDict

scores = OrderedDict(ann=1, bob=2)


def score(name, points, delay):
    time.sleep(delay)
    current = scores[name]
    if points > 1:
        current = current * 2
    scores[name] = current + points


threads = [threading.Thread(target=score, args=("ann", 2, delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(scores["ann"])
