"""Histories of several threads on one queue, checked against the sequential queue, Empty and Full too."""

from dataclasses import dataclass
from typing import Any

import pytest
import raddle
from raddle import AtomicInt
from support.broken_queues import RacyQueue
from support.history import Call, History, Operation, record_threads, turns
from support.knobs import generator, scaled
from support.linearizability import check
from support.queue_models import CLOSED, EMPTY, FULL, Answers, queue_model
from support.threads import frequent_switches, run_together

THREADS = 3
NAMES = ["Queue", "LifoQueue", "PriorityQueue"]


@dataclass(frozen=True)
class Subject:
    """A queue under test, and how often each call is made in its histories."""

    kind: str
    maxsize: int
    weights: dict[str, int]
    calls: int  # By each thread.
    rounds: int

    def __str__(self) -> str:
        return f"{self.kind}-{self.maxsize}-{len(self.weights)}-methods"

    def record(self, label: object, target: Any = None) -> History:
        serial = AtomicInt()
        closings = AtomicInt()

        def plan(thread: int) -> list[Call]:
            rng = generator(str(self), label, thread)
            names = rng.choices(list(self.weights), list(self.weights.values()), k=self.calls)
            return [call for name in names if (call := one(name, rng.random() < 0.5))]

        def one(name: str, choice: bool) -> Call | None:
            if name == "put_nowait":
                return name, (serial.get_and_increment() * 37 % 1009,)
            if name == "shutdown":  # at most two in a history
                return (name, (choice,)) if closings.increment() <= 2 else None
            return name, ()

        if target is None:
            make = getattr(raddle, self.kind)
            target = make() if self.kind == "SimpleQueue" else make(self.maxsize)
        return record_threads(Answers(target), THREADS, plan)

    def model(self) -> Any:
        return queue_model(self.kind, self.maxsize)


MOVES = {"put_nowait": 5, "get_nowait": 5}
LOOKS = {**MOVES, "qsize": 2, "empty": 1, "full": 1}
CLOSING = {**MOVES, "qsize": 1, "is_shutdown": 1, "shutdown": 1}
SUBJECTS = [
    *(Subject(kind, size, MOVES, 600, 5) for kind in NAMES for size in (1, 2, 7)),
    *(Subject(kind, size, LOOKS, 400, 5) for kind in NAMES for size in (1, 3)),
    *(Subject(kind, 0, {**LOOKS, "get_nowait": 8}, 200, 8) for kind in NAMES),
    *(Subject(kind, 2, CLOSING, 25, 20) for kind in NAMES),
    *(Subject(kind, 0, CLOSING, 25, 20) for kind in NAMES),
    Subject("SimpleQueue", 0, {"put_nowait": 4, "get_nowait": 6, "qsize": 1, "empty": 1}, 300, 8),
]
TASKS = [
    Subject(kind, 3, {**MOVES, "qsize": 4, "task_done": 4, "unfinished_tasks": 4}, 300, 8) for kind in NAMES
]


def holds(subject: Subject) -> int:
    """Checks all rounds; returns how often threads took turns, and fails if too seldom to prove anything."""
    met, rounds = 0, scaled(subject.rounds)
    with frequent_switches():
        for number in range(rounds):
            history = subject.record(number)
            verdict = check(subject.model(), history)
            assert verdict.linearizable, verdict
            met += turns(history)
    return met // rounds


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_every_history_is_linearizable(subject: Subject) -> None:
    assert holds(subject) > 2, "the threads hardly met, so the histories prove nothing"


@pytest.mark.parametrize("subject", TASKS, ids=str)
def test_every_history_of_tasks_is_linearizable(subject: Subject) -> None:
    assert holds(subject) > 2


@pytest.mark.parametrize("kind", NAMES)
def test_an_item_that_is_seen_is_a_task(kind: str) -> None:
    """Nothing is taken and nothing done: two looks, one after the other, tell what is not one step."""
    target = getattr(raddle, kind)()
    finished = AtomicInt()

    def put() -> list[str]:
        for _ in range(scaled(800_000)):
            target.put(1)
        finished.increment()
        return []

    def look() -> list[str]:
        wrong = []
        while finished.get() < 2:
            size, tasks = target.qsize(), target.unfinished_tasks
            if size > tasks:
                wrong.append(f"{size} items and then {tasks} tasks")
            tasks, size = target.unfinished_tasks, target.qsize()
            if tasks > size:
                wrong.append(f"{tasks} tasks and then {size} items")
        return wrong

    with frequent_switches():
        wrong = run_together(put, put, look, look)
    assert wrong[2][:3] == wrong[3][:3] == []


