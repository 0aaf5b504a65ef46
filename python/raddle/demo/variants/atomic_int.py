"""Threads that increment one `AtomicInt` per number."""

from typing import NamedTuple

from raddle import AtomicInt, pin
from raddle.demo.share import Share
from raddle.demo.variant import Variant
from raddle.reports.findings import Totals


class Numbers(NamedTuple):
    files: AtomicInt
    lines: AtomicInt
    words: AtomicInt
    bytes: AtomicInt


class Atomic(Variant[Numbers]):
    order = 30
    title = "AtomicInt"
    shows = "each number is one atomic integer that all threads increment"
    pinned = True

    def make(self) -> Numbers:
        return Numbers(*(pin(AtomicInt()) for _ in Numbers._fields))

    def count(self, counters: Numbers, share: Share) -> None:
        files, lines, words, size = counters
        for text in share.texts():
            files.increment()
            for line in share.lines(text):
                lines.increment()
                size.increment(len(line))
                for _ in line.split():
                    words.increment()

    def totals(self, counters: Numbers) -> Totals:
        return Totals(*(number.get() for number in counters))


VARIANT = Atomic()
