# expect: RD104 groups
"""Reading a missing key of a defaultdict adds it, while another thread iterates."""

import threading
import time
from collections import defaultdict

groups = defaultdict(list)
groups["a"].append(1)


def largest():
    best = 0
    for members in groups.values():
        best = max(best, len(members))
    return best


def look():
    time.sleep(0.05)
    return groups["b"]


threads = [threading.Thread(target=largest), threading.Thread(target=look)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(groups))
