# expect: RD103 listeners
"""`if k not in d: d[k] = []`, and then both append: one list and what is in it can be lost."""

import threading
import time

listeners = {}


def listen(topic, name, delay):
    time.sleep(delay)
    if topic not in listeners:
        listeners[topic] = []
    listeners[topic].append(name)


threads = [
    threading.Thread(target=listen, args=("news", "ann", 0)),
    threading.Thread(target=listen, args=("news", "bob", 0.02)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(listeners)
