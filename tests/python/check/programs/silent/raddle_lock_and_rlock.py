# expect: silent
"""raddle's Lock and RLock."""

import raddle

lock, rlock = raddle.Lock(), raddle.RLock()
counts = {"lock": 0, "rlock": 0}


def work():
    for _ in range(30):
        with lock:
            counts["lock"] += 1
        with rlock, rlock:
            counts["rlock"] += 1


threads = [raddle.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts)
