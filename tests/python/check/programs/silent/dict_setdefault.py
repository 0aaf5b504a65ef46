# expect: silent
"""setdefault is atomic: all get the same lock, and what is in it is protected by it."""

import threading


class Entry:
    def __init__(self):
        self.lock = threading.Lock()
        self.count = 0


entries = {}


def work():
    for number in range(20):
        entry = entries.setdefault(number % 3, Entry())
        with entry.lock:
            entry.count += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(entry.count for entry in entries.values()))
