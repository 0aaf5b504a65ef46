"""KeyedLock: who has which key, and what becomes of waits and deadlocks."""

import os
import re
import threading
from contextlib import nullcontext
from typing import Any

import pytest
from raddle import DeadlockError, KeyedLock, pin
from support.blocking.waiters import waiting_in
from support.keyed import Same, is_free
from support.knobs import generator, scaled
from support.threads import bursts, frequent_switches, in_another_thread, parallelize, run_together
from support.waiting_queues import until

pytestmark = pytest.mark.usefixtures("_small_heap")


def test_a_key_is_free_when_it_has_been_released_as_often() -> None:
    locks: KeyedLock[str] = KeyedLock()
    for _ in range(3):
        assert locks.acquire("a") is True
    for _ in range(3):
        assert not is_free(locks, "a")
        assert is_free(locks, "b")
        locks.release("a")
    assert is_free(locks, "a")
    with pytest.raises(RuntimeError, match="does not have"):
        locks.release("a")


def test_with_and_acquire_are_the_same_key() -> None:
    locks: KeyedLock[str] = KeyedLock()
    with locks("a") as entered:
        assert entered is True
        assert locks.acquire("a", timeout=0)
        assert not is_free(locks, "a")
        locks.release("a")
        assert not is_free(locks, "a")
    assert is_free(locks, "a")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (2**80, int(str(2**80))),
        ("text", "".join(["te", "xt"])),
        ("\xe9" * 3, "".join(["\xe9"] * 3)),
        (b"bytes", bytes([98, 121, 116, 101, 115])),
        ((1, "a"), (1.0, "".join("a"))),
        (frozenset([1]), frozenset([True])),
        (Same(1), Same(1)),
    ],
)
def test_equal_keys_are_one_key(one: Any, other: Any) -> None:
    locks: KeyedLock[Any] = KeyedLock()
    with locks(one):
        assert len(locks) == 1
        assert not is_free(locks, other)
        with locks(other):
            assert len(locks) == 1
        assert locks.acquire(other)
        locks.release(other)
        assert not is_free(locks, one)
    assert len(locks) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", 1), ("1", b"1"), (2**61 - 1, 0), (-1, -2), (Same(1), Same(2)), (Same(7), 7), (7, Same(7))],
)
def test_different_keys_are_different_also_with_one_hash(one: Any, other: Any) -> None:
    locks: KeyedLock[Any] = KeyedLock()
    with locks(one):
        assert is_free(locks, other)
        with locks(other):
            assert len(locks) == 2
            assert not is_free(locks, one)
            assert not is_free(locks, other)
        assert is_free(locks, other)
    assert len(locks) == 0


def test_many_keys_at_once() -> None:
    locks: KeyedLock[int] = KeyedLock()
    keys = list(range(0, 64 * 20_000, 64))
    for key in keys:
        locks.acquire(key)
    assert len(locks) == len(keys)
    assert not any(parallelize(lambda _: any(locks.acquire(key, False) for key in keys), 1))
    generator("many keys").shuffle(keys)
    for left, key in enumerate(reversed(keys)):
        locks.release(key)
        if left % 1000 == 0:
            assert len(locks) == len(keys) - left - 1
    assert len(locks) == 0


def test_keys_that_cannot_be_hashed() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    for call in (locks, locks.acquire, locks.release):
        with pytest.raises(TypeError, match="unhashable"):
            call([])


def test_what_a_call_takes() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    call: Any = locks
    for arguments, keywords in (((), {}), ((1, 2), {}), ((), {"key": 1})):
        with pytest.raises(TypeError, match="one argument"):
            call(*arguments, **keywords)
    with pytest.raises(ValueError, match="non-blocking"):
        locks.acquire(1, False, 1)
    with pytest.raises(ValueError, match="non-negative"):
        locks.acquire(1, timeout=-2)
    with pytest.raises(OverflowError):
        locks.acquire(1, timeout=1e20)
    assert len(locks) == 0


