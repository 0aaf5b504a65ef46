"""The part of the corpus that one thread counts or hands out.

A thread asks its share for texts and lines. In between, the share notes how far the thread is and whether it
has to stop, so that no variant can forget either, and none pays for it at each word.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

_BLOCK = 1000  # lines between two looks at the stop flag: well under a millisecond of work without contention


class Share:
    """Read by its thread. `stop` and `done_bytes` are also used by the one that watches the others."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._texts = texts
        self._stopped = False
        self.done_bytes = 0

    def stop(self) -> None:
        """Let the thread run out of texts and lines soon."""
        self._stopped = True

    def texts(self) -> Iterator[bytes]:
        for text in self._texts:
            if self._stopped:
                return
            yield text
            self.done_bytes += len(text)

    def lines(self, text: bytes) -> Iterable[bytes]:
        """The lines with their ends. `chain` runs in C: the stop flag costs something once per block only."""
        return chain.from_iterable(self.pieces(text, _BLOCK))

    def pieces(self, text: bytes, size: int) -> Iterator[list[bytes]]:
        """The lines with their ends, in lists of `size` lines."""
        lines = text.splitlines(keepends=True)
        for start in range(0, len(lines), size):
            if self._stopped:
                return
            yield lines[start : start + size]


def deal(texts: Iterable[bytes], workers: int) -> list[Share]:
    """Equal shares by bytes: each text, largest first, goes to the worker that has least."""
    hands: list[tuple[int, int, list[bytes]]] = [(0, worker, []) for worker in range(workers)]
    for text in sorted(texts, key=len, reverse=True):
        size, worker, hand = heapq.heappop(hands)
        hand.append(text)
        heapq.heappush(hands, (size + len(text), worker, hand))
    return [Share(hand) for _, _, hand in hands]
