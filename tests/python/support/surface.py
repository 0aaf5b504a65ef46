"""The table of everything public: several tests walk over it, one checks that nothing is missing.

A new class needs an Offer in a module surface_SUBJECT.py, a new method a Row of its class's offer. It is then
checked for its signature, its documentation, leaks of references and memory, and failing allocations.
"""

from typing import Any

from raddle import Thread, Timer, local

from .rows import Arguments, Offer, Row
from .surface_atomics import ATOMIC_OFFERS
from .surface_keyed import KEYED_OFFERS
from .surface_locks import LOCK_OFFERS
from .surface_once import ONCE_OFFERS
from .surface_queues import QUEUE_OFFERS
from .surface_rwlock import RWLOCK_OFFERS
from .surface_sync import SYNC_OFFERS

OFFERS: tuple[Offer, ...] = (
    *ATOMIC_OFFERS,
    *QUEUE_OFFERS,
    *LOCK_OFFERS,
    *RWLOCK_OFFERS,
    *SYNC_OFFERS,
    *KEYED_OFFERS,
    *ONCE_OFFERS,
)
# What has no rows: the classes of `threading`, extended or as they are.
OF_THREADING: tuple[type[Any], ...] = (Thread, Timer, local)

CLASSES: tuple[type[Any], ...] = tuple(offer.cls for offer in OFFERS)
ROWS: tuple[Row, ...] = tuple(row for offer in OFFERS for row in offer.rows(offer.cls))


def rows_of(cls: type[Any]) -> list[Row]:
    return [row for row in ROWS if row.cls is cls]


def constructions(cls: type[Any]) -> tuple[Arguments, ...]:
    """Arguments with which objects of the class are made."""
    return next(offer.constructions for offer in OFFERS if offer.cls is cls)