def test_only_the_holder_releases() -> None:
    locks: KeyedLock[str] = KeyedLock()
    guard = locks("a")
    with guard:
        for wrong in (lambda: locks.release("a"), lambda: guard.__exit__(None, None, None)):
            with pytest.raises(RuntimeError, match="does not have"):
                in_another_thread(wrong)
        assert not is_free(locks, "a")
    for wrong in (lambda: locks.release("a"), lambda: guard.__exit__(None, None, None)):
        with pytest.raises(RuntimeError, match="does not have"):
            wrong()


def test_a_guard_may_be_entered_again_and_again() -> None:
    locks: KeyedLock[str] = KeyedLock()
    guard = locks("a")
    for _ in range(3):
        with guard, guard:
            with guard:
                assert not is_free(locks, "a")
            assert not is_free(locks, "a")
        assert is_free(locks, "a")
        with pytest.raises(RuntimeError):
            guard.__exit__(None, None, None)


def test_a_guard_whose_key_was_released_behind_its_back() -> None:
    """What it remembers may be free memory, or that of another key."""
    locks: KeyedLock[int] = KeyedLock()
    for _ in range(200):
        guard = locks(1)
        guard.__enter__()
        locks.release(1)
        locks.acquire(64 * 977)
        with pytest.raises(RuntimeError):
            guard.__exit__(None, None, None)
        assert not is_free(locks, 64 * 977)
        locks.release(64 * 977)
        with guard:  # It is as good as new.
            pass
        assert len(locks) == 0


def test_threads_share_one_guard() -> None:
    locks: KeyedLock[str] = KeyedLock()
    guard = locks("a")
    inside = [0]

    def use(_: int) -> None:
        for _ in bursts(scaled(1000)):
            with guard:
                inside[0] += 1

    with frequent_switches():
        parallelize(use, 4)
    assert inside[0] == 4 * scaled(1000)
    assert len(locks) == 0


def _exclusion(locks: KeyedLock[Any], keys: list[Any], threads: int, rounds: int) -> None:
    """Random keys; for each a count that loses some unless the key excludes."""
    counts = [[0] for _ in keys]
    done = [[0] * len(keys) for _ in range(threads)]

    def use(number: int) -> None:
        random = generator("exclusion", number)
        for turn in bursts(rounds):
            place = random.randrange(len(keys))
            way = turn % 4
            if way == 0:
                locks.acquire(keys[place])
            elif way == 1:
                if not locks.acquire(keys[place], timeout=0.0001):
                    continue
            elif way == 2 and not locks.acquire(keys[place], False):
                continue
            if way == 3:
                with locks(keys[place]):
                    counts[place][0] += 1
            else:
                counts[place][0] += 1
                locks.release(keys[place])
            done[number][place] += 1

    with frequent_switches():
        parallelize(use, threads)
    assert [count[0] for count in counts] == [sum(column) for column in zip(*done, strict=True)]
    assert len(locks) == 0
    assert waiting_in(locks) == 0


@pytest.mark.parametrize("keys", [1, 3, 100])
def test_mutual_exclusion(keys: int) -> None:
    _exclusion(KeyedLock(), [f"key {number}" for number in range(keys)], 4, scaled(3000))


@pytest.mark.parametrize("keys", [1, 3, 20])
def test_mutual_exclusion_with_one_hash_for_all_keys(keys: int) -> None:
    _exclusion(pin(KeyedLock()), [Same(number) for number in range(keys)], 3, scaled(600))


def test_mutual_exclusion_with_new_equal_keys() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    counts = [0, 0]

    def use(_: int) -> None:
        for turn in bursts(scaled(2000)):
            with locks(Same(turn % 2)):
                counts[turn % 2] += 1

    parallelize(use, 3)
    assert sum(counts) == 3 * scaled(2000)
    assert len(locks) == 0


class Nothing(KeyedLock[Any]):
    """Excludes nobody."""

    def __call__(self, key: Any) -> Any:
        return nullcontext()


def test_counts_that_a_lock_loses_would_be_noticed() -> None:
    assert not _lost(KeyedLock())
    assert any(_lost(Nothing()) for _ in range(20))


