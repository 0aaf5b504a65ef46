"""The table of all blocking calls. With its entries here a new primitive runs through the whole matrix."""

from .call import BlockingCall
from .keyed import KEYED_CALLS
from .locks import LOCK_CALLS
from .once import ONCE_CALLS
from .queues import QUEUE_CALLS
from .rwlock import RWLOCK_CALLS
from .sync import SYNC_CALLS

CALLS: tuple[BlockingCall, ...] = (
    *QUEUE_CALLS,
    *LOCK_CALLS,
    *RWLOCK_CALLS,
    *SYNC_CALLS,
    *KEYED_CALLS,
    *ONCE_CALLS,
)

# Methods that take a timeout, and have no use for it.
NEVER_WAIT = {
    "SimpleQueue.put": "has no limit of items; takes a timeout for the sake of Queue.put",
    "SimpleQueue.put_many": "has no limit of items; takes a timeout for the sake of Queue.put_many",
}

# Methods that are others under another name.
SAME_AS = {"Lock.acquire_lock": "Lock.acquire", "Timer.join": "Thread.join"}


def find(name: str) -> BlockingCall:
    """The call of that name, also among those with planted faults."""
    for call in CALLS:
        if call.name == name:
            return call
    from .broken import BROKEN_CALLS  # Not needed by most, and costs them time.

    return next(call for call in BROKEN_CALLS if call.name == name)
