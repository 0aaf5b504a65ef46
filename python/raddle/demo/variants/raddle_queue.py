"""Threads that get the lines by a `raddle.Queue`."""

from raddle import Queue
from raddle.demo.hand_over import HandOver, PieceQueue


class RaddleQueue(HandOver):
    order = 60
    title = "raddle.Queue"
    shows = "the same, with raddle's queue"

    def make_queue(self, maxsize: int) -> PieceQueue:
        return Queue(maxsize)


VARIANT = RaddleQueue()