def _lost(locks: Any) -> bool:
    count = [0]

    def use(_: int) -> None:
        for _ in bursts(3000):
            with locks(0):
                seen = count[0]
                os.sched_yield() if seen % 64 == 0 else None
                count[0] = seen + 1

    with frequent_switches():
        parallelize(use, 4)
    return count[0] != 4 * 3000


def test_waiting_by_timeout_leaves_nothing() -> None:
    locks: KeyedLock[str] = KeyedLock()
    with locks("a"):
        assert in_another_thread(lambda: locks.acquire("a", timeout=0.01)) is False
        assert len(locks) == 1
        assert waiting_in(locks) == 0
    assert len(locks) == 0


def test_length_counts_keys_and_not_waiters() -> None:
    locks: KeyedLock[int] = KeyedLock()
    locks.acquire(1)

    def use() -> None:
        with locks(1):
            pass

    crew = [threading.Thread(target=use) for _ in range(3)]
    for thread in crew:
        thread.start()
    until(lambda: waiting_in(locks) == 3)
    assert len(locks) == 1
    locks.release(1)
    for thread in crew:
        thread.join()
    assert len(locks) == 0


def test_is_always_true() -> None:
    locks: KeyedLock[int] = KeyedLock()
    assert locks
    assert len(locks) == 0


def test_repr_and_name() -> None:
    locks: KeyedLock[str] = KeyedLock(name="rows")
    assert locks.name == "rows"
    assert KeyedLock().name is None
    assert re.fullmatch(r"<unlocked raddle.KeyedLock object name='rows' keys=0 at 0x[0-9a-f]+>", repr(locks))
    with locks("a"), locks("b"):
        assert "<locked raddle.KeyedLock object name='rows' keys=2 at" in repr(locks)
    assert repr(locks("a")) == f"<key 'a' of {locks!r}>"
    with pytest.raises(TypeError, match="name must be"):
        KeyedLock(5)  # type: ignore[arg-type]


def test_deadlock_over_two_keys() -> None:
    locks: KeyedLock[str] = KeyedLock("rows")
    both = threading.Barrier(2)
    errors: list[DeadlockError] = []

    def take(first: str, second: str) -> None:
        with locks(first):
            both.wait()
            try:
                with locks(second):
                    pass
            except DeadlockError as error:
                errors.append(error)

    run_together(lambda: take("a", "b"), lambda: take("b", "a"))
    assert len(errors) == 1
    assert len(errors[0].cycle) == 2
    text = str(errors[0])
    assert f"waits for KeyedLock 'rows' ({id(locks):#x}), key 'a'" in text
    assert f"waits for KeyedLock 'rows' ({id(locks):#x}), key 'b'" in text
    assert len(locks) == 0


def test_deadlock_of_a_bare_acquire_tells_where_the_key_was_taken() -> None:
    locks: KeyedLock[str] = KeyedLock()
    errors: list[DeadlockError] = []
    locks.acquire("a")
    has_a, has_b = threading.Event(), threading.Event()

    def take() -> None:
        locks.acquire("a")  # the slow path notes this place
        has_a.set()
        has_b.wait()
        try:
            locks.acquire("b")
            locks.release("b")
        except DeadlockError as error:
            errors.append(error)
        locks.release("a")

    thread = threading.Thread(target=take)
    thread.start()
    until(lambda: waiting_in(locks) == 1)
    locks.release("a")
    has_a.wait()
    locks.acquire("b")
    has_b.set()
    try:
        locks.acquire("a")
        locks.release("a")
    except DeadlockError as error:
        errors.append(error)
    locks.release("b")
    thread.join()
    assert len(errors) == 1
    places = [link.taken_at for link in errors[0].cycle if link.taken_at is not None]
    assert [place[1].rpartition(".")[2] for place in places] == ["take"]
    assert len(locks) == 0


def test_a_timed_wait_is_no_deadlock() -> None:
    locks: KeyedLock[str] = KeyedLock()
    both = threading.Barrier(2)

    def take(first: str, second: str) -> bool:
        with locks(first):
            both.wait()
            taken = locks.acquire(second, timeout=0.05)
            if taken:
                locks.release(second)
            both.wait()
        return taken

    assert run_together(lambda: take("a", "b"), lambda: take("b", "a")) == [False, False]
