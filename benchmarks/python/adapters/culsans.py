"""culsans: queues between threads and asyncio; here only their side for threads."""

# mypy: disable-error-code="import-not-found,import-untyped"

from typing import Any

from culsans import LifoQueue, PriorityQueue, Queue

from .. import queues
from .._queue_rows import among_others, first_in_first_out, wake_ups


def queue() -> Any:
    """First in, first out."""
    return Queue().sync_q


ROWS = [
    *first_in_first_out("culsans Queue", queue),
    *first_in_first_out("culsans Queue(1024)", lambda: Queue(1024).sync_q),
    *wake_ups("culsans Queue", queue),
    among_others(queues.LIFO, "culsans LifoQueue", lambda: LifoQueue().sync_q),
    among_others(queues.PRIORITY, "culsans PriorityQueue", lambda: PriorityQueue().sync_q),
]
