# expect: silent
"""Each thread has objects, dicts, lists, cells and generators of its own."""

import threading


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def add(self, other):
        self.x += other.x
        self.y += other.y


def numbers(limit):
    number = 0
    while number < limit:
        yield number
        number += 1


def work(results):
    total, counts, seen = Vector(0, 0), {}, []

    def note(number):
        nonlocal total
        counts[number % 3] = counts.get(number % 3, 0) + 1
        if number not in seen:
            seen.append(number)
        total = Vector(total.x + number, total.y)

    for number in numbers(30):
        note(number)
        total.add(Vector(1, 1))
    while seen:
        seen.pop()
    results.append((total.x, total.y, sum(counts.values())))


results = []
threads = [threading.Thread(target=work, args=(results,)) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(results)
