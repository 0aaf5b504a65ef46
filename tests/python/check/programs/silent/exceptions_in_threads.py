# expect: silent
"""Locks are given back, and orders kept, when exceptions fly."""

import threading

lock = threading.Lock()
counts = {"tries": 0, "failures": 0}


def work():
    for number in range(20):
        try:
            with lock:
                counts["tries"] += 1
                if number % 2:
                    raise ValueError(number)
        except ValueError:
            with lock:
                counts["failures"] += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts)
