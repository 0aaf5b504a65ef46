"""Mostly in C: documents are encoded and decoded in a pool of threads."""

import json
from concurrent.futures import ThreadPoolExecutor

from _workload import THREADS, finish, scaled


def document(number):
    return {
        "number": number,
        "tags": [f"tag {tag}" for tag in range(number % 50)],
        "values": {str(value): value / 7 for value in range(200)},
        "text": "to be or not to be " * 20,
    }


def work(number):
    text = json.dumps(document(number), sort_keys=True)
    back = json.loads(text)
    return len(text) + len(back["tags"])


with ThreadPoolExecutor(THREADS) as pool:
    total = sum(pool.map(work, range(scaled(3_500))))
finish(total)
