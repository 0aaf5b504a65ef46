# expect: silent
"""Lazy creation under the lock each time."""

import threading

lock = threading.Lock()
handlers = {}


def handler(name):
    with lock:
        if name not in handlers:
            handlers[name] = []
        handlers[name].append(name)
        return len(handlers[name])


def work():
    for name in "abc":
        handler(name)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(handlers))
