"""What all classes have in common as Python objects: weak references, subclasses, hashing, pickling."""

import copy
import gc
import pickle
import weakref
from typing import Any

import pytest
from support.surface_atomics import ATOMICS
from support.threads import parallelize

BY_VALUE = [
    cls for cls in ATOMICS if cls.__name__ in ("AtomicInt", "AtomicBool", "AtomicFloat", "ShardedCounter")
]

pytestmark = pytest.mark.usefixtures("_small_heap")


@pytest.mark.parametrize("cls", BY_VALUE)
def test_what_compares_by_value_cannot_be_hashed(cls: Any) -> None:
    with pytest.raises(TypeError, match=f"unhashable type: '.*{cls.__name__}'"):
        hash(cls())


@pytest.mark.parametrize("cls", ATOMICS)
def test_belongs_to_the_package(cls: Any) -> None:
    assert cls.__module__ == "raddle"
    assert cls.__qualname__ == cls.__name__


@pytest.mark.parametrize("cls", ATOMICS)
def test_its_class_cannot_be_changed(cls: Any) -> None:
    with pytest.raises(TypeError, match="immutable type"):
        cls.get = None
    with pytest.raises(AttributeError):
        cls().attribute = 1


@pytest.mark.parametrize("cls", ATOMICS)
def test_weak_references_end_with_the_object(cls: Any) -> None:
    ended: list[Any] = []
    atomic = cls(1)
    reference = weakref.ref(atomic, ended.append)
    proxy = weakref.proxy(atomic)
    assert reference() is atomic
    assert proxy.get() == 1
    assert ended == []
    del atomic
    assert reference() is None
    assert ended == [reference]


@pytest.mark.parametrize("cls", ATOMICS)
def test_a_weak_reference_callback_may_make_and_use_others(cls: Any) -> None:
    seen: list[Any] = []

    def callback(_: Any) -> None:
        other = cls(1)
        seen.append(other.get())

    atomic = cls(0)
    reference = weakref.ref(atomic, callback)
    del atomic
    assert reference() is None
    assert seen == [1]


@pytest.mark.parametrize("cls", ATOMICS)
def test_threads_make_and_drop_weak_references_to_one_object(cls: Any) -> None:
    atomic = cls(1)
    ended: list[Any] = []

    def use(number: int) -> None:
        for _ in range(200):
            references = [weakref.ref(atomic, ended.append) for _ in range(3)]
            assert all(reference() is atomic for reference in references)

    parallelize(use, 3)
    assert weakref.getweakrefcount(atomic) == 0
    assert ended == []


@pytest.mark.parametrize("cls", ATOMICS)
def test_a_plain_subclass(cls: Any) -> None:
    class Derived(cls):  # type: ignore[misc]
        def doubled(self) -> Any:
            return [self.get()] * 2

    atomic = Derived(1)
    assert atomic.doubled() == [1, 1]
    atomic.note = "kept"
    assert vars(atomic) == {"note": "kept"}
    assert repr(atomic) == repr(cls(1)).replace(cls.__name__, "Derived")
    assert isinstance(atomic, cls)
    reference = weakref.ref(atomic)
    del atomic
    assert reference() is None


@pytest.mark.parametrize("cls", ATOMICS)
def test_a_subclass_with_slots(cls: Any) -> None:
    class Slotted(cls):  # type: ignore[misc]
        __slots__ = ("note",)

    atomic = Slotted(1)
    atomic.note = ["kept"]
    assert atomic.note == ["kept"]
    assert atomic.get() == 1
    with pytest.raises(AttributeError):
        atomic.other = 1


@pytest.mark.parametrize("cls", ATOMICS)
def test_a_subclass_with_its_own_init(cls: Any) -> None:
    class Configured(cls):  # type: ignore[misc]
        def __init__(self, value: Any = 0) -> None:
            self.configured = True

    atomic = Configured(1)
    assert atomic.configured
    assert atomic.get() == 1
    Configured.__init__(atomic, 0)
    assert atomic.get() == 1


@pytest.mark.parametrize("cls", ATOMICS)
def test_a_subclass_with_its_own_new_takes_any_arguments(cls: Any) -> None:
    class Named(cls):  # type: ignore[misc]
        def __new__(cls, name: str, value: Any) -> "Named":
            made = super().__new__(cls, value)
            made.name = name
            return made  # type: ignore[no-any-return]

        def __init__(self, name: str, value: Any) -> None:
            pass

    atomic = Named("hits", 1)
    assert (atomic.name, atomic.get()) == ("hits", 1)


@pytest.mark.parametrize("cls", ATOMICS)
def test_a_second_init_changes_nothing(cls: Any) -> None:
    atomic = cls(1)
    for arguments in ((), (0,), ("nonsense", 1, 2)):
        atomic.__init__(*arguments)
        assert atomic.get() == 1


@pytest.mark.parametrize("cls", ATOMICS)
def test_new_makes_an_object_of_its_own_classes_only(cls: Any) -> None:
    assert cls.__new__(cls, 1).get() == 1
    with pytest.raises(TypeError):
        cls.__new__(object)
    with pytest.raises(TypeError):
        object.__new__(cls)
    with pytest.raises(TypeError):
        cls.get(object())


@pytest.mark.parametrize("cls", ATOMICS)
def test_subclasses_of_two_of_the_classes_are_refused(cls: Any) -> None:
    for other in ATOMICS:
        if other is not cls:
            with pytest.raises(TypeError, match=r"lay-?out conflict"):
                type("Both", (cls, other), {})


@pytest.mark.parametrize("cls", ATOMICS)
def test_a_subclass_object_in_a_cycle_with_itself_is_collected(cls: Any) -> None:
    class Derived(cls):  # type: ignore[misc]
        pass

    atomic = Derived()
    atomic.myself = atomic
    reference = weakref.ref(atomic)
    del atomic
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("cls", ATOMICS)
def test_a_finaliser_of_a_subclass_may_use_the_object(cls: Any) -> None:
    seen: list[Any] = []

    class Derived(cls):  # type: ignore[misc]
        def __del__(self) -> None:
            seen.append(self.get())
            seen.append(repr(self))

    Derived(1)
    gc.collect()
    assert seen == [1, repr(cls(1)).replace(cls.__name__, "Derived")]


@pytest.mark.parametrize("cls", ATOMICS)
def test_an_object_may_be_revived_by_its_finaliser(cls: Any) -> None:
    revived: list[Any] = []

    class Derived(cls):  # type: ignore[misc]
        def __del__(self) -> None:
            revived.append(self)

    Derived(1)
    assert [atomic.get() for atomic in revived] == [1]
    revived[0].set(1) if hasattr(cls, "set") else revived[0].increment()
    revived.clear()


@pytest.mark.parametrize(
    "attempt", [copy.copy, copy.deepcopy, pickle.dumps, lambda atomic: pickle.dumps(atomic, 0)]
)
@pytest.mark.parametrize("cls", ATOMICS)
def test_pickling_and_copying_say_what_to_use_instead(cls: Any, attempt: Any) -> None:
    class Derived(cls):  # type: ignore[misc]
        pass

    for kind in (cls, Derived):
        with pytest.raises(
            TypeError, match=f"cannot pickle or copy '{kind.__name__}' object: .*multiprocessing"
        ):
            attempt(kind(1))


@pytest.mark.parametrize("cls", ATOMICS)
def test_a_subclass_may_say_how_it_is_pickled(cls: Any) -> None:
    class Derived(cls):  # type: ignore[misc]
        def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
            return cls, (self.get(),)

    made = copy.copy(Derived(1))
    assert type(made) is cls
    assert made.get() == 1
