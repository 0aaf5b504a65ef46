"""Event: a thread that reports now and then until it is told to stop, and stops at once."""

import threading

from raddle import AtomicInt, Event

stop = Event(name="stop")
done = AtomicInt()
reports: list[int] = []


def report() -> None:
    while not stop.wait(timeout=0.005):  # sleeps, but no longer than until it is set
        reports.append(done.get())


reporter = threading.Thread(target=report)
reporter.start()
while len(reports) < 3:
    done.increment()
stop.set()
reporter.join()
print(f"{len(reports)} reports; {done.get():,} things done")
