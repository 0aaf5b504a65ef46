# expect: silent
"""The semaphore counts the connections, a deque keeps them, and users change them while they have them."""

import collections
import contextlib
import threading


class Connection:
    def __init__(self):
        self.sent = 0

    def send(self):
        self.sent += 1


class Pool:
    def __init__(self, size):
        self.free = threading.Semaphore(size)
        self.lock = threading.Lock()
        self.idle = collections.deque(Connection() for _ in range(size))

    @contextlib.contextmanager
    def connection(self):
        with self.free:
            with self.lock:
                connection = self.idle.popleft()
            try:
                yield connection
            finally:
                with self.lock:
                    self.idle.append(connection)


pool = Pool(2)


def work():
    for _ in range(10):
        with pool.connection() as connection:
            connection.send()


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(connection.sent for connection in pool.idle))
