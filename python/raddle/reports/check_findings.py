"""What `raddle check` found, as plain data that reports read."""

from dataclasses import dataclass, field
from enum import Enum


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Evidence(Enum):
    HAPPENED = "happened"  # in this run
    CAN_HAPPEN = "can happen"  # nothing orders the accesses: another run may show it


@dataclass(frozen=True)
class Frame:
    file: str
    line: int
    function: str
    library: bool = False  # of the standard library: says little about the program


Stack = tuple[Frame, ...]  # outermost first


@dataclass(frozen=True)
class Held:
    """A lock that a thread had when it accessed the location, and where it had taken it."""

    name: str
    taken: Stack


@dataclass(frozen=True)
class Access:
    """One access. Columns count from 0, in characters; the end is exclusive."""

    kind: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    stack: Stack
    source: str = ""  # the line, as far as there is one
    locks: tuple[Held, ...] = ()
    value: str | None = None

    @property
    def function(self) -> str:
        return self.stack[-1].function if self.stack else "?"


@dataclass(frozen=True)
class Side:
    """One thread's part: one access, or the pair of a read and what was done because of it."""

    thread: str
    created: Stack
    accesses: tuple[Access, ...]


@dataclass(frozen=True)
class Guard:
    """The lock that most accesses of the location were made under."""

    lock: str
    held: int
    of: int


@dataclass(frozen=True)
class Finding:
    """A pair of places that got into each other's way, however often."""

    rule: str
    severity: Severity
    evidence: Evidence
    count: int
    kind: str  # of the location: attribute, global, closure variable, item, structure, iterator
    location: str  # in words: "Account.balance of <Account 'bob'>"
    sides: tuple[Side, ...]
    guard: Guard | None = None
    process: int | None = None  # a child of fork() that found it


@dataclass(frozen=True)
class Coverage:
    """What was looked at, so that silence can be trusted."""

    modules: tuple[str, ...] = ()
    unseen: tuple[tuple[str, str], ...] = ()  # module, why its code was not instrumented
    extensions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # synchronisation that is not understood
    threads: int = 0
    locations: int = 0
    evicted: int = 0  # locations forgotten because the memory limit was reached
    errors: tuple[str, ...] = ()  # of raddle's own


@dataclass(frozen=True)
class Check:
    """One run of a program."""

    raddle: str
    python: str
    program: str
    folder: str  # where it was run
    findings: tuple[Finding, ...]
    coverage: Coverage = field(default_factory=Coverage)
    complete: bool = True  # the program came to an end at which everything was counted
    ended: str = ""  # how the program ended, unless it came to its end with exit code 0
    ignored: int = 0  # by a comment in the source
    accepted: int = 0  # by the baseline

    @property
    def errors(self) -> int:
        return sum(found.severity is Severity.ERROR for found in self.findings)
