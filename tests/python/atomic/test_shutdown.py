"""The end of the interpreter: daemon threads in the middle of calls, finalisers that run last."""

import pytest
from support.knobs import scaled
from support.process import check_code

DAEMONS = """
import threading
from raddle import *

number, real, reference, counter = AtomicInt(), AtomicFloat(), AtomicRef(()), ShardedCounter()
flag, started = AtomicBool(), AtomicInt()

def twice(value):
    for _ in range(20):
        number.get()
    return value

def work():
    started.increment()
    while True:
        {call}

for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
while started.get() < 4:
    pass
"""
CALLS = [
    "number.update(lambda value: twice(value) % 1000 + 1)",
    "number.get_and_update(lambda value: number.update(twice) % 1000)",
    "real.update(lambda value: twice(value) % 1000 + 1)",
    "reference.update(lambda value: (twice(len(value)),))",
    "reference.get_and_update(lambda value: [twice(value)][:1])",
    "reference.set([reference.get()][:0]); reference.compare_and_set(reference.get(), object())",
    "counter.increment(); counter.get(); counter.reset(); flag.flip()",
    "threading.Thread(target=counter.increment).start()",
]


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize("call", CALLS)
def test_daemon_threads_in_the_middle_of_calls(call: str) -> None:
    code = DAEMONS.replace("{call}", f"try: {call}\n        except RuntimeError: return")
    for _ in range(scaled(3)):
        check_code(code, timeout=60)


LAST_FINALISERS = """
import builtins, os, sys, threading
import raddle

class Last:
    __slots__ = ("one", "other", "values")
    write = staticmethod(os.write)
    def __init__(self):
        self.one, self.other = raddle.AtomicInt(1), raddle.AtomicFloat(1.0)
        self.values = [raddle.AtomicRef(self), raddle.ShardedCounter(2), raddle.AtomicBool()]
    def __del__(self):
        assert self.one == self.other and self.one < 2, "comparison"
        assert self.one.increment() == 2 and repr(self.one) == "AtomicInt(2)"
        reference, counter, flag = self.values[:3]
        reference.set(None)
        counter.increment()
        assert counter.reset() == 3 and flag.flip()
        self.write(1, b"ran")

{keep}
"""
ALWAYS_ENDED = ["keep = Last()", "Last.keep = raddle.AtomicRef(Last())"]
# Kept so long that the interpreter, depending on its version, may end without ending them.
KEPT_LONG = [
    "builtins.keep = Last()",
    "sys.keep = Last(); del Last",
    "sys.modules['keep'] = Last()",
    "raddle.keep = Last()",
    "raddle._raddle.keep = Last()",
    "local = threading.local(); local.keep = Last()",
    "keep = raddle.AtomicRef(Last()); keep.get().values.append(keep)",
    "keep = raddle.pin(raddle.AtomicRef(Last()))",
    "thread = threading.Thread(target=lambda last: None, args=(Last(),), daemon=True); thread.start()",
]


@pytest.mark.parametrize("keep", ALWAYS_ENDED + KEPT_LONG)
def test_finalisers_that_run_when_the_interpreter_ends(keep: str) -> None:
    output = check_code(LAST_FINALISERS.replace("{keep}", keep), timeout=60)
    assert output == "ran" or (output == "" and keep in KEPT_LONG)
