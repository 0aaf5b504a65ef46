# expect: RD201 Valve.position
"""All stores but one hold the lock."""

import threading
import time


class Valve:
    def __init__(self):
        self.lock = threading.Lock()
        self.position = "closed"

    def drive(self, delay):
        time.sleep(delay)
        for position in ["half", "open", "half", "closed"] * 5:
            with self.lock:
                self.position = position

    def emergency(self):
        time.sleep(0.04)
        self.position = "closed"


valve = Valve()
threads = [
    threading.Thread(target=valve.drive, args=(0,)),
    threading.Thread(target=valve.drive, args=(0.02,)),
    threading.Thread(target=valve.emergency),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(valve.position)
