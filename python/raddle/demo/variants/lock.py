"""Threads that add with += while they hold one `threading.Lock`."""

from threading import Lock

from raddle.demo.share import Share
from raddle.demo.variant import Variant
from raddle.demo.variants.plain import Numbers
from raddle.reports.findings import Totals


class LockedNumbers(Numbers):
    def __init__(self) -> None:
        super().__init__()
        self.lock = Lock()


class Locked(Variant[LockedNumbers]):
    order = 20
    title = "threading.Lock"
    shows = "the same +=, inside one lock"

    def make(self) -> LockedNumbers:
        return LockedNumbers()

    def count(self, counters: LockedNumbers, share: Share) -> None:
        lock = counters.lock
        for text in share.texts():
            with lock:
                counters.files += 1
            for line in share.lines(text):
                with lock:
                    counters.lines += 1
                    counters.bytes += len(line)
                for _ in line.split():
                    with lock:
                        counters.words += 1

    def totals(self, counters: LockedNumbers) -> Totals:
        return Totals(counters.files, counters.lines, counters.words, counters.bytes)


VARIANT = Locked()
