# expect: silent
"""Double-checked locking that returns early."""

import threading
import time

_table = None
_lock = threading.Lock()


def table():
    global _table
    if _table is not None:
        return _table
    with _lock:
        if _table is None:
            _table = {number: number * number for number in range(10)}
        return _table


def work(delay):
    time.sleep(delay)
    for number in range(10):
        assert table()[number] == number * number


threads = [threading.Thread(target=work, args=(delay,)) for delay in (0, 0.01, 0.01)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(table()))
