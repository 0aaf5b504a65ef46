"""Histories of several threads on one atomic, checked against the sequential object."""

import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import pytest
from raddle import AtomicBool, AtomicFloat, AtomicInt, AtomicRef
from support.broken import BrokenAtomic
from support.history import Call, History, record_threads, turns
from support.knobs import generator, scaled
from support.linearizability import Model, check
from support.models import bool_model, float_model, int_model, ref_model
from support.threads import frequent_switches

THREADS = 3
CALLS = 1000  # By each thread, per round.


class Token:
    """Equal only to itself."""


TOKENS = [Token() for _ in range(4)]
Choices = dict[str, Callable[[Any], tuple[Any, ...]]]  # For each method how to choose its arguments.


def few(rng: random.Random) -> int:
    """Few different values, so that comparisons succeed often."""
    return rng.randrange(4)


def token(rng: random.Random) -> Token:
    return TOKENS[rng.randrange(len(TOKENS))]


INT: Choices = {
    "get": lambda rng: (),
    "set": lambda rng: (few(rng),),
    "increment": lambda rng: (),
    "decrement": lambda rng: (few(rng),),
    "get_and_increment": lambda rng: (few(rng),),
    "get_and_decrement": lambda rng: (),
    "get_and_set": lambda rng: (few(rng),),
    "compare_and_set": lambda rng: (few(rng), few(rng)),
    "compare_and_exchange": lambda rng: (few(rng), few(rng)),
    "max": lambda rng: (few(rng),),
    "min": lambda rng: (few(rng),),
    "fetch_and": lambda rng: (few(rng),),
    "fetch_or": lambda rng: (few(rng),),
    "fetch_xor": lambda rng: (few(rng),),
}
BOOL: Choices = {
    "get": lambda rng: (),
    "set": lambda rng: (rng.random() < 0.5,),
    "get_and_set": lambda rng: (rng.random() < 0.5,),
    "compare_and_set": lambda rng: (rng.random() < 0.5, rng.random() < 0.5),
    "flip": lambda rng: (),
    "test_and_set": lambda rng: (),
    "clear": lambda rng: (),
}
FLOAT: Choices = {
    "get": lambda rng: (),
    "set": lambda rng: (float(few(rng)),),
    "increment": lambda rng: (0.5,),
    "get_and_set": lambda rng: (float(few(rng)),),
    "compare_and_set": lambda rng: (float(few(rng)), float(few(rng))),
    "max": lambda rng: (float(few(rng)),),
    "min": lambda rng: (float(few(rng)),),
}
REF: Choices = {
    "get": lambda rng: (),
    "set": lambda rng: (token(rng),),
    "get_and_set": lambda rng: (token(rng),),
    "compare_and_set": lambda rng: (token(rng), token(rng)),
    "compare_and_exchange": lambda rng: (token(rng), token(rng)),
}


@dataclass(frozen=True)
class Subject:
    """An atomic under test with its sequential counterpart and the calls that it understands."""

    make: Callable[[Any], Any]
    model: Callable[[Any], Model]
    start: Hashable
    choices: Choices

    def history(self, label: object) -> History:
        """Records one round."""

        def plan(thread: int) -> list[Call]:
            rng = generator(self.make.__name__, label, thread)
            names = rng.choices(list(self.choices), k=CALLS)
            return [(name, self.choices[name](rng)) for name in names]

        return record_threads(self.make(self.start), THREADS, plan)


def only(choices: Choices, *names: str) -> Choices:
    return {name: choices[name] for name in names}


SUBJECTS = [
    Subject(AtomicInt, int_model, 0, INT),
    Subject(AtomicInt, int_model, 0, only(INT, "get", "increment", "get_and_set")),
    Subject(AtomicInt, int_model, 0, only(INT, "get", "set")),
    Subject(AtomicInt, int_model, 0, only(INT, "compare_and_set", "compare_and_exchange")),
    Subject(AtomicInt, int_model, 0, only(INT, "max", "min", "increment", "decrement")),
    Subject(AtomicBool, bool_model, False, BOOL),
    Subject(AtomicFloat, float_model, 0.0, FLOAT),
    Subject(AtomicRef, ref_model, TOKENS[0], REF),
    Subject(AtomicRef, ref_model, TOKENS[0], only(REF, "get", "get_and_set")),
    Subject(AtomicRef, ref_model, TOKENS[0], only(REF, "compare_and_set", "compare_and_exchange")),
]

BROKEN = [
    Subject(BrokenAtomic, int_model, 0, only(INT, "get", "increment", "get_and_set")),
    Subject(BrokenAtomic, int_model, 0, only(INT, "compare_and_set", "compare_and_exchange")),
    Subject(BrokenAtomic, ref_model, TOKENS[0], only(REF, "get", "get_and_set")),
    Subject(BrokenAtomic, ref_model, TOKENS[0], only(REF, "compare_and_set", "compare_and_exchange")),
]


def name_of(subject: Subject) -> str:
    return f"{subject.make.__name__}-{len(subject.choices)}-methods"


@pytest.mark.parametrize("subject", SUBJECTS, ids=name_of)
def test_every_history_is_linearizable(subject: Subject) -> None:
    rounds, met = scaled(12), 0
    with frequent_switches():
        for number in range(rounds):
            history = subject.history(number)
            verdict = check(subject.model(subject.start), history)
            assert verdict.linearizable, verdict
            met += turns(history)
    assert met > 10 * rounds, "the threads hardly met, so the histories prove nothing"


@pytest.mark.parametrize("subject", BROKEN, ids=name_of)
def test_a_read_modify_write_that_is_not_atomic_is_noticed(subject: Subject) -> None:
    with frequent_switches():
        verdicts = (
            check(subject.model(subject.start), subject.history(number)) for number in range(scaled(12))
        )
        assert any(not verdict.linearizable for verdict in verdicts)
