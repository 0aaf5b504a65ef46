# expect: silent
"""A task submits the next one as its last act, on what it has built."""

import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(3)
finished = threading.Event()


def step(path):
    path["length"] += 1
    if path["length"] < 6:
        pool.submit(step, path)
    else:
        finished.set()


path = {"length": 0}
pool.submit(step, path)
finished.wait()
path["length"] += 1
pool.shutdown()
print(path)