@pytest.mark.parametrize("kind", NAMES)
def test_a_queue_that_looks_first_and_acts_later_is_noticed(kind: str) -> None:
    subject = Subject(kind, 2, MOVES, 300, 10)
    with frequent_switches():
        histories = (subject.record(number, RacyQueue(kind, 2)) for number in range(subject.rounds))
        assert any(not check(subject.model(), history).linearizable for history in histories)


def call(start: int, end: int, name: str, *arguments: Any, gives: Any = None) -> Operation:
    return Operation(name, arguments, gives, start, end)


BAD: dict[str, tuple[str, int, History]] = {
    "Empty after a put": ("Queue", 0, [[call(0, 1, "put_nowait", 1), call(2, 3, "get_nowait", gives=EMPTY)]]),
    "Full with room": (
        "Queue",
        2,
        [[call(0, 1, "put_nowait", 1)], [call(2, 3, "put_nowait", 2, gives=FULL)]],
    ),
    "no Full without room": ("Queue", 1, [[call(0, 1, "put_nowait", 1)], [call(2, 3, "put_nowait", 2)]]),
    "an item twice": (
        "Queue",
        0,
        [
            [call(0, 1, "put_nowait", 1), call(2, 9, "get_nowait", gives=1)],
            [call(2, 9, "get_nowait", gives=1)],
        ],
    ),
    "an item lost": (
        "Queue",
        0,
        [[call(0, 1, "put_nowait", 1), call(2, 3, "put_nowait", 2), call(4, 5, "get_nowait", gives=2)]],
    ),
    "first in, last out": (
        "Queue",
        0,
        [[call(0, 1, "put_nowait", 1)], [call(2, 3, "put_nowait", 2)], [call(4, 5, "get_nowait", gives=2)]],
    ),
    "last in, last out": (
        "LifoQueue",
        0,
        [[call(0, 1, "put_nowait", 1)], [call(2, 3, "put_nowait", 2)], [call(4, 5, "get_nowait", gives=1)]],
    ),
    "the greatest first": (
        "PriorityQueue",
        0,
        [[call(0, 1, "put_nowait", 1)], [call(2, 3, "put_nowait", 2)], [call(4, 5, "get_nowait", gives=2)]],
    ),
    "a put after shutdown": ("Queue", 0, [[call(0, 1, "shutdown", False)], [call(2, 3, "put_nowait", 1)]]),
    "an item after an immediate shutdown": (
        "Queue",
        0,
        [[call(0, 1, "put_nowait", 1), call(2, 3, "shutdown", True)], [call(4, 5, "get_nowait", gives=1)]],
    ),
    "Empty after shutdown": (
        "Queue",
        0,
        [[call(0, 1, "shutdown", False)], [call(2, 3, "get_nowait", gives=EMPTY)]],
    ),
    "ShutDown with an item": (
        "Queue",
        0,
        [
            [
                call(0, 1, "put_nowait", 1),
                call(2, 3, "shutdown", False),
                call(4, 5, "get_nowait", gives=CLOSED),
            ]
        ],
    ),
    "a wrong size": ("Queue", 0, [[call(0, 1, "put_nowait", 1), call(2, 3, "qsize", gives=0)]]),
    "a task too few": ("Queue", 0, [[call(0, 1, "put_nowait", 1), call(2, 3, "unfinished_tasks", gives=0)]]),
}


@pytest.mark.parametrize(("kind", "maxsize", "history"), BAD.values(), ids=BAD)
def test_bad_histories_are_rejected(kind: str, maxsize: int, history: History) -> None:
    assert not check(queue_model(kind, maxsize), history).linearizable


def test_good_histories_are_accepted() -> None:
    overlapping = [
        [call(0, 9, "put_nowait", 1), call(10, 11, "put_nowait", 3, gives=FULL)],
        [
            call(0, 9, "put_nowait", 2),
            call(20, 21, "get_nowait", gives=2),
            call(22, 23, "get_nowait", gives=1),
        ],
        [call(0, 9, "get_nowait", gives=EMPTY), call(24, 25, "get_nowait", gives=EMPTY)],
    ]
    for kind in NAMES[:2]:
        assert check(queue_model(kind, 2), overlapping).linearizable
    assert not check(queue_model("PriorityQueue", 2), overlapping).linearizable
