# expect: silent
"""A thread hands its result to the loop by call_soon_threadsafe."""

import asyncio
import threading


class Connection:
    def __init__(self):
        self.received = 0

    def receive(self, box, future):
        self.received += box["bytes"]
        box["bytes"] = 0
        if not future.done():
            future.set_result(None)


def work(loop, connection, future):
    box = {"bytes": 0}
    box["bytes"] += 20
    loop.call_soon_threadsafe(connection.receive, box, future)


async def main():
    loop = asyncio.get_running_loop()
    connection, future = Connection(), loop.create_future()
    thread = threading.Thread(target=work, args=(loop, connection, future))
    thread.start()
    connection.received += 1
    await future
    connection.received += 1
    thread.join()
    print(connection.received)


asyncio.run(main())
