# expect: silent
"""await to_thread: the coroutine goes on when the function is through."""

import asyncio


class Progress:
    def __init__(self):
        self.steps = 0

    def step(self):
        self.steps += 1


async def main():
    progress = Progress()
    for _ in range(5):
        progress.step()
        await asyncio.to_thread(progress.step)
    print(progress.steps)


asyncio.run(main())
