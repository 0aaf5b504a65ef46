# expect: RD101 happened counts
"""Each access is under the lock, and yet the other thread's update fell between and was lost."""

import threading

lock = threading.Lock()
counts = {"a": 0}
has_read, has_written = threading.Event(), threading.Event()


def slow():
    with lock:
        value = counts["a"]
    has_read.set()
    has_written.wait()
    with lock:
        counts["a"] = value + 1


def quick():
    has_read.wait()
    with lock:
        counts["a"] += 1
    has_written.set()


threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts["a"])
