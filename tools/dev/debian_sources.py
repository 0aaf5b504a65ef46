"""CPython's sources out of the system's own package archive.

A Debian or Ubuntu machine can reach its package archive, and the archive is signed: the sources come from
there. apt gets a state folder of its own: the machine's list of sources stays as it is, no root is needed.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .console import ENGLISH, DevError, capture, new_log, run_logged, say, shown
from .packages import is_debian

PACKAGES = ("python3.15", "python3.14", "python3.13")
KEYRINGS = {
    "debian": Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    "ubuntu": Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg"),
}
COMPONENTS = {"debian": "main", "ubuntu": "main universe"}


@dataclass(frozen=True)
class Source:
    """One version of a source package, with the one file of it that is needed."""

    package: str
    version: str
    tarball: str
    sha256: str

    @property
    def upstream(self) -> str:
        """CPython's version number: 3.13.5 of 3.13.5-2+deb13u5."""
        return self.version.rpartition("-")[0].rpartition(":")[2]


def version_key(version: str) -> tuple[tuple[int, ...], ...]:
    """Orders Debian versions of CPython releases: upstream numbers first, then the packaging's."""
    upstream, _, revision = version.rpartition("-")
    return tuple(tuple(map(int, re.findall(r"\d+", part))) for part in (upstream, revision))


def parse_sources(listing: str) -> list[Source]:
    """The releases of CPython in an output of `apt-cache showsrc`, newest first, each tarball once."""
    found: dict[str, Source] = {}
    for stanza in re.split(r"\n\s*\n", listing):
        package = re.search(r"^Package: (\S+)$", stanza, re.MULTILINE)
        version = re.search(r"^Version: (\S+)$", stanza, re.MULTILINE)
        sums = re.search(r"^Checksums-Sha256:[ ]*\n((?: .*\n?)+)", stanza, re.MULTILINE)
        # A tilde marks a version before the release: alpha, beta, candidate.
        if not (package and version and sums) or "~" in version[1].rpartition("-")[0]:
            continue
        tarball = re.search(r"^ ([0-9a-f]{64}) \d+ (\S+\.orig\.tar\.\w+)$", sums[1], re.MULTILINE)
        if tarball:
            found.setdefault(tarball[2], Source(package[1], version[1], tarball[2], tarball[1]))
    return sorted(found.values(), key=lambda source: version_key(source.version), reverse=True)


def read_os_release(text: str) -> dict[str, str]:
    """The fields of /etc/os-release."""
    fields = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name: value.strip("\"'") for name, _, value in fields}


def archive_addresses(targets: str, own_suites: Iterable[str]) -> list[str]:
    """The distribution's archive among apt's index targets, which are lines `address suite component`.

    Archives of other vendors name their suites after the distribution at most in part, or have no `main`.
    """
    suites = set(own_suites)
    rows = (line.split() for line in targets.splitlines())
    matching = (row[0] for row in rows if len(row) == 3 and row[1] in suites and row[2] == "main")
    return list(dict.fromkeys(matching))


def suites_to_try(family: str, codename: str) -> list[str]:
    """Suites that may have a newer CPython than the machine's own; apt skips those that do not exist."""
    if family == "ubuntu":
        # `devel` is always the next release, the others had Python 3.13 or later first.
        return list(dict.fromkeys(["devel", "resolute", "questing", "plucky", codename]))
    return ["sid", "forky", "trixie"]


def source_lines(family: str, addresses: Sequence[str], suites: Sequence[str]) -> str:
    """The private sources.list."""
    keyring = KEYRINGS[family]
    option = f"[signed-by={keyring}] " if keyring.exists() else ""
    components = COMPONENTS[family]
    return "".join(
        f"deb-src {option}{address} {suite} {components}\n" for address in addresses for suite in suites
    )


