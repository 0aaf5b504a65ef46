"""KeyedLock: who has which key, and what becomes of waits, ends, forks and deadlocks."""

import gc
import os
import re
import threading
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from raddle import DeadlockError, KeyedLock, OwnerDiedError, pin
from support.blocking.waiters import wait_until
from support.interpreter import needs_fork
from support.knobs import generator, scaled
from support.process import check_code
from support.threads import bursts, frequent_switches, parallelize, run_together

pytestmark = pytest.mark.usefixtures("_small_heap")


def until(condition: Callable[[], object]) -> None:
    wait_until(condition, "threads are where they should be")


def waiters(locks: KeyedLock[Any]) -> int:
    match = re.search(r"waiters=(\d+)", repr(locks))
    return int(match[1]) if match else 0


def in_another_thread(call: Any) -> Any:
    return parallelize(lambda _: call(), 1)[0]


def is_free(locks: KeyedLock[Any], key: Any) -> bool:
    """As another thread finds it."""

    def look() -> bool:
        taken = locks.acquire(key, blocking=False)
        if taken:
            locks.release(key)
        return taken

    return in_another_thread(look)  # type: ignore[no-any-return]


class Same:
    """All have one hash; equal by value, in code of Python's."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __hash__(self) -> int:
        return 7

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value == other.value


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
    assert waiters(locks) == 0


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
        assert waiters(locks) == 0
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
    until(lambda: waiters(locks) == 3)
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
    until(lambda: waiters(locks) == 1)
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


@pytest.mark.parametrize("how", ["with", "acquire", "timeout"])
@pytest.mark.parametrize("waits", [False, True])
def test_a_thread_that_ends_with_a_key(how: str, waits: bool) -> None:
    locks: KeyedLock[Any] = KeyedLock()
    may_end = threading.Event()

    def die() -> None:
        locks.acquire(Same(1))
        locks.acquire(Same(1))
        may_end.wait()

    ways: dict[str, Callable[[], object]] = {
        "with": lambda: locks(Same(1)).__enter__(),
        "acquire": lambda: locks.acquire(Same(1)),
        "timeout": lambda: locks.acquire(Same(1), timeout=10),
    }

    def take() -> None:
        with pytest.raises(OwnerDiedError, match=r"held <key .*Same.* of .*the lock is free now"):
            ways[how]()

    dying = threading.Thread(target=die)
    dying.start()
    until(lambda: len(locks) == 1)
    if not waits:
        may_end.set()
        dying.join()
        assert len(locks) == 1
    taker = threading.Thread(target=take)
    taker.start()
    if waits:
        until(lambda: waiters(locks) == 1)
        may_end.set()
        dying.join()
    taker.join()
    assert len(locks) == 0
    with locks(Same(1)):
        assert len(locks) == 1


def test_who_waits_with_a_time_limit_of_zero_finds_the_end_too() -> None:
    locks: KeyedLock[str] = KeyedLock()
    in_another_thread(lambda: locks.acquire("a"))
    with pytest.raises(OwnerDiedError):
        locks.acquire("a", blocking=False)
    assert locks.acquire("a", blocking=False)
    locks.release("a")


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork_frees_what_vanished_threads_had() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    done = threading.Event()

    def hold(keys: list[Any]) -> None:
        for key in keys:
            locks.acquire(key)
        done.wait()
        for key in keys:
            locks.release(key)

    def wait(key: Any) -> None:
        with locks(key):
            pass

    locks.acquire("mine")
    locks.acquire(Same(3))
    crew = [threading.Thread(target=hold, args=([number, Same(number)],)) for number in range(3)]
    for thread in crew:
        thread.start()
    until(lambda: len(locks) == 8)
    crew += [threading.Thread(target=wait, args=(key,)) for key in ("mine", 1, Same(3), Same(1))]
    for thread in crew[3:]:
        thread.start()
    until(lambda: waiters(locks) == 4)
    pid = os.fork()
    if pid == 0:
        try:
            good = len(locks) == 2 and waiters(locks) == 0
            for key in (0, 1, 2, Same(0), Same(1), Same(2)):
                good = good and locks.acquire(key, blocking=False)
            good = good and len(locks) == 8
            locks.release("mine")
            locks.release(Same(3))
            good = good and len(locks) == 6
            os._exit(0 if good else 1)
        finally:
            os._exit(2)
    assert os.waitpid(pid, 0)[1] == 0
    assert len(locks) == 8
    locks.release("mine")
    locks.release(Same(3))
    done.set()
    for thread in crew:
        thread.join()
    assert len(locks) == 0


UNDER_LOAD = """
import os, threading, warnings
import raddle
warnings.simplefilter("ignore", DeprecationWarning)
locks = raddle.KeyedLock()
class User:
    # Touches nothing that is locked inside but the KeyedLock.
    def __init__(self, number):
        self.stop = False
        self.number = number
    def __call__(self):
        key = self.number
        while not self.stop:
            key = (key * 1103515245 + 12345) & 0x7fffffff
            for step in range(12):
                locks.acquire((key + step * 7) % 60)
                locks.acquire((key + step * 7) % 60, timeout=0.0001)
                locks.release((key + step * 7) % 60)
                locks.release((key + step * 7) % 60)
