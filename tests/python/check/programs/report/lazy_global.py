# expect: RD103 _pool
"""A module's lazily made global."""

import threading
import time

_pool = None


def pool(delay):
    global _pool
    time.sleep(delay)
    if _pool is None:
        _pool = ["connection"]
    return _pool


threads = [threading.Thread(target=pool, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(_pool)
