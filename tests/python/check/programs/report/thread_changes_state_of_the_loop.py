# expect: RD101 Connection.pending
"""A thread that should have used call_soon_threadsafe changes the loop's object itself."""

import asyncio
import threading


class Connection:
    def __init__(self):
        self.pending = 0

    def add(self):
        self.pending += 1


async def main():
    connection = Connection()
    thread = threading.Thread(target=connection.add)
    thread.start()
    await asyncio.sleep(0.02)
    connection.add()
    thread.join()
    print(connection.pending)


asyncio.run(main())
