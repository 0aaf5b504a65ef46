# expect: silent
"""Each thread has its own part of one list."""

import threading

cells = [0] * 30


def work(start):
    for place in range(start, len(cells), 3):
        cells[place] += place
        cells[place] = cells[place] * 2


threads = [threading.Thread(target=work, args=(start,)) for start in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(cells))
