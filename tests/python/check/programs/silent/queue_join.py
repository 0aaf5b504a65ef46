# expect: silent
"""After `join()` of a queue everything that was told by task_done() is done."""

import queue
import threading

jobs = queue.Queue()
totals = {"a": 0, "b": 0}


def work(name):
    while True:
        number = jobs.get()
        if number is None:
            break
        totals[name] += number
        jobs.task_done()


threads = [threading.Thread(target=work, args=(name,), daemon=True) for name in ("a", "b")]
for thread in threads:
    thread.start()
for number in range(30):
    jobs.put(number)
jobs.join()
for name in ("a", "b"):
    totals[name] += 1000
print(sum(totals.values()))
for _ in threads:
    jobs.put(None)
for thread in threads:
    thread.join()
