# expect: silent
"""Two conditions share a lock, as in queue.Queue."""

import threading

lock = threading.Lock()
not_empty, not_full = threading.Condition(lock), threading.Condition(lock)
slot = {"item": None}


def put():
    for number in range(1, 30):
        with not_full:
            while slot["item"] is not None:
                not_full.wait()
            slot["item"] = number
            not_empty.notify()


def get(results):
    for _ in range(1, 30):
        with not_empty:
            while slot["item"] is None:
                not_empty.wait()
            item, slot["item"] = slot["item"], None
            not_full.notify()
        results.append(item)


results = []
threads = [threading.Thread(target=put), threading.Thread(target=get, args=(results,))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(results))
