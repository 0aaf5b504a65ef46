# expect: silent
"""The lock comes as an argument, under other names."""

import threading


def add(guard, numbers, target):
    for number in numbers:
        with guard:
            target["sum"] = target["sum"] + number


def run(mutex):
    target = {"sum": 0}
    threads = [threading.Thread(target=add, args=(mutex, range(20), target)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return target


print(run(threading.Lock()))
