"""The queues of raddle under the names of the standard library's module `queue`.

`from raddle import queue` in place of `import queue` is all that a program has to change. The exceptions are
the standard library's own, so that `except queue.Empty` catches them whichever module it names. `ShutDown`
came with Python 3.13; before that it is raddle's.
"""

from queue import Empty, Full

from raddle._raddle import LifoQueue, PriorityQueue, Queue, ShutDown, SimpleQueue

__all__ = [
    "Empty",
    "Full",
    "LifoQueue",
    "PriorityQueue",
    "Queue",
    "ShutDown",
    "SimpleQueue",
]
