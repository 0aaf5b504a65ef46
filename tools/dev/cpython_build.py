"""Builds CPython from its sources into the cache; a build that did not end is never taken for a whole one."""

import json
import os
import re
import shutil
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from .console import DevError, capture, jobs, new_log, say, shown, step
from .debian_sources import HOW_TO_GO_ON, Archive, Source
from .lock import exclusive
from .paths import cache

# Compiling all of the standard library three times takes as long as the build; what is used is compiled then.
FEW_BYTECODES = "COMPILEALL_OPTS=-j0 -r 0"

# Written into a finished interpreter's folder as the very last thing.
STAMP = "raddle-complete.json"

# The interpreter clears the memory of a new object by plain stores, while a thread that read the address of a
# dead one from an AtomicRef may still look at its counts: they say "dead" before, during and after. CPython's
# list has the function that runs next, new_reference, for the same reason. The repr() of a threading.RLock,
# which a Condition of raddle's shows as part of its own, reads the lock's count while its owner changes it.
TSAN_SUPPLEMENT = "\nrace:_PyType_AllocNoTrack\nrace:rlock_repr\n"


@dataclass(frozen=True)
class Flavour:
    """A way to build CPython, and what its runs need."""

    name: str
    about: str
    configure: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    wrapper: tuple[str, ...] = ()


FREE_THREADED = Flavour("free-threaded", "about 3 minutes on 2 cores", ("--disable-gil", "CFLAGS=-O3"))


def thread_sanitizer(clang: str, clangxx: str) -> Flavour:
    """The free-threaded build that reports data races, by clang."""
    return Flavour(
        "thread-sanitizer",
        "about 8 minutes on 2 cores",
        ("--disable-gil", "--with-thread-sanitizer", f"CC={clang}", f"CXX={clangxx}"),
        # What the interpreter does while it builds itself is not the question, and must not fail the build.
        env={"TSAN_OPTIONS": "report_bugs=0 exitcode=0"},
        wrapper=without_randomisation(),
    )


def without_randomisation() -> tuple[str, ...]:
    """The prefix that runs a program without address randomisation, where the system allows that.

    ThreadSanitizer's shadow memory may collide with addresses that are randomised over a large range.
    """
    prefix = ("setarch", "-R")
    return prefix if capture([*prefix, "true"]) is not None else ()


def folder() -> Path:
    """Where the finished interpreters are."""
    return cache() / "interpreters"


def version_numbers(name: str) -> list[int]:
    """The numbers in a name, for sorting: 3.13.15 is later than 3.13.5."""
    return [int(number) for number in re.findall(r"\d+", name)]


def finished(flavour: str) -> list[Path]:
    """The interpreters of a flavour that were built to the end, newest first."""
    entries = [entry for entry in folder().glob(f"{flavour}-*") if (entry / STAMP).is_file()]
    entries.sort(key=lambda entry: version_numbers(entry.name), reverse=True)
    return [
        program for entry in entries for program in entry.glob("bin/python3.*t") if not program.is_symlink()
    ]


def tsan_suppressions(prefix: Path) -> Path:
    """Races in the interpreter's functions, beside one built here: CPython's own list, and a supplement."""
    return prefix / "tsan-suppressions.txt"


def version_of(program: Path) -> str | None:
    """The version of an interpreter that was built here, None of any other."""
    stamp = program.parent.parent / STAMP
    return str(json.loads(stamp.read_text())["version"]) if stamp.is_file() else None


def remove_unfinished() -> None:
    """Deletes what a killed build left behind. Only for the holder of the lock."""
    leftovers = [entry for entry in folder().glob("*") if not (entry / STAMP).is_file()]
    for entry in [*leftovers, _workplace()]:
        if entry.exists():
            say(f"removing the rest of a build that did not finish: {entry}")
            shutil.rmtree(entry)


def build(flavour: Flavour, version: str | None = None) -> Path:
    """Returns an interpreter of the flavour, built now unless another process finished one meanwhile.

    Of the given upstream version, else of the newest whose sources can be had.
    """
    with exclusive(cache() / "lock", "building CPython"):
        for program in finished(flavour.name):
            if version in (None, version_of(program)):
                return program
        remove_unfinished()
        source, tarball = _fetch(version)
        return _build(flavour, source, tarball)


def _fetch(version: str | None) -> tuple[Source, Path]:
    archive = Archive(cache() / "apt")
    wanted = [source for source in archive.sources() if version in (None, source.upstream)]
    for source in wanted:
        tarball = archive.fetch(source, cache() / "downloads")
        if tarball is not None:
            return source, tarball
    what = f"Python {version}" if version else "Python 3.13 or later"
    raise DevError(f"the package archive hands out no sources of {what}.\n{HOW_TO_GO_ON}")


def _build(flavour: Flavour, source: Source, tarball: Path) -> Path:
    log_name = f"cpython-{flavour.name}"
    log = new_log(log_name)
    say(f"building CPython {source.upstream}, {flavour.name} ({flavour.about}; log: {shown(log)})")
    top = _unpack(tarball)
    prefix = folder() / f"{flavour.name}-{source.upstream}"
    env = {**os.environ, **flavour.env}
    configure = ["./configure", f"--prefix={prefix}", *flavour.configure]
    make = [*flavour.wrapper, "make"]
    for command in (
        [*flavour.wrapper, *configure],
        [*make, f"-j{jobs()}"],
        [*make, "install", FEW_BYTECODES],
    ):
        step(command, log_name, env=env, cwd=top)
    own_list = (top / "Tools" / "tsan" / "suppressions_free_threading.txt").read_text()
    tsan_suppressions(prefix).write_text(own_list + TSAN_SUPPLEMENT)
    shutil.rmtree(_workplace())
    stamp = {"version": source.upstream, "package": source.version, "flavour": flavour.name}
    temporary = prefix / f"{STAMP}.new"
    temporary.write_text(json.dumps(stamp))
    temporary.rename(prefix / STAMP)
    return next(program for program in finished(flavour.name) if version_of(program) == source.upstream)


def _unpack(tarball: Path) -> Path:
    place = _workplace()
    place.mkdir(parents=True)
    with tarfile.open(tarball) as archive:
        # The filter came with security updates of 3.11; without it the archive's signature has to do.
        if hasattr(tarfile, "data_filter"):
            archive.extractall(place, filter="data")
        else:
            archive.extractall(place)
    found = sorted(place.glob("*/configure"))
    if len(found) != 1:
        raise DevError(
            f"{tarball.name} is not laid out as CPython's sources are: it has {len(found)} configure scripts."
        )
    return found[0].parent


def _workplace() -> Path:
    # One fixed folder is enough: the lock admits one build at a time.
    return cache() / "building"
