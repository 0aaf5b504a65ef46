# expect: silent
"""Double-checked, and stored when it is complete."""

import threading


class Database:
    def __init__(self):
        self.tables = []

    def open(self):
        self.tables.append("people")
        self.name = "main"


class Application:
    def __init__(self):
        self.lock = threading.Lock()
        self._database = None

    @property
    def database(self):
        if self._database is None:
            with self.lock:
                if self._database is None:
                    database = Database()
                    database.open()
                    self._database = database
        return self._database


application = Application()


def work():
    for _ in range(20):
        assert application.database.tables == ["people"]
        assert application.database.name == "main"


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(application.database.name)
