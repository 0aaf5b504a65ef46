# expect: RD103 Registry._instance
"""A singleton by `__new__`."""

import threading
import time


class Registry:
    _instance = None

    def __new__(cls):
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance


def use(delay):
    time.sleep(delay)
    Registry()


threads = [threading.Thread(target=use, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(Registry() is Registry())
