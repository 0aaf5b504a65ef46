"""Threads that add with += to attributes of one shared object."""

from raddle.demo.share import Share
from raddle.demo.variant import Variant
from raddle.reports.findings import Totals


class Numbers:
    def __init__(self) -> None:
        self.files = 0
        self.lines = 0
        self.words = 0
        self.bytes = 0


class Plain(Variant[Numbers]):
    order = 10
    title = "plain +="
    shows = "threads add to shared attributes, unprotected"
    must_be_right = False

    def make(self) -> Numbers:
        return Numbers()

    def count(self, counters: Numbers, share: Share) -> None:
        for text in share.texts():
            counters.files += 1
            for line in share.lines(text):
                counters.lines += 1
                counters.bytes += len(line)
                for _ in line.split():
                    counters.words += 1

    def totals(self, counters: Numbers) -> Totals:
        return Totals(counters.files, counters.lines, counters.words, counters.bytes)


VARIANT = Plain()
