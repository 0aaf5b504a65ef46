# expect: silent
"""Tasks of one loop change shared state between their awaits, never across one."""

import asyncio


class Stats:
    def __init__(self):
        self.done = 0
        self.by_name = {}


async def work(stats, name):
    for _ in range(5):
        await asyncio.sleep(0)
        stats.done += 1
        stats.by_name[name] = stats.by_name.get(name, 0) + 1


async def main():
    stats = Stats()
    await asyncio.gather(*(work(stats, name) for name in "abc"))
    print(stats.done, stats.by_name)


asyncio.run(main())
