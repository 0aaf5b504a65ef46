# expect: silent
"""`is_set()` orders as `wait()` does, and so does `wait` with a time limit that finds it set."""

import threading
import time

stop = threading.Event()
counts = {"steps": 0}


def work():
    counts["steps"] += 5
    stop.set()


def watch():
    while not stop.is_set():
        time.sleep(0.001)
    counts["steps"] += 1


def watch_too(thread):
    while not stop.wait(0.002):
        pass
    thread.join()
    counts["steps"] += 1


first = threading.Thread(target=watch)
threads = [first, threading.Thread(target=watch_too, args=(first,)), threading.Thread(target=work)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts)
