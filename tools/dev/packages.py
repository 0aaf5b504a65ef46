"""Packages of the system: which are missing, and installing them where that is allowed."""

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from .console import ENGLISH, DevError, capture, new_log, run_logged, say, shown, step

# Set once the package lists were fetched, for a ./dev that is started by this one.
UPDATED = "RADDLE_DEV_APT_UPDATED"


@dataclass(frozen=True)
class Need:
    """A Debian package, or a program that serves as well when it is on PATH without that package."""

    package: str
    program: str = ""


COMPILER = (Need("g++", "g++"),)
CPP_TESTS = (Need("googletest"),)
CPYTHON_BUILD = (
    Need("build-essential", "make"),
    Need("ca-certificates"),
    Need("xz-utils", "xz"),
    Need("libbz2-dev"),
    Need("libffi-dev"),
    Need("liblzma-dev"),
    Need("libncurses-dev"),
    Need("libreadline-dev"),
    Need("libsqlite3-dev"),
    Need("libssl-dev"),
    Need("uuid-dev"),
    Need("zlib1g-dev"),
)


def is_debian() -> bool:
    """Whether packages can be asked for and installed with Debian's tools."""
    return shutil.which("apt-get") is not None and shutil.which("dpkg-query") is not None


def installed(packages: Iterable[str]) -> set[str]:
    """Those of the packages (shell patterns are allowed) that are fully installed."""
    names = list(packages)
    if not names:
        return set()
    # dpkg-query's status is 1 when one of the names is unknown; what it knows is printed all the same.
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return parse_installed(done.stdout)


def parse_installed(listing: str) -> set[str]:
    """The names on dpkg-query's lines `name status` whose status is exactly `installed`."""
    pairs = (line.split() for line in listing.splitlines())
    return {pair[0] for pair in pairs if pair[1:] == ["installed"]}


def missing(needs: Iterable[Need]) -> list[Need]:
    """The needs that neither a program on PATH nor an installed package meets."""
    unmet = [need for need in needs if not (need.program and shutil.which(need.program))]
    if not is_debian():
        # Libraries cannot be looked for without a known package manager; configure and cmake name them.
        return [need for need in unmet if need.program]
    present = installed(need.package for need in unmet)
    return [need for need in unmet if need.package not in present]


def ensure(needs: Iterable[Need]) -> None:
    """Installs what is missing, or says what to type where this user may not."""
    wanted = missing(needs)
    if not wanted:
        return
    if not is_debian():
        names = ", ".join(need.program for need in wanted)
        raise DevError(
            f"these programs are missing: {names}. Please install them with the system's package manager."
        )
    packages = sorted({need.package for need in wanted})
    as_root = privilege()
    if as_root is None:
        raise DevError(
            "some packages are missing, and this user may not install them. Please type:\n\n"
            f"  sudo apt-get update && sudo apt-get install --no-install-recommends {' '.join(packages)}\n"
        )
    new_log("apt")
    update_lists(as_root)
    say(f"installing packages: {' '.join(packages)}")
    options = ["-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=600"]
    step(
        [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", *options, *packages], "apt"
    )


def privilege() -> list[str] | None:
    """What to put before a command to run it as root; None where that needs a password."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    return sudo if shutil.which("sudo") and capture([*sudo, "true"]) is not None else None


def update_lists(as_root: list[str]) -> None:
    """Fetches the package lists, once in a run."""
    if UPDATED in os.environ:
        return
    say("fetching the package lists (apt-get update)")
    log = new_log("apt-update")
    if run_logged([*as_root, "apt-get", "update", "-q"], log) != 0:
        # One unreachable source among several is common and need not matter; a package that is then
        # not found fails at its installation, with apt's own message.
        say(f"apt-get update reported errors (see {shown(log)}); going on with the lists that are there")
    os.environ[UPDATED] = "1"


@dataclass(frozen=True)
class Clang:
    """The clang that the sanitizers use."""

    version: int

    @property
    def c(self) -> str:
        return f"clang-{self.version}"

    @property
    def cxx(self) -> str:
        return f"clang++-{self.version}"

    @property
    def tools(self) -> str:
        """Where Debian keeps the unversioned programs; the sanitizers look for `llvm-symbolizer` on PATH."""
        return f"/usr/lib/llvm-{self.version}/bin"

    @property
    def needs(self) -> tuple[Need, ...]:
        names = (self.c, f"libclang-rt-{self.version}-dev", f"llvm-{self.version}")
        return tuple(map(Need, names))


OLDEST_CLANG = 18  # ThreadSanitizer's runtime of older ones aborts under large address randomisation.


@functools.cache
def clang() -> Clang:
    """The newest clang that is installed, else the newest that the archive offers."""
    if not is_debian():
        return Clang(_clang_on_path())
    version = newest_clang(installed(["clang-[0-9]*"]))
    if version is None:
        as_root = privilege()
        if as_root is not None:
            update_lists(as_root)
        version = newest_clang(_offered_clangs())
    if version is None:
        raise DevError(
            f"clang {OLDEST_CLANG} or later is needed for the sanitizers, and the package lists have none.\n"
            "If the lists were never fetched, type:  sudo apt-get update"
        )
    return Clang(version)


def newest_clang(packages: Iterable[str]) -> int | None:
    """The highest usable version among package names such as `clang-19`."""
    matches = (re.fullmatch(r"clang-(\d+)", name) for name in packages)
    versions = [int(match[1]) for match in matches if match]
    return max((version for version in versions if version >= OLDEST_CLANG), default=None)


def _offered_clangs() -> list[str]:
    names = (capture(["apt-cache", "pkgnames", "clang-"]) or "").split()
    versions = [name for name in names if newest_clang([name])]
    # pkgnames also lists packages that others only mention; those have no candidate.
    return (
        parse_candidates(capture(["apt-cache", "policy", *versions], env=ENGLISH) or "") if versions else []
    )


def parse_candidates(policy: str) -> list[str]:
    """The package names in the output of `apt-cache policy` that can be installed."""
    found = re.findall(r"^(\S+):\n(?:  .*\n)*?  Candidate: (\S+)", policy, re.MULTILINE)
    return [name for name, candidate in found if candidate != "(none)"]


def _clang_on_path() -> int:
    for version in range(40, OLDEST_CLANG - 1, -1):
        if shutil.which(f"clang++-{version}"):
            return version
    raise DevError(f"clang {OLDEST_CLANG} or later is needed for the sanitizers, named like clang++-19.")
