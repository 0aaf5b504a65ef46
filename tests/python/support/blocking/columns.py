"""What every blocking call is put through: the columns of the matrix."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from . import collector, forks, interrupts, memory, reentry, shutdown, subinterpreters, timeouts
from .call import BlockingCall


@dataclass(frozen=True)
class Column:
    """One column. The program that runs it ends at once, unless its ordinary end is what is tested."""

    name: str
    run: Callable[[BlockingCall], None]
    output: str = "done\n"
    ends_at_once: bool = True

    def __str__(self) -> str:
        return self.name

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]

    def applies_to(self, call: BlockingCall) -> bool:
        return self.name not in call.without and self.group not in call.without


def _shutdown(name: str, run: Callable[[BlockingCall], None], output: str) -> Column:
    return Column(f"shutdown.{name}", run, output, ends_at_once=False)


COLUMNS: tuple[Column, ...] = (
    Column("timeout.expires", timeouts.expires),
    Column("timeout.race", timeouts.race),
    Column("timeout.two_waiters", timeouts.two_waiters),
    *(
        Column(f"interrupt.{name}", partial(interrupts.interrupt, kind))
        for name, kind in interrupts.KINDS.items()
    ),
    Column("handler.inside", interrupts.handler),
    Column("handler.race", interrupts.handler_race),
    Column("fork.while_waiting", forks.while_waiting),
    Column("fork.in_handler", forks.in_handler),
    Column("fork.under_load", forks.under_load),
    _shutdown("daemons", shutdown.daemons, "done\n"),
    _shutdown("woken_by_finalisers", shutdown.woken_by_finalisers, "end\ndone\nreleased\n"),
    _shutdown("threads", shutdown.threads, "end\ndone\nreleased\n"),
    Column("no_memory", memory.no_memory),
    Column("reentry", reentry.reentry),
    Column("subinterpreter.own_gil", subinterpreters.own_gil),
    Column("subinterpreter.legacy", subinterpreters.legacy),
    Column("collector", collector.collector),
)


def find(name: str) -> Column:
    return next(column for column in COLUMNS if column.name == name)
