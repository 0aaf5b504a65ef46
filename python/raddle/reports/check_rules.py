"""The rules of `raddle check`. `rules/` beside this file has a page for each that explains it."""

from dataclasses import dataclass

from raddle.reports.check_findings import Severity


@dataclass(frozen=True)
class Rule:
    id: str
    name: str
    severity: Severity
    first: str  # what the first thread did, in words; {} stands for its name
    second: str  # what the other one did
    fix: str
    looked: str = ""  # what the other one did, where that was no change


_ALL = (
    Rule(
        "RD101",
        "lost update",
        Severity.ERROR,
        "{} read it, then wrote what it had made of that",
        "{} wrote it",
        "Hold one lock from the read to the write, in every thread: {lock}. "
        "For a number, raddle.AtomicInt.increment() does both in one step.",
    ),
    Rule(
        "RD102",
        "check, then act",
        Severity.ERROR,
        "{} looked, then acted on what it had seen",
        "{} changed it",
        "Hold one lock from the look to the act, in every thread: {lock}. "
        "Or act in one step and handle the failure: d.pop(key, None), try/except, one read into a local.",
        "{} looked as well, and may act on it too",
    ),
    Rule(
        "RD103",
        "check, then create",
        Severity.ERROR,
        "{} found nothing there, and created it",
        "{} put something there as well",
        "Create it once: raddle.OnceMap or raddle.Lazy, dict.setdefault() where a spare object does no harm, "
        "or hold one lock from the look to the store: {lock}.",
        "{} looked for it as well",
    ),
    Rule(
        "RD104",
        "changed during iteration",
        Severity.ERROR,
        "{} went through it",
        "{} added or removed something",
        "Hold one lock while going through it and while changing it: {lock}. "
        "Or go through a copy, list(it), which builtin containers make in one step.",
    ),
    Rule(
        "RD105",
        "premature publication",
        Severity.ERROR,
        "{} wrote this field for the first time",
        "{} already had the object, and read the field",
        "Write all fields first; start the thread, register or put the object last.",
    ),
    Rule(
        "RD201",
        "inconsistent guard",
        Severity.WARNING,
        "{} accessed it without the lock",
        "{} accessed it",
        "Take the lock here as well: {lock}. If the access is harmless, say so: "
        "# raddle: ignore[RD201] reason",
    ),
    Rule(
        "RD202",
        "shared iterator",
        Severity.WARNING,
        "{} took the next item",
        "{} took one as well",
        "Give each thread its own iterator, hand items over by raddle.Queue, "
        "or hold one lock around next(): {lock}.",
    ),
    Rule(
        "RD301",
        "unordered accesses",
        Severity.WARNING,
        "{} accessed it",
        "{} accessed it",
        "Nothing is lost by that alone; the value read may be old. Order the two if that matters: {lock}.",
    ),
)
RULES = {rule.id: rule for rule in _ALL}
