# expect: silent
"""A pool of one worker runs its tasks one after the other: a common way to keep state in one thread."""

from concurrent.futures import ThreadPoolExecutor

log = {"lines": 0}


def write():
    log["lines"] += 1


with ThreadPoolExecutor(max_workers=1) as pool:
    for _ in range(20):
        pool.submit(write)
print(log)
