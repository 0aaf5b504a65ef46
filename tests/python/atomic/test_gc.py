"""AtomicRef and the garbage collector: cycles, finalisers that use the reference, very long chains."""

import gc
import threading
import weakref
from typing import Any

import pytest
from raddle import AtomicRef
from support.interpreter import FREE_THREADED
from support.knobs import generator, scaled
from support.process import check_code
from support.threads import bursts, frequent_switches, run_together

pytestmark = pytest.mark.usefixtures("_small_heap")


class Node(AtomicRef[Any]):
    """A subclass with a __dict__: cycles may go through that as well."""


def collected(*ends: "weakref.ref[Any]") -> bool:
    gc.collect()
    return all(end() is None for end in ends)


def test_a_reference_to_itself() -> None:
    reference: AtomicRef[Any] = AtomicRef()
    reference.set(reference)
    end = weakref.ref(reference)
    del reference
    assert end() is not None
    assert collected(end)


def test_two_references_to_each_other() -> None:
    one, other = AtomicRef[Any](), AtomicRef[Any]()
    one.set(other)
    other.set([one])
    ends = weakref.ref(one), weakref.ref(other)
    del one, other
    assert ends[0]() is not None
    assert collected(*ends)


def test_through_the_dict_of_a_subclass() -> None:
    node = Node()
    node.neighbour = Node(node)  # type: ignore[attr-defined]
    ends = weakref.ref(node), weakref.ref(node.neighbour)  # type: ignore[attr-defined]
    del node
    assert collected(*ends)


def test_what_is_still_referred_to_stays() -> None:
    node = Node(["kept"])
    node.myself = node  # type: ignore[attr-defined]
    inside = node.get()
    gc.collect()
    assert node.get() is inside
    assert node.myself is node  # type: ignore[attr-defined]


def test_the_collector_sees_what_it_holds() -> None:
    value = ["seen"]
    assert any(referent is value for referent in gc.get_referents(AtomicRef(value)))


def test_finalisers_in_a_cycle_may_use_the_reference() -> None:
    seen: list[Any] = []

    class Final:
        def __init__(self, reference: AtomicRef[Any]) -> None:
            self.reference = reference

        def __del__(self) -> None:
            seen.append(self.reference.get() is self)
            seen.append(self.reference.compare_and_set(self, "last words"))
            seen.append(self.reference.get_and_set(None))

    reference: AtomicRef[Any] = AtomicRef()
    reference.set(Final(reference))
    end = weakref.ref(reference)
    del reference
    assert collected(end)
    assert seen == [True, True, "last words"]


def test_a_finaliser_may_revive_the_cycle() -> None:
    revived: list[Any] = []

    class Final:
        def __init__(self, reference: AtomicRef[Any]) -> None:
            self.reference = reference

        def __del__(self) -> None:
            revived.append(self.reference)

    reference: AtomicRef[Any] = AtomicRef()
    reference.set(Final(reference))
    del reference
    gc.collect()
    assert len(revived) == 1
    assert revived[0].get().reference is revived[0]
    revived[0].set(None)


@pytest.mark.parametrize(
    "method", ["set", "get_and_set", "compare_and_set", "compare_and_exchange", "update"]
)
def test_a_value_whose_finaliser_replaces_the_value(method: str) -> None:
    reference: AtomicRef[Any] = AtomicRef()
    ended: list[int] = []

    class Final:
        def __init__(self, left: int) -> None:
            self.left = left

        def __del__(self) -> None:
            ended.append(self.left)
            if self.left:
                replace(Final(self.left - 1))

    def replace(value: object) -> None:
        if method == "update":
            reference.update(lambda _: value)
        elif method.startswith("compare"):
            getattr(reference, method)(reference.get(), value)
        else:
            getattr(reference, method)(value)

    replace(Final(5))
    for _ in range(10):
        replace(None)
    assert ended == [5, 4, 3, 2, 1, 0]
    assert reference.get() is None


def test_a_value_may_drop_the_last_reference_to_its_holder() -> None:
    class Final:
        def __del__(self) -> None:
            holders.clear()

    holders: list[AtomicRef[Any]] = [AtomicRef(Final())]
    end = weakref.ref(holders[0])
    holders[0].set("new")
    assert end() is None


CHAIN = """
import sys
from raddle import AtomicRef

class Node(AtomicRef):
    pass

MAKE = {
    "plain": AtomicRef,
    "subclass": Node,
    "in lists": lambda link: AtomicRef([link]),
    "in tuples": lambda link: (AtomicRef(link),),
}[sys.argv[1]]

def build_and_drop():
    chain = None
    for _ in range(int(sys.argv[2])):
        chain = MAKE(chain)
    del chain

build_and_drop()
print("dropped")
"""


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize("kind", ["plain", "subclass", "in lists", "in tuples"])
def test_a_chain_of_a_million_links_ends_without_recursion(kind: str) -> None:
    """A million stack frames are several times what a process has."""
    assert check_code(CHAIN, kind, "1000000") == "dropped\n"


@pytest.mark.slow_under_tsan
def test_a_long_cycle_is_collected_without_recursion() -> None:
    check_code(
        "import gc, weakref; from raddle import AtomicRef\n"
        "first = last = AtomicRef()\n"
        "for _ in range(200_000): last = AtomicRef(last)\n"
        "first.set(last); end = weakref.ref(first); del first, last; gc.collect(); assert end() is None"
    )


def test_collections_while_threads_exchange_references() -> None:
    """Cycles are made and dropped all the time; what is alive must survive each collection."""
    shared = [Node(Node()) for _ in range(4)]
    finished = threading.Event()
    ends: list[list[weakref.ref[Any]]] = [[], []]

    def exchange(number: int) -> None:
        rng = generator("exchange", number)
        for _ in bursts(scaled(4000)):
            if finished.is_set():
                break
            fresh = Node()
            fresh.set([fresh, rng.random()])
            fresh.tag = fresh  # type: ignore[attr-defined]
            ends[number].append(weakref.ref(fresh))
            taken = shared[rng.randrange(4)].get_and_set(fresh)
            assert isinstance(taken, Node)
            seen = shared[rng.randrange(4)].get()
            assert isinstance(seen, Node)
            assert seen.get() is None or seen.get()[0] is seen
            shared[rng.randrange(4)].compare_and_set(seen, taken)

    def collect() -> None:
        for _ in bursts(scaled(40)):
            gc.collect()
        finished.set()

    with frequent_switches():
        run_together(lambda: exchange(0), lambda: exchange(1), collect)
    for reference in shared:
        reference.set(None)
    gc.collect()
    assert [end for number in (0, 1) for end in ends[number] if end() is not None] == []


@pytest.mark.skipif(
    not FREE_THREADED, reason="with the GIL a collection never meets a call that is half done"
)
def test_collections_by_several_threads() -> None:
    reference: AtomicRef[Any] = AtomicRef([None, 0])
    ends: list[weakref.ref[Any]] = []
    finished = threading.Event()

    def exchange() -> None:
        for turn in bursts(scaled(3000)):
            if finished.is_set():
                break
            cycle = Node()
            cycle.set([reference, cycle])
            ends.append(weakref.ref(cycle))
            reference.set([cycle, turn])
            assert isinstance(reference.get()[1], int)

    def collect() -> None:
        for _ in bursts(scaled(20)):
            gc.collect()
            assert isinstance(reference.get()[1], int)
        finished.set()

    run_together(exchange, collect, collect)
    reference.set(None)
    assert collected(*ends)
