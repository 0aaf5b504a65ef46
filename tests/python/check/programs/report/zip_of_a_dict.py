# expect: RD104 columns
"""`zip` goes on iterating the dict while its result is used."""

import threading
import time

columns = {"a": 1, "b": 2}


def number():
    return [f"{number}{column}" for number, column in zip(range(9), columns, strict=False)]


def add():
    time.sleep(0.05)
    columns["c"] = 3


threads = [threading.Thread(target=number), threading.Thread(target=add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(number())
