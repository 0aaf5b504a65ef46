# expect: RD101 hits
"""A variable of an enclosing function, by two inner functions in two threads."""

import threading
import time


def run():
    hits = 0

    def at_once():
        nonlocal hits
        hits += 1

    def later():
        nonlocal hits
        time.sleep(0.02)
        hits += 1

    threads = [threading.Thread(target=at_once), threading.Thread(target=later)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return hits


print(run())
