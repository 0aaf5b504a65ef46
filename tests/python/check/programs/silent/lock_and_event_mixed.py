# expect: silent
"""Under the lock by the workers, and without it by main, when they have all said that they are through."""

import threading

lock = threading.Lock()
through = [threading.Event() for _ in range(3)]
totals = {"sum": 0}


def work(number):
    for _ in range(20):
        with lock:
            totals["sum"] += 1
    through[number].set()


threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
for event in through:
    event.wait()
totals["sum"] += 1
print(totals)
for thread in threads:
    thread.join()