users = [User(number) for number in range(3)]
crew = [threading.Thread(target=user, daemon=True) for user in users]
for thread in crew:
    thread.start()
for _ in range(30):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            free = all(locks.acquire(key, False) for key in range(60))
            if free and len(locks) == 60:
                for key in range(60):
                    locks.release(key)
                status = 0 if len(locks) == 0 else 3
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
for user in users:
    user.stop = True
for thread in crew:
    thread.join()
assert len(locks) == 0
print("done")
"""


@needs_fork
@pytest.mark.slow_under_tsan
def test_forks_while_threads_use_it() -> None:
    assert check_code(UNDER_LOAD) == "done\n"


def test_a_cycle_through_held_keys_is_collected() -> None:
    class Key:
        pass

    locks: KeyedLock[Any] = KeyedLock()
    for _ in range(300):
        key: Any = Key()
        key.locks = locks
        locks.acquire(key)
    guard = locks(key)
    guard.__enter__()
    key.guard = guard
    ends = [weakref.ref(locks), weakref.ref(key)]
    del key, locks, guard
    assert ends[0]() is not None
    gc.collect()
    assert [end() for end in ends] == [None, None]


def test_a_guard_that_outlives_the_collection_of_its_lock() -> None:
    """A finaliser in a cycle leaves its guard after the keys may have been cleared."""
    outcomes: list[str] = []

    class Key:
        def __del__(self) -> None:
            try:
                self.guard.__exit__(None, None, None)  # type: ignore[attr-defined]
                outcomes.append("left")
            except RuntimeError:
                outcomes.append("refused")

    key: Any = Key()
    locks: KeyedLock[Any] = KeyedLock()
    key.guard = locks(key)
    key.guard.__enter__()
    del key, locks
    gc.collect()
    assert outcomes == ["left"]


def test_keys_are_referred_to_while_they_are_held_only() -> None:
    class Key:
        pass

    locks: KeyedLock[Any] = KeyedLock()
    key = Key()
    end = weakref.ref(key)
    locks.acquire(key)
    assert key in gc.get_referents(locks)
    del key
    gc.collect()
    assert end() is not None
    locks.release(end())
    assert end() is None


def test_a_key_may_use_the_lock_when_it_ends() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    seen: list[int] = []

    class Key:
        def __del__(self) -> None:
            with locks("other"):
                seen.append(len(locks))

    locks.acquire(Key())
    key = next(thing for thing in gc.get_referents(locks) if isinstance(thing, Key))
    locks.release(key)
    del key
    assert seen == [1]


def test_the_end_of_a_lock_with_held_keys() -> None:
    ended: list[int] = []

    class Key:
        def __del__(self) -> None:
            ended.append(1)

    locks: KeyedLock[Any] = KeyedLock()
    for _ in range(100):
        locks.acquire(Key())
    del locks
    assert len(ended) == 100


@pytest.mark.slow_under_tsan
def test_a_long_chain_of_locks_in_keys_ends_without_recursion() -> None:
    code = """
import raddle
chain = None
for _ in range(50_000):
    outer = raddle.KeyedLock()
    outer.acquire((chain,))
    chain = outer
del chain, outer
print("dropped")
"""
    assert check_code(code) == "dropped\n"


def test_collections_while_threads_use_it() -> None:
    locks: KeyedLock[Any] = KeyedLock()

    def use(_: int) -> None:
        for turn in bursts(scaled(1500)):
            with locks((turn % 40,)), locks([turn].__len__), locks(turn):
                pass

    def collect(_: int) -> None:
        for _ in bursts(scaled(15)):
            gc.collect()

    with frequent_switches():
        run_together(lambda: use(0), lambda: use(1), lambda: collect(0))
    assert len(locks) == 0
