# expect: RD102 rows
"""`if len(rows) > n: rows[n]`, while another thread shortens the list."""

import threading
import time

rows = ["head", "first", "second"]


def show(number):
    if len(rows) > number:
        print(rows[number])


def shorten():
    time.sleep(0.05)
    rows.pop()


threads = [threading.Thread(target=show, args=(2,)), threading.Thread(target=shorten)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
