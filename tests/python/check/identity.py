"""Runs a program as `raddle check` does, but with probes that only give back what they got.

    python -m identity [--include PATTERN]... [-m] PROGRAM [ARGUMENT]...

What it shows is what rewriting alone does to a program: nothing. `--count` tells at the end how many there were.
"""

import sys


class Probe:
    """Like the extension's: called beside an operation, returns its first argument."""

    __slots__ = ("calls", "spec")

    def __init__(self, spec):
        self.spec = spec
        self.calls = 0

    def __call__(self, *arguments):
        self.calls += 1
        return arguments[0] if arguments else None


PROBES = []


def sites(filename, variables, specs):
    made = [Probe(spec) for spec in specs]
    PROBES.extend(made)
    return made


def main():
    from raddle.check._cache import Cache
    from raddle.check._choice import Choice
    from raddle.check._loader import Loader
    from raddle.check._run import Program, run

    words = sys.argv[1:]
    include, count, module = [], False, False
    while words[0] in ("--include", "--count", "-m"):
        word = words.pop(0)
        if word == "--include":
            include.append(words.pop(0))
        elif word == "--count":
            count = True
        else:
            module = True
            break
    loader = Loader(Choice(include), sites, Cache(enabled=False))
    loader.install()
    if count:
        import atexit

        atexit.register(
            lambda: print(
                f"{len(loader.coverage()['modules'])} modules, {len(PROBES)} probes, "
                f"{sum(probe.calls for probe in PROBES)} calls, unseen: {loader.coverage()['unseen']}",
                file=sys.__stderr__,
            )
        )
    run(Program(words, module), loader, lambda: None)


if __name__ == "__main__":
    from identity import main as _main  # the program gets __main__

    _main()
