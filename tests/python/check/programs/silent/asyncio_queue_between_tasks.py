# expect: silent
"""An asyncio queue hands objects from task to task."""

import asyncio


async def produce(jobs):
    for number in range(10):
        await jobs.put({"number": number})
    await jobs.put(None)


async def consume(jobs):
    total = 0
    while (job := await jobs.get()) is not None:
        job["number"] += 1
        total += job["number"]
    return total


async def main():
    jobs = asyncio.Queue(2)
    _, total = await asyncio.gather(produce(jobs), consume(jobs))
    print(total)


asyncio.run(main())
