# expect: silent
"""run_in_executor with a pool of one's own, gathered: each task has its own part."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def fill(part, number):
    for _ in range(10):
        part["sum"] += number
    return part


async def main():
    loop = asyncio.get_running_loop()
    parts = [{"sum": 0} for _ in range(4)]
    with ThreadPoolExecutor(3) as pool:
        calls = [loop.run_in_executor(pool, fill, part, number) for number, part in enumerate(parts)]
        for part in await asyncio.gather(*calls):
            part["sum"] += 1
    print([part["sum"] for part in parts])


asyncio.run(main())
