"""Interpreters with a GIL of their own come and go in two threads at once; each imports and uses raddle.

argv: how many interpreters per thread. Prints "done".
"""

import importlib
import sys
from typing import Any

import raddle

from support.threads import parallelize

_interpreters: Any = importlib.import_module("_interpreters")

USE_EVERYTHING = """
import threading
from raddle import AtomicBool, AtomicFloat, AtomicInt, AtomicRef, ShardedCounter, pin

number, flag, real = AtomicInt(), AtomicBool(), AtomicFloat()
reference, counter = AtomicRef(()), ShardedCounter()
pinned = pin(AtomicInt())

class Derived(AtomicRef):
    pass

def use():
    for step in range(300):
        number.increment()
        flag.flip()
        real.increment(0.5)
        reference.update(lambda value: (step,))
        counter.increment()
        pinned.increment()

threads = [threading.Thread(target=use) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert number == 600 and real == 300.0 and flag == False
assert counter.get() == counter.reset() == pinned.get() == 600

# What is alive when the interpreter ends: a cycle, a module's globals, objects that refer to each other.
cycle = Derived()
cycle.set(cycle)
cycle.neighbours = [cycle, number, counter, pinned]
reference.set(cycle)
"""


def one_interpreter() -> None:
    identity = _interpreters.create()
    try:
        failure = _interpreters.exec(identity, USE_EVERYTHING)
        if failure is not None:
            raise AssertionError(failure.formatted)
    finally:
        _interpreters.destroy(identity)


def main(rounds: int) -> None:
    shared = raddle.ShardedCounter()

    def come_and_go(number: int) -> None:
        for _ in range(rounds):
            one_interpreter()
            shared.increment()

    parallelize(come_and_go, 2)
    if shared.get() != 2 * rounds:
        raise AssertionError(f"{shared.get()} interpreters of {2 * rounds}")
    print("done")


main(int(sys.argv[1]))
