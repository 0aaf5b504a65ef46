# expect: RD103 Plugins.loaded
"""`if not self.x`, then the first store; the value comes from a function."""

import threading
import time


def load():
    return {"spell": object()}


class Plugins:
    def __init__(self):
        self.loaded = None

    def all(self, delay):
        time.sleep(delay)
        if not self.loaded:
            self.loaded = load()
        return self.loaded


plugins = Plugins()
threads = [threading.Thread(target=plugins.all, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(list(plugins.loaded))
