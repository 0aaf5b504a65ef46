# expect: silent
"""Each thread has its own keys of one dict."""

import threading

counts = {}


def work(name):
    counts[name] = 0
    for _ in range(50):
        counts[name] += 1
    if name in counts and counts[name] > 100:
        del counts[name]


threads = [threading.Thread(target=work, args=(name,)) for name in ("ann", "bob", "eve")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(counts.items()))