class Archive:
    """The machine's package archive, asked for sources through a private apt state under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listed: list[Source] | None = None

    def sources(self) -> list[Source]:
        """All releases of CPython that the archive lists, newest first."""
        if self.listed is None:
            self._write_configuration()
            log = new_log("cpython-sources")
            say("looking for CPython's sources in the package archive")
            # The status says only whether every suite could be read, and not every suite exists everywhere.
            run_logged(["apt-get", *self._options(), "update", "-q"], log)
            answer = capture(
                ["apt-cache", *self._options(), "showsrc", "--only-source", *PACKAGES], env=ENGLISH
            )
            # apt-cache fails when one of the names is unknown; then ask for each alone.
            answers = [answer] if answer else [self._show(package) for package in PACKAGES]
            self.listed = parse_sources("\n\n".join(answers))
            if not self.listed:
                problem = f"the package archive lists no source of Python 3.13 or later (see {shown(log)})."
                raise DevError(f"{problem}\n{HOW_TO_GO_ON}")
        return self.listed

    def fetch(self, source: Source, folder: Path) -> Path | None:
        """Downloads a source's tarball into a folder; None where the archive does not hand it out."""
        target = folder / source.tarball
        if target.exists() and sha256(target) == source.sha256:
            return target
        folder.mkdir(parents=True, exist_ok=True)
        what = ["--download-only", "--tar-only", "--only-source", f"{source.package}={source.version}"]
        log = new_log(f"cpython-download-{source.upstream}")
        if run_logged(["apt-get", *self._options(), "-q", "source", *what], log, cwd=folder) != 0:
            say(f"CPython {source.upstream}: listed, but not to be had (see {shown(log)})")
            return None
        if sha256(target) != source.sha256:
            target.unlink()
            raise DevError(
                f"the download of {source.tarball} does not have the checksum that the archive states."
            )
        return target

    def _show(self, package: str) -> str:
        command = ["apt-cache", *self._options(), "showsrc", "--only-source", package]
        return capture(command, env=ENGLISH) or ""

    def _options(self) -> list[str]:
        settings = {
            "Dir::State": self.folder / "state",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::State::status": "/var/lib/dpkg/status",
            "Dir::Cache": self.folder / "cache",
            "Dir::Etc::SourceList": self.folder / "sources.list",
            "Dir::Etc::SourceParts": self.folder / "parts",
            # As root apt would drop to a user that cannot write here.
            "APT::Sandbox::User": "root",
        }
        return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]

    def _write_configuration(self) -> None:
        if not is_debian():
            raise DevError(
                f"building CPython from the package archive needs Debian or Ubuntu.\n{HOW_TO_GO_ON}"
            )
        system = read_os_release(Path("/etc/os-release").read_text())
        family = (
            "ubuntu" if "ubuntu" in f"{system.get('ID')} {system.get('ID_LIKE', '')}".split() else "debian"
        )
        names = ("VERSION_CODENAME", "UBUNTU_CODENAME", "DEBIAN_CODENAME")
        codenames = [system[name] for name in names if system.get(name)]
        question = [
            "apt-get",
            "indextargets",
            "--format",
            "$(REPO_URI) $(RELEASE) $(COMPONENT)",
            "Created-By: Packages",
        ]
        rolling = ["stable", "testing", "unstable", "sid", "devel"]
        addresses = archive_addresses(capture(question, env=ENGLISH) or "", [*codenames, *rolling])
        if not addresses:
            raise DevError(f"apt's configuration names no archive of this distribution.\n{HOW_TO_GO_ON}")
        for name in ("state", "lists/partial", "cache/archives/partial", "parts"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        suites = suites_to_try(family, codenames[-1] if codenames else "stable")
        (self.folder / "sources.list").write_text(source_lines(family, addresses, suites))


HOW_TO_GO_ON = (
    "Please install a free-threaded CPython 3.13 or later (python3.13t) in another way, and put it on PATH,\n"
    "or name it:  export RADDLE_PYTHON=/path/to/python3.13t"
)


def sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
