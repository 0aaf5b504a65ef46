"""The rows about queues, for the adapters: the same code for all rivals, in the words of each."""

from collections.abc import Callable
from dataclasses import dataclass
from queue import Full
from typing import Any

from . import queues
from .harness.model import Role, Row

Make = Callable[[], Any]


def one_more_or_less(obj: Any) -> None:
    """Lets a thread go on that waits for an item or for room."""
    try:
        obj.put_nowait(0)
    except Full:
        obj.get_nowait()


@dataclass(frozen=True)
class Words:
    """What a rival calls the methods, and how a thread that waits for ever is released."""

    put: str = "put"
    get: str = "get"
    size: str = "qsize"
    release: Callable[[Any], object] | None = one_more_or_less

    def length(self, obj: Any) -> object:
        """How many items are in a queue."""
        return getattr(obj, self.size)()


USUAL = Words()

BATCH = f"batch = [None] * {queues.BATCH_SIZE}"
SINGLE_PUTS = Role("for item in batch: obj.put(item)", bind=BATCH)
SINGLE_GETS = Role("for item in batch: obj.get()", bind=BATCH)
PUT_MANY = Role("obj.put_many(batch)", bind=BATCH)
# A batch may come in parts, or with the beginning of the next one.
GET_MANY = Role(
    f"want += {queues.BATCH_SIZE}\nwhile got < want: got += len(obj.get_many({queues.BATCH_SIZE}))",
    bind="got = want = 0",
    after="last = got",
)

# Long enough to be asleep in get again, and to have given up any spinning before.
UNTIL_ASLEEP = "sleep(0.0005)"
PUT_TIME = Role(f"{UNTIL_ASLEEP}\nobj.put(clock())", bind="from time import sleep")
NOTE_DELAY = Role(
    "sent = obj.get()\nnote(clock() - sent)", bind="delays = []\nnote = delays.append", after="last = delays"
)


def put_get(name: str, make: Make, words: Words = USUAL) -> Row:
    """Each thread puts and gets."""
    return _alone(
        queues.PUT_GET, name, make, Role(f"obj.{words.put}(None)"), Role(f"obj.{words.get}()"), words
    )


def first_in_first_out(name: str, make: Make, words: Words = USUAL) -> list[Row]:
    """All questions about single items."""
    put, get = Role(f"obj.{words.put}(None)"), Role(f"obj.{words.get}()")
    # Two producers, the threads 0 and 2, share the numbers: even ones and odd ones.
    put_new = Role(f"obj.{words.put}((number,))\nnumber += 2", bind="number = thread // 2")
    keep = Role(f"keep(obj.{words.get}()[0])", bind="kept = []\nkeep = kept.append", after="last = kept")
    return [
        put_get(name, make, words),
        *(
            _handed(question, name, make, put, get, words)
            for question in (queues.ONE_TO_ONE, queues.TWO_TO_TWO)
        ),
        *(
            _handed(question, name, make, put_new, keep, words)
            for question in (queues.ONE_TO_ONE_FRESH, queues.TWO_TO_TWO_FRESH)
        ),
    ]


def single_calls(question: str, name: str, make: Make) -> Row:
    """A batch, item by item."""
    return _batch(question, name, make, SINGLE_PUTS, SINGLE_GETS)


def many(question: str, name: str, make: Make) -> Row:
    """A batch by put_many and get_many."""
    return _batch(question, name, make, PUT_MANY, GET_MANY)


def wake_ups(name: str, make: Make) -> list[Row]:
    """The questions about waking."""
    return [
        _handed(question, name, make, PUT_TIME, NOTE_DELAY, USUAL)
        for question in (queues.WAKE, queues.WAKE_ONE_CORE)
    ]


def among_others(question: str, name: str, make: Make) -> Row:
    """A queue that holds numbers, from which each thread takes one for the one that it puts."""

    def filled() -> Any:
        obj = make()
        for number in range(queues.HELD):
            obj.put(number)
        return obj

    def drained(obj: Any) -> list[Any]:
        return [obj.get_nowait() for _ in range(obj.qsize())]

    bind, call = f"number = {queues.HELD} + thread", "obj.put(number)\nnumber = obj.get()"
    return Row(question, name, filled, call, drained, bind, "last = number", release=one_more_or_less)


def _batch(question: str, name: str, make: Make, put: Role, get: Role) -> Row:
    row = _alone if question == queues.BATCH else _handed
    return row(question, name, make, put, get, USUAL)


def _alone(question: str, name: str, make: Make, put: Role, get: Role, words: Words) -> Row:
    bind, call, after = (
        "\n".join(lines) for lines in ((put.bind, get.bind), (put.call, get.call), (put.after, get.after))
    )
    return Row(question, name, make, call, words.length, bind, after, release=words.release)


def _handed(question: str, name: str, make: Make, put: Role, get: Role, words: Words) -> Row:
    return Row(
        question, name, make, put.call, words.length, put.bind, put.after, others=[get], release=words.release
    )
