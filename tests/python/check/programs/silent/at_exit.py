# expect: silent
"""A function registered by atexit runs when the threads are through."""

import atexit
import threading

results = {"sum": 0}


def work():
    results["sum"] += 5


def report():
    results["sum"] += 1
    print(results)


atexit.register(report)
threading.Thread(target=work).start()
