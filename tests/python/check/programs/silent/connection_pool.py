# expect: silent
"""A semaphore limits, a list hands the connections out: each is used by one thread at a time."""

import threading


class Connection:
    def __init__(self):
        self.uses = 0


free = [Connection(), Connection()]
everything = list(free)
limit = threading.BoundedSemaphore(2)


def work():
    for _ in range(20):
        with limit:
            connection = free.pop()
            connection.uses += 1
            free.append(connection)


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(connection.uses for connection in everything))
