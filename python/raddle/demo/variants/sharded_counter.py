"""Threads that increment one `ShardedCounter` per number."""

from typing import NamedTuple

from raddle import ShardedCounter, pin
from raddle.demo.share import Share
from raddle.demo.variant import Variant
from raddle.reports.findings import Totals


class Numbers(NamedTuple):
    files: ShardedCounter
    lines: ShardedCounter
    words: ShardedCounter
    bytes: ShardedCounter


class Sharded(Variant[Numbers]):
    order = 40
    title = "ShardedCounter"
    shows = "each thread adds in a place of its own; get() sums them up"
    pinned = True

    def make(self) -> Numbers:
        return Numbers(*(pin(ShardedCounter()) for _ in Numbers._fields))

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


VARIANT = Sharded()
