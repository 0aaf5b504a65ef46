"""Queue: workers that take jobs until there are no more, and a Ctrl-C that ends them."""

import threading

from raddle import AtomicInt, Queue, pin

jobs: Queue[int] = pin(Queue(maxsize=100))  # pinned by its creator: lives as long as the program
answers: Queue[tuple[int, int]] = pin(Queue())
most_waiting = AtomicInt()


def work() -> None:
    for number in jobs:  # waits for the next job; ends when the queue is shut down and empty
        answers.put((number, number * number))
        most_waiting.max(jobs.qsize())


workers = [threading.Thread(target=work) for _ in range(4)]
for worker in workers:
    worker.start()
try:
    for number in range(10_000):
        jobs.put(number)  # waits while the queue is full
except KeyboardInterrupt:
    jobs.shutdown(immediate=True)  # forget what nobody has begun
    raise
finally:
    jobs.shutdown()
    for worker in workers:
        worker.join()

assert dict(answers.drain()) == {number: number * number for number in range(10_000)}
assert most_waiting <= 100
print(f"10,000 jobs done, at most {most_waiting.get()} waited")
