"""What a test run can be told from outside: the seed of its random choices and the size of its stress.

RADDLE_TEST_SEED   any integer; a run without it draws one. Every failure prints it.
RADDLE_TEST_SCALE  multiplies the number of rounds of stress tests; 1 if not given.
"""

import os
import random


def _number(name: str, kind: type[int] | type[float], default: float) -> float:
    text = os.environ.get(name, "")
    if not text:
        return default
    try:
        return kind(text)
    except ValueError:
        raise SystemExit(f"{name} must be a number, not {text!r}; for example: {name}=1") from None


SEED = int(_number("RADDLE_TEST_SEED", int, random.SystemRandom().randrange(2**32)))
SCALE = _number("RADDLE_TEST_SCALE", float, 1)


def scaled(count: int) -> int:
    """`count` rounds at the scale of this run, at least one."""
    return max(1, round(count * SCALE))


def generator(*labels: object) -> random.Random:
    """Random choices that depend on the seed and the labels only, so that each thread has its own."""
    return random.Random(f"{SEED} {labels}")
