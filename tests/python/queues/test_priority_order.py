"""PriorityQueue gives the least item first, whatever is put and taken in between: against heapq."""

import heapq
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from raddle import PriorityQueue

KEYS = st.one_of(
    st.integers(-5, 5),
    st.floats(allow_nan=False, width=16),
    st.fractions(max_denominator=4),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), KEYS),
        st.tuples(st.just("put_many"), st.lists(KEYS, max_size=40)),
        st.tuples(st.just("get"), st.none()),
        st.tuples(st.just("get_many"), st.integers(1, 30)),
    ),
    max_size=50,
)


@settings(max_examples=200)
@given(STEPS)
def test_the_least_first(steps: list[tuple[str, Any]]) -> None:
    ours: PriorityQueue[Any] = PriorityQueue()
    heap: list[Any] = []
    for name, argument in steps:
        if name == "put":
            ours.put(argument)
            heapq.heappush(heap, argument)
        elif name == "put_many":
            assert ours.put_many(argument) == len(argument)
            for key in argument:
                heapq.heappush(heap, key)
        elif name == "get" and heap:
            assert ours.get() == heapq.heappop(heap)
        elif name == "get_many":
            expected = [heapq.heappop(heap) for _ in range(min(argument, len(heap)))]
            assert ours.get_many(argument, block=False) == expected
        assert ours.qsize() == len(heap)
    assert ours.drain() == sorted(heap)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(["", "a", "ab"]))))
def test_tuples(items: list[tuple[int, int, str]]) -> None:
    ours: PriorityQueue[tuple[int, int, str]] = PriorityQueue()
    ours.put_many(items)
    assert [ours.get() for _ in items] == sorted(items)


@given(st.lists(st.integers(0, 5), max_size=200))
def test_of_equal_items_each_comes_once(keys: list[int]) -> None:
    class Key:
        def __init__(self, key: int) -> None:
            self.key = key

        def __lt__(self, other: "Key") -> bool:
            return self.key < other.key

    items = [Key(key) for key in keys]
    ours: PriorityQueue[Key] = PriorityQueue()
    ours.put_many(items)
    taken = ours.drain()
    assert [item.key for item in taken] == sorted(keys)
    assert {id(item) for item in taken} == {id(item) for item in items}
    assert len(taken) == len(items)
