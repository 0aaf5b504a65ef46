# expect: silent
"""The lock is taken in one method and released in another one."""

import threading


class Transaction:
    def __init__(self):
        self.lock = threading.Lock()
        self.rows = ()

    def begin(self):
        self.lock.acquire()

    def insert(self, row):
        self.rows = (*self.rows, row)

    def commit(self):
        self.lock.release()


table = Transaction()


def work(name):
    table.begin()
    table.insert(name)
    table.insert(name)
    table.commit()


threads = [threading.Thread(target=work, args=(name,)) for name in ("ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(table.rows))
