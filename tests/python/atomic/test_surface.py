"""What a user can look up: names, signatures, documentation. And that the table of methods is complete."""

import inspect
import re
from typing import Any

import pytest
import raddle
from support.rows import Offer, Row
from support.surface import CLASSES, OF_THREADING, OFFERS, ROWS, rows_of
from support.surface_atomics import COMPARISONS

# What every class has from object or from being a class.
NOT_METHODS = {
    "__doc__",
    "__module__",
    "__new__",
    "__init__",
    "__hash__",
    "__init_subclass__",
    "__subclasshook__",
    "__annotations__",  # Once somebody has asked for them.
    "__vectorcalloffset__",
    "__dict__",
    "__del__",
}


def own_names(cls: type[Any]) -> set[str]:
    """Names whose meaning is not object's."""
    own = {name for name in dir(cls) if getattr(cls, name) is not getattr(object, name, None)}
    return own - NOT_METHODS - {"__class__", "__dir__"} - attributes(cls)


def attributes(cls: type[Any]) -> set[str]:
    return {
        name
        for name in dir(cls)
        if not name.startswith("__") and inspect.isdatadescriptor(getattr(cls, name))
    }


@pytest.mark.parametrize("cls", CLASSES)
def test_the_table_has_a_row_for_every_method(cls: type[Any]) -> None:
    assert own_names(cls) == {row.name for row in rows_of(cls)}


def test_a_method_without_a_row_would_be_noticed() -> None:
    extended = type("Extended", (raddle.AtomicInt,), {"brand_new": lambda self: None, "__slots__": ()})
    assert "brand_new" in own_names(extended)


def test_the_table_has_every_public_class() -> None:
    public = [getattr(raddle, name) for name in raddle.__all__]
    classes = {thing for thing in public if isinstance(thing, type) and not issubclass(thing, Exception)}
    assert classes - set(OF_THREADING) == set(CLASSES)


@pytest.mark.parametrize("offer", OFFERS, ids=str)
def test_attributes(offer: Offer) -> None:
    assert attributes(offer.cls) == offer.attributes
    assert all(inspect.getdoc(getattr(offer.cls, name)) for name in offer.attributes)


@pytest.mark.parametrize("row", [row for row in ROWS if row.signature], ids=str)
def test_signature(row: Row) -> None:
    assert str(inspect.signature(getattr(row.cls, row.name))) == row.signature


@pytest.mark.parametrize("offer", OFFERS, ids=str)
def test_signature_of_a_constructor(offer: Offer) -> None:
    assert str(inspect.signature(offer.cls)) == offer.signature


def test_signature_of_pin() -> None:
    assert str(inspect.signature(raddle.pin)) == "(obj, /)"


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_methods_of_the_same_name_take_the_same_arguments_by_keyword(row: Row) -> None:
    if "n=1" in row.signature:
        row.make().__getattribute__(row.name)(n=1)
    elif "expected" in row.signature:
        row.make().__getattribute__(row.name)(desired=1, expected=0)
    elif row.good and row.name not in COMPARISONS:
        with pytest.raises(TypeError, match="keyword"):
            row.bind(row.make())(*row.good[0], value=1)


def documented() -> list[Any]:
    own = [row for row in ROWS if not row.name.startswith("__") or row.name == "__reduce__"]
    return [*(getattr(row.cls, row.name) for row in own), *CLASSES, raddle.pin]


@pytest.mark.parametrize("thing", documented(), ids=lambda thing: thing.__qualname__)
def test_documentation_starts_with_one_sentence(thing: Any) -> None:
    first, *rest = inspect.getdoc(thing).splitlines()  # type: ignore[union-attr]
    assert re.fullmatch(r"[A-Z].*[.]", first)
    assert rest[:1] in ([], [""])
    assert all(len(line) <= 120 and line == line.rstrip() for line in (first, *rest))


@pytest.mark.parametrize("thing", [*CLASSES, raddle.pin], ids=lambda thing: thing.__qualname__)
def test_documentation_ends_with_an_example_that_compiles(thing: Any) -> None:
    text = inspect.getdoc(thing) or ""
    example = inspect.cleandoc(text.rpartition("\n\n")[2])
    assert text.rpartition("\n\n")[2].startswith("    ")
    assert thing.__name__ in example
    compile(example, "example", "exec")
