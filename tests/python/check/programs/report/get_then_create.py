# expect: RD103 connections
"""`v = d.get(k); if v is None: v = d[k] = ...`."""

import threading
import time


class Connection:
    def __init__(self, host):
        self.host = host


connections = {}


def connect(host, delay):
    time.sleep(delay)
    connection = connections.get(host)
    if connection is None:
        connection = Connection(host)
        connections[host] = connection
    return connection


threads = [threading.Thread(target=connect, args=("db", delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(list(connections))
