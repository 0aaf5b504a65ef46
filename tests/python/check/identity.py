"""Runs a program as `raddle check` does, but with probes that only give back what they got.

    python *START [--include PATTERN]... [--fresh MODULE]... [--count] [-m] PROGRAM [ARGUMENT]...

What it shows is what rewriting alone does to a program: nothing. `--count` tells at the end how many there
were; `--fresh` lets a module that this needed be loaded again, by the program.
"""

import sys

START = (
    "-c",
    "import sys\nif sys.path[:1] == ['']: del sys.path[0]\nfrom identity import main\nmain()",
)


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
    fresh = []
    while words[0] in ("--include", "--fresh", "--count", "-m"):
        word = words.pop(0)
        if word == "--include":
            include.append(words.pop(0))
        elif word == "--fresh":
            fresh.append(words.pop(0))
        elif word == "--count":
            count = True
        else:
            module = True
            break
    loader = Loader(Choice(include), sites, Cache(enabled=False))
    loader.install()
    if count:
        import atexit

        def tell():
            seen = loader.coverage()
            calls = sum(probe.calls for probe in PROBES)
            print(
                f"{len(seen['modules'])} modules, {len(PROBES)} probes, {calls} calls, "
                f"unseen: {seen['unseen']}, seen: {seen['modules']}",
                file=sys.__stderr__,
            )

        atexit.register(tell)
    for name in fresh:
        for loaded in [other for other in sys.modules if other == name or other.startswith(name + ".")]:
            del sys.modules[loaded]
    run(Program(words, module), loader, lambda: None)
