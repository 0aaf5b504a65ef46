"""Dense: each thread counts words in a dict of its own, which are added up under a lock."""

import threading

from _workload import finish, in_threads, scaled

WORDS = [f"word{number * number % 997}" for number in range(5_000)]
lock = threading.Lock()
totals = {}


def work(number, times):
    counts = {}
    for turn in range(times):
        word = WORDS[(turn * 7 + number) % 5_000]
        if word not in counts:
            counts[word] = 0
        counts[word] += 1
    with lock:
        for word, count in counts.items():
            totals[word] = totals.get(word, 0) + count


in_threads(work, scaled(600_000))
finish((len(totals), sum(totals.values())))
