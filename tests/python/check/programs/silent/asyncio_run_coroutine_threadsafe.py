# expect: silent
"""A thread asks a loop in another thread, and waits for the answer."""

import asyncio
import threading


class Service:
    def __init__(self):
        self.calls = 0

    async def ask(self, box):
        await asyncio.sleep(0)
        self.calls += 1
        box["answers"] += 1
        return box


service = Service()
loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever)
thread.start()


def work():
    box = {"answers": 0}
    for _ in range(5):
        asyncio.run_coroutine_threadsafe(service.ask(box), loop).result()
        box["answers"] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for worker in threads:
    worker.start()
for worker in threads:
    worker.join()
loop.call_soon_threadsafe(loop.stop)
thread.join()
loop.close()
print(service.calls)
