# expect: RD104 bids
"""`max` with a key function calls Python code for every element."""

import threading
import time

bids = {"ann": 10, "bob": 12}


def best():
    return max(bids, key=lambda name: bids[name])


def withdraw():
    time.sleep(0.05)
    del bids["ann"]


threads = [threading.Thread(target=best), threading.Thread(target=withdraw)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(bids)
