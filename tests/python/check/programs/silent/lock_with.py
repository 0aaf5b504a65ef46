# expect: silent
"""A counter under a lock."""

import threading


class Counter:
    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0

    def increment(self):
        for _ in range(100):
            with self.lock:
                self.value += 1


counter = Counter()
threads = [threading.Thread(target=counter.increment) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counter.value)
