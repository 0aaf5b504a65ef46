# expect: RD103 Engine.model
"""Double-checked locking without the second check: the lock makes one wait, and then make another one."""

import threading
import time


class Engine:
    def __init__(self):
        self.lock = threading.Lock()
        self.model = None

    def get(self, delay):
        time.sleep(delay)
        if self.model is None:
            with self.lock:
                self.model = ["loaded"]
        return self.model


engine = Engine()
threads = [threading.Thread(target=engine.get, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(engine.model)
