# expect: silent
"""The end of the `with` waits for all tasks, also for those whose futures nobody keeps."""

from concurrent.futures import ThreadPoolExecutor

totals = [0] * 4


def add(place):
    totals[place] += place


with ThreadPoolExecutor(4) as pool:
    for place in range(4):
        pool.submit(add, place)
for place in range(4):
    totals[place] += 1
print(totals)
