"""Figures that several groups ask for."""

from statistics import median

from .model import Figure, Finish


def median_of_notes(unit: str, items: int = 1) -> Figure:
    """Threads leave lists of nanoseconds that they have measured; each note is about so many items."""

    def of(finish: Finish) -> float:
        # Without any note it is 0, which the check will find.
        notes: list[int] = [nanoseconds for noted in finish.last for nanoseconds in noted or ()]
        return median(notes or [0]) / items / 1e9

    return Figure(of, f"ns per {unit}")
