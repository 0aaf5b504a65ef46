# expect: silent
"""Looked at without the lock, and again under it before anything is taken away."""

import threading


class Outbox:
    def __init__(self):
        self.lock = threading.Lock()
        self.letters = [str(number) for number in range(30)]
        self.dirty = False
        self.flushed = 0

    def send(self):
        while self.letters:
            with self.lock:
                if self.letters:
                    self.letters.pop()
                    self.dirty = True
            self.flush()

    def flush(self):
        if self.dirty:
            with self.lock:
                if self.dirty:
                    self.dirty = False
                    self.flushed += 1


outbox = Outbox()
threads = [threading.Thread(target=outbox.send) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(outbox.letters), outbox.dirty)
