"""What a variant of the tour has to offer.

A new variant is one new file in `raddle.demo.variants`: a subclass of `Variant` and `VARIANT = ThatClass()`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeAlias, TypeVar

from raddle.demo.share import Share, deal
from raddle.reports.findings import Totals

Counters = TypeVar("Counters")
Job: TypeAlias = tuple[Callable[[Counters, Share], None], Share]


class Variant(ABC, Generic[Counters]):
    """One way to count. `Counters` is whatever its workers share.

    `count` writes the loop out in full, as a user would. A loop shared by all variants would have to call a
    function at each word, and that call would hide what is measured.
    """

    order: ClassVar[int]  # place in the table
    title: ClassVar[str]  # at most 18 characters, so that the table fits a terminal
    shows: ClassVar[str]  # one line
    must_be_right: ClassVar[bool] = True
    parallel: ClassVar[bool] = True  # False: one worker, whatever the user asked for
    pinned: ClassVar[bool] = False  # True: `make` pins what it makes
    handed: ClassVar[bool] = False  # True: one more thread hands out the lines; each counts for itself

    @property
    def name(self) -> str:
        """The name of the variant's file."""
        return type(self).__module__.rpartition(".")[2]

    @abstractmethod
    def make(self) -> Counters:
        """New counters at zero. Called once per run, before any worker sees them."""

    def jobs(self, texts: Sequence[bytes], workers: int) -> list[Job[Counters]]:
        """What each thread calls and with which share, in the order in which they are started.

        A job ends soon after its share was stopped, also if that was before it began.
        """
        return [(self.count, share) for share in deal(texts, workers)]

    @abstractmethod
    def count(self, counters: Counters, share: Share) -> None:
        """Count the texts of one share, one update per file, line and word. Runs in all workers at once."""

    @abstractmethod
    def totals(self, counters: Counters) -> Totals:
        """What was counted. Called once, when all workers have ended."""
