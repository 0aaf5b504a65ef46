# expect: RD102 handlers
"""`.get(k) is not None`, then `d[k]` all the same."""

import threading
import time

handlers = {"open": len, "close": abs}


def dispatch(name, argument):
    if handlers.get(name) is not None:
        handlers[name](argument)


def unregister(name):
    time.sleep(0.05)
    handlers.pop(name, None)


threads = [
    threading.Thread(target=dispatch, args=("open", "x")),
    threading.Thread(target=unregister, args=("open",)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(handlers))
