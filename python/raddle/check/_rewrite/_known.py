"""What is known at one point of a function: where values came from, and what tests have found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from raddle.check._ops import Guard, Link
from raddle.check._rewrite._sites import Key, Site

Sites = frozenset[Site]
_NO_SITES: Sites = frozenset()


class Fact(NamedTuple):
    """What a read found: `expects`. Of kind DATA: it was compared with something."""

    site: Site
    expects: Guard = Guard.NONE
    kind: Link = Link.GUARD


class Known(NamedTuple):
    """Of a value: the reads it is a copy of, is computed from, is the result of calls from.

    `yes` and `no`: what follows if it is true, or false. `text`: of the expression it is another name for.
    """

    direct: Sites = _NO_SITES
    near: Sites = _NO_SITES
    far: Sites = _NO_SITES
    yes: tuple[Fact, ...] = ()
    no: tuple[Fact, ...] = ()
    text: str = ""

    @property
    def all(self) -> Sites:
        return self.direct | self.near | self.far


NOTHING = Known()


def computed(values: Iterable[Known]) -> Known:
    direct, near, far = _NO_SITES, _NO_SITES, _NO_SITES
    for value in values:
        if value is not NOTHING:
            direct, near, far = direct | value.direct, near | value.near, far | value.far
    return Known(near=direct | near, far=far) if direct or near or far else NOTHING


def called(values: Iterable[Known]) -> Known:
    far = _NO_SITES
    for value in values:
        if value is not NOTHING:
            far |= value.all
    return Known(far=far) if far else NOTHING


def either(left: Known, right: Known) -> Known:
    """The value of one of two branches."""
    if left == right:
        return left
    same = left.text if left.text == right.text else ""
    return Known(left.direct | right.direct, left.near | right.near, left.far | right.far, (), (), same)


@dataclass
class State:
    variables: dict[str, Known] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    done: Sites = _NO_SITES  # reads that have been executed on every way to here
    stored: frozenset[Place] = frozenset()  # written by this function itself, on some way

    def copy(self) -> State:
        return State(dict(self.variables), self.facts, self.done, self.stored)

    def adopt(self, facts: Iterable[Fact]) -> None:
        """Later tests of a location replace earlier ones: the inner check of a double-checked lock counts."""
        new = tuple(dict.fromkeys(facts))
        if not new:
            return
        places = {place(fact.site) for fact in new}
        kept = (old for old in self.facts if old not in new and place(old.site) not in places)
        self.facts = (*kept, *new)
        self.done |= {fact.site for fact in new}

    def forget(self, written: Site) -> None:
        self.stored |= {place(written)}
        if self.facts:
            self.facts = tuple(fact for fact in self.facts if not same_place(fact.site, written))


def join(states: Iterable[State | None]) -> State | None:
    """What is known where several ways come together; None is a way that does not get there."""
    alive = [state for state in states if state is not None]
    if len(alive) < 2:
        return alive[0].copy() if alive else None
    result = alive[0].copy()
    for other in alive[1:]:
        for name in other.variables.keys() | result.variables.keys():
            mine, its = result.variables.get(name, NOTHING), other.variables.get(name, NOTHING)
            result.variables[name] = mine if mine is its else either(mine, its)
        result.facts = _both(result, other)
        result.done &= other.done
        result.stored |= other.stored
    return result


def _both(one: State, other: State) -> tuple[Fact, ...]:
    """Facts of both ways, and those that the other way has made true itself: `if k not in d: d[k] = v`."""
    kept = [fact for fact in one.facts if fact in other.facts or place(fact.site) in other.stored]
    kept += [fact for fact in other.facts if fact not in kept and place(fact.site) in one.stored]
    return tuple(kept)


Place = tuple[Key, str, str]


def place(site: Site) -> Place:
    return site.key, site.text, site.key_text


def same_place(one: Site, other: Site) -> bool:
    if one.key != other.key or one.text != other.text:
        return False
    return one.key_text == other.key_text or not one.key_text or not other.key_text


def may_be_same(read: Site, act: Site) -> bool:
    """Whether the two can touch one location. The engine compares for certain when they run."""
    if read.key != act.key:
        return False
    if read.key[0] != "container":
        return True
    if read.text != act.text:
        return False
    constants = read.key_text[:1] in _CONSTANT and act.key_text[:1] in _CONSTANT
    return not (constants and read.key_text and act.key_text and read.key_text != act.key_text)


_CONSTANT = frozenset("0123456789'\"-")
_FOUND = frozenset({Guard.PRESENT, Guard.NOT_NONE, Guard.TRUTHY, Guard.NON_EMPTY})


def depends(fact: Fact, act: Site, tested: bool) -> bool:
    """Whether the act relies on the fact. `tested`: its value is only looked at, by a test again."""
    if fact.site is act or not may_be_same(fact.site, act):
        return False
    if fact.kind is Link.DATA:
        return act.writes and not act.removes
    if fact.expects in _FOUND:
        return act.removes or (act.uses and not (tested and act.key[0] != "container"))
    return act.creates
