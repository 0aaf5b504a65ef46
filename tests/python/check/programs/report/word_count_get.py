# expect: RD101 counts
"""`d[k] = d.get(k, 0) + 1`, the usual word count, on one dict for all threads."""

import threading
import time

counts = {}


def count(text, delay):
    time.sleep(delay)
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1


threads = [
    threading.Thread(target=count, args=("to be or not", 0)),
    threading.Thread(target=count, args=("not now", 0.02)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(counts.items()))
