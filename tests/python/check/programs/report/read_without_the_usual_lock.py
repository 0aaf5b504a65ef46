# expect: RD201 Ledger.entries_written
"""Everybody takes the lock, only the report does not."""

import threading
import time


class Ledger:
    def __init__(self):
        self.lock = threading.Lock()
        self.entries_written = 0

    def write(self, delay):
        time.sleep(delay)
        for _ in range(20):
            with self.lock:
                self.entries_written += 1

    def report(self):
        time.sleep(0.04)
        return self.entries_written


ledger = Ledger()
threads = [
    threading.Thread(target=ledger.write, args=(0,)),
    threading.Thread(target=ledger.write, args=(0.02,)),
    threading.Thread(target=ledger.report),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(ledger.entries_written)
