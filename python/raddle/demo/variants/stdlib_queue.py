"""Threads that get the lines by a `queue.Queue`."""

from queue import Queue

from raddle.demo.hand_over import HandOver, PieceQueue


class StdlibQueue(HandOver):
    order = 50
    title = "queue.Queue"
    shows = "lines come from one more thread, 4 at a time; counts are local"

    def make_queue(self, maxsize: int) -> PieceQueue:
        return Queue(maxsize)


VARIANT = StdlibQueue()
