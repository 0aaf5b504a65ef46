# expect: RD101 Shop.sold
"""Both threads take a lock somewhere else, one after the other in this run. That protects nothing."""

import threading
import time


class Shop:
    def __init__(self):
        self.sold = 0
        self.log_lock = threading.Lock()
        self.log = {"ann": "", "bob": ""}

    def sell(self, who, delay):
        time.sleep(delay)
        with self.log_lock:
            self.log[who] = "sells"
        self.sold += 1
        with self.log_lock:
            self.log[who] = "sold"


shop = Shop()
threads = [
    threading.Thread(target=shop.sell, args=("ann", 0)),
    threading.Thread(target=shop.sell, args=("bob", 0.02)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(shop.sold)
