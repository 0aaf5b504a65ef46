# expect: RD102 prices
"""`d[k] if k in d else ...`, while another thread deletes the key."""

import threading
import time

prices = {"tea": 3, "milk": 2}


def price_of(name):
    return prices[name] * 2 if name in prices else 0


def shop():
    return price_of("tea") + price_of("milk")


def sell_out():
    time.sleep(0.05)
    del prices["tea"]


threads = [threading.Thread(target=shop), threading.Thread(target=sell_out)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(prices)
