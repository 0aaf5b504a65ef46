# expect: RD101 total
"""Tasks of map() add to one table instead of returning what they counted."""

import time
from concurrent.futures import ThreadPoolExecutor

total = {"a": 0, "b": 0}


def count(text):
    for letter in text:
        if letter in total:
            total[letter] = total[letter] + 1
            time.sleep(0.001)


with ThreadPoolExecutor(2) as pool:
    list(pool.map(count, ["aab", "ba", "abc"]))
print(sorted(total))
