# expect: RD101 seen
"""collections.Counter looks as if it counted safely."""

import threading
import time
from collections import Counter

seen = Counter()


def look(delay):
    time.sleep(delay)
    for letter in "abc":
        seen[letter] += 1


threads = [threading.Thread(target=look, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(seen.items()))
