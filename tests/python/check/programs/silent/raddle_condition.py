# expect: silent
"""raddle's Condition."""

import raddle

condition = raddle.Condition()
items = []
taken = {"sum": 0}


def produce():
    for number in range(30):
        with condition:
            items.append(number)
            condition.notify()


def consume():
    for _ in range(30):
        with condition:
            while not items:
                condition.wait()
            taken["sum"] += items.pop()


threads = [raddle.Thread(target=consume), raddle.Thread(target=produce)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(taken)
