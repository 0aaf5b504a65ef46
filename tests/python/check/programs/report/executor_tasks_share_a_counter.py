# expect: RD101 processed
"""Tasks of a pool share a global. That one worker happened to run them all is luck."""

from concurrent.futures import ThreadPoolExecutor

processed = 0


def process(item):
    global processed
    processed += 1
    return item * 2


with ThreadPoolExecutor(4) as pool:
    results = list(pool.map(process, range(3)))
print(results)
