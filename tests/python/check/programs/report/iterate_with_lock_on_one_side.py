# expect: RD104 subscribers
"""Who adds takes the lock, who iterates does not."""

import threading
import time

lock = threading.Lock()
subscribers = {"ann": 1}


def notify():
    for name in subscribers:
        len(name)


def subscribe(name):
    time.sleep(0.05)
    with lock:
        subscribers[name] = 2


threads = [threading.Thread(target=notify), threading.Thread(target=subscribe, args=("bob",))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(subscribers)
