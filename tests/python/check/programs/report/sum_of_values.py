# expect: RD104 stock
"""`sum` iterates in C."""

import threading
import time

stock = {"tea": 3, "milk": 2}


def count():
    return sum(stock.values())


def deliver():
    time.sleep(0.05)
    stock["sugar"] = 5


threads = [threading.Thread(target=count), threading.Thread(target=deliver)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(stock)
