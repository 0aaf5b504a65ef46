# expect: silent
"""raddle's Semaphore and BoundedSemaphore."""

import raddle

mutex, there = raddle.BoundedSemaphore(1), raddle.Semaphore(0)
counts = {"mutex": 0}
box = {"value": 0}


def work():
    for _ in range(30):
        with mutex:
            counts["mutex"] += 1


def fill():
    box["value"] += 1
    there.release()


def use():
    there.acquire()
    box["value"] += 1


threads = [raddle.Thread(target=target) for target in (work, use, work, fill)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts, box)
