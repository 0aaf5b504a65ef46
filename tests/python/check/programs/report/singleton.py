# expect: RD103 Settings._instance
"""A singleton in a class attribute."""

import threading
import time


class Settings:
    _instance = None

    def __init__(self):
        self.values = {}

    @classmethod
    def instance(cls):
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance


def use(delay):
    time.sleep(delay)
    Settings.instance()


threads = [threading.Thread(target=use, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(Settings.instance().values)
