# expect: RD105 Database.tables
"""Double-checked, but stored before it is opened: who finds it does not wait."""

import threading
import time


class Database:
    def open(self):
        self.tables = ["people"]


class Application:
    def __init__(self):
        self.lock = threading.Lock()
        self._database = None

    def database(self):
        if self._database is None:
            with self.lock:
                if self._database is None:
                    self._database = Database()
                    self._database.open()
        return self._database


application = Application()


def work(delay):
    time.sleep(delay)
    return application.database().tables


threads = [threading.Thread(target=work, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(application.database().tables)
