# expect: silent
"""`get`, and setdefault if there was nothing: the one that came first is used by all."""

import threading
import time

connections = {}


class Connection:
    def __init__(self, host):
        self.host = host


def connect(host, delay):
    time.sleep(delay)
    connection = connections.get(host)
    if connection is None:
        connection = connections.setdefault(host, Connection(host))
    return connection.host


threads = [threading.Thread(target=connect, args=("db", delay)) for delay in (0, 0.02, 0)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(connections))
