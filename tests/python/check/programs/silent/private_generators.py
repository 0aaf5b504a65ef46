# expect: silent
"""Generators and iterators that each thread has made for itself, over shared data that nobody changes."""

import threading

data = list(range(30))


def pairs(values):
    last = None
    for value in values:
        if last is not None:
            yield last, value
        last = value


def work(results):
    generator = pairs(data)
    first = next(generator)
    iterator = iter(data)
    next(iterator)
    results.append(sum(b - a for a, b in generator) + sum(iterator) + sum(first))


results = []
threads = [threading.Thread(target=work, args=(results,)) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(results)
