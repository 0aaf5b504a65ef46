# expect: silent
"""itertools.count gives each number once."""

import itertools
import threading


class Ticket:
    _numbers = itertools.count(1)

    def __init__(self):
        self.number = next(Ticket._numbers)


order = itertools.count()
tickets = []


def work():
    for _ in range(20):
        tickets.append(Ticket())
        next(order)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len({ticket.number for ticket in tickets}), next(order))
