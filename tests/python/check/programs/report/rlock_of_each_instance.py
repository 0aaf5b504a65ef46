# expect: RD101 Session.open_sessions
"""Each instance has an RLock of its own; what they count together is in the class."""

import threading
import time


class Session:
    open_sessions = 0

    def __init__(self):
        self.lock = threading.RLock()

    def open(self, delay):
        time.sleep(delay)
        with self.lock:
            Session.open_sessions += 1


threads = [threading.Thread(target=Session().open, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(Session.open_sessions)
