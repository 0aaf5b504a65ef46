"""What the variants that hand lines over by a queue have in common: everything but the class of the queue."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import astuple
from typing import NamedTuple, Protocol

from raddle.demo.share import Share
from raddle.demo.variant import Job, Variant
from raddle.reports.findings import Totals

_LINES = 4  # in one piece. One by one, queue.Queue would take most of the tour's time
_PIECES = 1000  # that may wait in the queue


class PieceQueue(Protocol):
    """A queue of pieces. None comes after the last one."""

    def put(self, item: list[bytes] | None, /) -> None: ...
    def get(self) -> list[bytes] | None: ...


class Desk(NamedTuple):
    queue: PieceQueue
    counted: list[Totals]  # one for each thread that is through


class HandOver(Variant[Desk]):
    """One thread puts pieces of the corpus into a queue. The workers get them, and count for themselves."""

    handed = True

    @abstractmethod
    def make_queue(self, maxsize: int) -> PieceQueue:
        """The queue to be shown."""

    def make(self) -> Desk:
        return Desk(self.make_queue(_PIECES), [])

    def jobs(self, texts: Sequence[bytes], workers: int) -> list[Job[Desk]]:
        # The feeder first: where it cannot be started, nobody is, and nobody waits for it.
        return [(self.feed, Share(texts)), *((self.count, Share(())) for _ in range(workers))]

    def feed(self, desk: Desk, share: Share) -> None:
        """Hand out the texts of the share."""
        files, put = 0, desk.queue.put
        try:
            for text in share.texts():
                files += 1
                for piece in share.pieces(text, _LINES):
                    put(piece)
        finally:
            put(None)
        desk.counted.append(Totals(files, 0, 0, 0))

    def count(self, desk: Desk, share: Share) -> None:
        """Count what comes by the queue; a stop comes by it as well, as its end. The share is empty."""
        lines = words = size = 0
        pieces = iter(desk.queue.get, None)
        try:
            for piece in pieces:
                for line in piece:
                    lines += 1
                    size += len(line)
                    for _ in line.split():
                        words += 1
        finally:
            for _ in pieces:
                pass  # Some are left only after a failure: the feeder must not wait for room for ever.
            desk.queue.put(None)  # for the next worker
        desk.counted.append(Totals(0, lines, words, size))

    def totals(self, desk: Desk) -> Totals:
        return Totals(*map(sum, zip(*map(astuple, desk.counted), strict=True)))
