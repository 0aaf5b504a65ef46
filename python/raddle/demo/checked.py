"""`plain +=` on a few lines by two threads, as a program for `raddle check` at the end of the tour."""

from raddle.demo.crew import Crew
from raddle.demo.variants.plain import VARIANT

_TEXTS = [b"one two three\nfour\n" * 8] * 2


def main() -> None:
    Crew(VARIANT, _TEXTS, workers=2).run(lambda done_bytes: None)


if __name__ == "__main__":
    main()
