# expect: RD101 Progress.steps
"""A coroutine goes on while the function that it sent to a thread changes the same object."""

import asyncio
import time


class Progress:
    def __init__(self):
        self.steps = 0

    def step(self, delay):
        time.sleep(delay)
        self.steps += 1


async def main():
    progress = Progress()
    task = asyncio.create_task(asyncio.to_thread(progress.step, 0.02))
    await asyncio.sleep(0)
    progress.step(0)
    await task
    print(progress.steps)


asyncio.run(main())
