"""AtomicRef under stress: get() never returns a dead or a wrong object, and every object dies exactly once.

The danger is an address: an object is replaced and freed while another thread is about to count it, and
a new object of the same size takes its place. So the threads make fresh objects of one size all the time,
let them die at once, and keep little alive. Decoys of that size go through references of their own: CPython
lets any thread count an object that was in one, so that only looking again can tell that it is the wrong one.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from raddle import AtomicRef, ShardedCounter
from support.broken import BrokenAtomic
from support.knobs import generator, scaled
from support.threads import bursts, frequent_switches, parallelize, run_together

MASK = 0x5DEECE66D
CROWD = 4000
NOTHING = [None]  # Not a constant, so that a tuple with it is a new one each time.

pytestmark = pytest.mark.usefixtures("_small_heap")


class Payload:
    """Knows its own value twice, and whether it has died."""

    __slots__ = ("check", "dead", "serial")
    births = ShardedCounter()
    deaths = ShardedCounter()
    faults: list[str] = []  # noqa: RUF012

    def __init__(self, serial: int) -> None:
        self.serial = serial
        self.check = serial ^ MASK
        self.dead = False
        Payload.births.increment()

    def __del__(self) -> None:
        if self.dead:
            Payload.faults.append(f"{self.serial} died twice")
        self.dead = True
        Payload.deaths.increment()


class Decoy:
    """As large as a payload, so that it takes the place of one that was freed; get() must never return it."""

    __slots__ = ("check", "dead", "serial")

    def __init__(self) -> None:
        self.check = self.dead = self.serial = None


@dataclass(frozen=True)
class Kind:
    """A kind of value: how one is made from a number, and whether what was read is a whole one."""

    name: str
    make: Callable[[int], Any]
    is_whole: Callable[[Any], bool]
    decoy: Callable[[], object]


def text_of(serial: int) -> str:
    return f"{serial:015d}{serial ^ MASK:015d}"


KINDS = [
    Kind(
        "payload",
        Payload,
        lambda value: type(value) is Payload and value.check == value.serial ^ MASK and not value.dead,
        Decoy,
    ),
    Kind(
        "tuple",
        lambda serial: (serial, serial ^ MASK),
        lambda value: type(value) is tuple and None not in value and value[1] == value[0] ^ MASK,
        lambda: (None, *NOTHING),
    ),
    Kind(
        "list",
        lambda serial: [serial, serial ^ MASK],
        lambda value: type(value) is list and None not in value and value[1] == value[0] ^ MASK,
        lambda: [None, None],
    ),
    Kind(
        "int",
        lambda serial: (serial << 60) | (serial ^ MASK),
        lambda value: type(value) is int and value & (2**60 - 1) == (value >> 60) ^ MASK,
        lambda: int("1" + "0" * 30),
    ),
    Kind(
        "text",
        text_of,
        lambda value: type(value) is str and value == text_of(int(value[:15])),
        lambda: "x" * 15 + str(CROWD // 1000) * 15,
    ),
    Kind(
        "float",
        lambda serial: serial + 0.25,
        lambda value: type(value) is float and value % 1 == 0.25,
        lambda: CROWD + 0.5,
    ),
]

Act = Callable[[Any, Any], Any]  # From the reference and a fresh value to what was read, if anything.


def write(reference: Any, fresh: Any) -> Any:
    reference.set(fresh)
    return None


def replace_if_same(reference: Any, fresh: Any) -> Any:
    seen = reference.get()
    reference.compare_and_set(seen, fresh)
    return seen


def exchange_if_same(reference: Any, fresh: Any) -> Any:
    return reference.compare_and_exchange(reference.get(), fresh)


ACTS: list[Act] = [
    lambda reference, fresh: reference.get(),
    lambda reference, fresh: reference.get(),
    write,
    write,
    lambda reference, fresh: reference.get_and_set(fresh),
    lambda reference, fresh: reference.compare_and_exchange(fresh, fresh),
    replace_if_same,
    exchange_if_same,
    lambda reference, fresh: reference.update(lambda value: fresh),
    lambda reference, fresh: reference.get_and_update(lambda value: fresh),
]


def stress(references: list[Any], kind: Kind, threads: int, rounds: int) -> list[Any]:
    """Threads do everything with the references at random. Returns what was not a whole value."""

    def act(number: int) -> list[Any]:
        decoys = AtomicRef(kind.decoy())
        rng = generator("memory", kind.name, threads, number)
        serial, broken = number, []
        for _ in bursts(rounds):
            serial += threads
            seen = rng.choice(ACTS)(rng.choice(references), kind.make(serial))
            if seen is not None and not kind.is_whole(seen):
                broken.append(seen)
            del seen
            decoys.set(kind.decoy())
        return broken

    with frequent_switches():
        return [value for values in parallelize(act, threads) for value in values]


def readers_and_writers(reference: Any, kind: Kind, rounds: int) -> list[Any]:
    """Two threads only read, two only write: the shortest way from a load to a freed object."""

    def read() -> list[Any]:
        get, is_whole = reference.get, kind.is_whole
        return [value for _ in range(rounds) if not is_whole(value := get())]

    def replace() -> list[Any]:
        # Leaves few free places among many taken ones, so that what is freed is taken again at once.
        crowd = [kind.make(number) for number in range(CROWD)]
        del crowd[:: CROWD // 8]
        decoys = AtomicRef(kind.decoy())
        put, make, hide, decoy = reference.set, kind.make, decoys.set, kind.decoy
        for serial in range(rounds):
            put(make(serial))
            hide(decoy())
        return []

    with frequent_switches():
        lists = run_together(read, read, replace, replace)
    return [value for values in lists for value in values]


def deaths_are_exact() -> bool:
    gc.collect()
    return Payload.births.get() == Payload.deaths.get() and Payload.faults == []


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    gc.collect()
    Payload.births.reset()
    Payload.deaths.reset()
    Payload.faults.clear()


@pytest.mark.parametrize("threads", [2, 3, 4])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_everything_at_random_on_one_reference(kind: Kind, threads: int) -> None:
    reference = AtomicRef(kind.make(0))
    assert stress([reference], kind, threads, scaled(6000)) == []
    del reference
    assert deaths_are_exact()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_everything_at_random_on_three_references(kind: Kind) -> None:
    references = [AtomicRef(kind.make(number)) for number in range(3)]
    assert stress(references, kind, 4, scaled(6000)) == []
    references.clear()
    assert deaths_are_exact()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_readers_against_writers(kind: Kind) -> None:
    for _ in range(scaled(6)):
        reference = AtomicRef(kind.make(0))
        assert readers_and_writers(reference, kind, 50_000) == []
        del reference
    assert deaths_are_exact()


class FreesEarly(BrokenAtomic):
    """Ends the old value as soon as it is replaced, although another thread may have just read it."""

    def _end(self, value: Any) -> None:
        if isinstance(value, Payload):
            value.__del__()

    def set(self, value: Any) -> None:
        before, self._value = self._value, value
        self._end(before)

    def update(self, fn: Any) -> Any:
        self.set(fn(self._value))
        return self._value

    get_and_update = update


class Forgets(AtomicRef[Any]):
    """Never gives back its reference on an object that it replaced."""

    forgotten: list[object] = []  # noqa: RUF012

    def set(self, value: Any) -> None:
        self.forgotten.append(self.get_and_set(value))


class Confuses(AtomicRef[Any]):
    """Sometimes returns what now lies where its object was."""

    calls = 0

    def get(self) -> Any:
        self.calls += 1
        return Decoy() if self.calls % 100 == 0 else super().get()


PAYLOAD = KINDS[0]


def test_an_object_that_ends_too_early_would_be_noticed() -> None:
    broken = stress([FreesEarly(Payload(0))], PAYLOAD, 2, scaled(3000))
    assert any(value.dead for value in broken)
    gc.collect()
    assert not deaths_are_exact()


def test_an_object_that_never_ends_would_be_noticed() -> None:
    assert stress([Forgets(Payload(0))], PAYLOAD, 2, scaled(1000)) == []
    assert not deaths_are_exact()
    Forgets.forgotten.clear()


def test_a_wrong_object_would_be_noticed() -> None:
    broken = stress([Confuses(Payload(0))], PAYLOAD, 2, scaled(3000))
    assert {type(value) for value in broken} == {Decoy}
