"""LifoQueue: a pool of connections, of which the one used last is taken first: it is still warm."""

import threading
from queue import Empty

from raddle import AtomicInt, LifoQueue

opened = AtomicInt()
calls = AtomicInt()
pool: LifoQueue["Connection"] = LifoQueue()


class Connection:
    def __init__(self) -> None:
        self.number = opened.increment()

    def call(self) -> None:
        calls.increment()


def serve() -> None:
    for _ in range(1000):
        try:
            connection = pool.get_nowait()
        except Empty:
            connection = Connection()
        connection.call()
        pool.put(connection)


threads = [threading.Thread(target=serve) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

assert calls == 4000
assert opened <= 4, "never more than there are threads"
idle = pool.drain()
assert len(idle) == opened
print(f"{calls.get()} calls, connections opened: {len(idle)}")
