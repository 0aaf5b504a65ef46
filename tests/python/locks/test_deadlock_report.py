"""What DeadlockError says: its text, and its cycle."""

import copy
import pickle
import re
import traceback
from pathlib import Path
from typing import Any

import raddle
import raddle.diagnostics
from support.deadlock_programs import ring
from support.deadlocks import Meeting, deadlock_of, take_both, wait_in
from support.process import run

HERE = __file__
README = Path(HERE).parents[3] / "README.md"


def savings_and_checking(**more: Any) -> raddle.DeadlockError:
    first, second = raddle.Lock("savings", **more), raddle.Lock("checking", **more)
    meeting = Meeting(2)
    return deadlock_of(
        lambda: transfer(first, second, meeting),
        lambda: transfer(second, first, meeting),
    )


def transfer(source: Any, target: Any, meeting: Meeting) -> None:
    with source:
        meeting.wait()
        with target:  # the wait
            pass


def plain(error: BaseException) -> str:
    """The text without addresses and lines, which differ from run to run."""
    return re.sub(r"line \d+", "line N", re.sub(r"0x[0-9a-f]+", "0x0", str(error)))


def test_two_threads() -> None:
    error = savings_and_checking()
    first, _ = error.cycle
    text = str(error)
    assert text.startswith("2 threads wait for each other, each for what the next one holds:\n\n")
    mine, other = text.split("\n\n")[1:3]
    title = f"Lock {first.waits_for.name!r} ({id(first.waits_for):#x})"
    assert mine.startswith(f"{first.name} waits for {title}\n")
    assert f"  and holds {title}" in other
    for paragraph in (mine, other):
        assert re.search(
            rf'    File "{HERE}", line \d+, in transfer\n      with target:  # the wait\n', paragraph
        )
    assert text.endswith("A lock that is made with track=True remembers where it was taken.")
    assert "threading.py" not in text
    assert "raddle/_" not in text


def test_its_cycle() -> None:
    error = savings_and_checking()
    assert isinstance(error.cycle, tuple)
    for place, link in enumerate(error.cycle):
        after = error.cycle[(place + 1) % 2]
        assert isinstance(link, raddle.diagnostics.Link)
        assert link.waits_for is after.holds
        assert link.holds is not link.waits_for
        assert link.thread is not None
        assert (link.name, link.ident) == (link.thread.name, link.thread.ident)
        assert link.kind == "Lock"
        assert link.taken_at is None
        assert [entry.name for entry in link.stack][-1] == "transfer"
        assert link.stack[-1].line == "with target:  # the wait"
        assert link.places[-1][1] == "transfer"
        assert re.fullmatch(r"<\S+ .* waits for Lock .* and holds Lock .*>", repr(link))


def test_where_tracked_locks_were_taken() -> None:
    error = savings_and_checking(track=True)
    assert str(error).count(", taken at\n") == 2
    assert "track=True" not in str(error)
    for link in error.cycle:
        assert link.taken_at is not None
        assert link.taken_at[:2] == (HERE, "transfer")
        assert link.taken_at[2] < link.places[-1][2]


def test_tracking_is_recommended_where_it_can_be_had() -> None:
    """Lock and RLock can be made with track=True, others cannot."""
    rw_locks, keys = [raddle.RWLock(), raddle.RWLock()], raddle.KeyedLock[int]()
    for first, second in (rw_locks, (keys(1), keys(2))):
        assert "track=True" not in str(deadlock_of(*ring([first, second])))
    for make in (raddle.Lock, raddle.RLock):
        assert "track=True" in str(deadlock_of(*ring([make(), raddle.RWLock()])))


def test_one_thread_alone() -> None:
    lock = raddle.Lock("jobs")
    error = deadlock_of(lambda: take_both(lock, lock))
    (link,) = error.cycle
    text = plain(error)
    assert text.startswith(f"{link.name} waits for Lock 'jobs' (0x0), which it holds itself:\n\n    File ")
    assert "An RLock can be taken again" in text
    assert link.waits_for is link.holds is lock


def test_a_join() -> None:
    lock, errors = raddle.RLock("warp"), []

    def take() -> None:
        try:
            take_both(lock, lock)
        except raddle.DeadlockError as error:
            errors.append(error)

    thread = raddle.Thread(target=take, name="weaver")
    with lock:
        thread.start()
        wait_in(thread, lock)
        try:
            thread.join()
        except raddle.DeadlockError as error:
            errors.append(error)
    thread.join()
    (error,) = errors
    text = plain(error)
    assert "MainThread waits for the end of weaver\n" in text
    assert "\n  and holds RLock 'warp' (0x0)\n" in text
    assert "weaver waits for RLock 'warp' (0x0)\n" in text
    assert "\n  and MainThread waits for its end" in text


def test_many_threads_are_told_in_few_lines_each() -> None:
    error = deadlock_of(*ring([raddle.Lock() for _ in range(64)]))
    assert len(error.cycle) == 64
    assert len(str(error).splitlines()) < 6 * 64


def test_pickling_and_copying() -> None:
    error = savings_and_checking()
    for same in (copy.copy(error), copy.deepcopy(error)):
        assert str(same) == str(error)
        assert same.cycle == error.cycle
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        other = pickle.loads(pickle.dumps(error, protocol))
        assert type(other) is raddle.DeadlockError
        assert str(other) == str(error)
        for link, before in zip(other.cycle, error.cycle, strict=True):
            assert link.thread is None
            assert link.name == before.name
            assert link.waits_for == f"Lock {before.waits_for.name!r} ({id(before.waits_for):#x})"
            assert link.places == before.places
            assert repr(link) == repr(before)
            assert traceback.format_list(link.stack) == traceback.format_list(before.stack)
        assert str(pickle.loads(pickle.dumps(other))) == str(error)


def test_an_error_without_a_cycle() -> None:
    error = raddle.DeadlockError("text")
    assert error.cycle == ()
    assert pickle.loads(pickle.dumps(error)).args == ("text",)


PROGRAM = """
import threading
from raddle import Lock

lock = Lock()
def outer():
    with lock:
        inner()
def inner():
    with lock:
        pass
outer()
"""


def test_what_the_terminal_shows() -> None:
    done = run("-c", PROGRAM)
    assert done.returncode == 1
    last = done.stderr[done.stderr.index("raddle.DeadlockError: ") :]
    assert re.sub(r"0x[0-9a-f]+", "0x0", last) == (
        "raddle.DeadlockError: MainThread waits for Lock (0x0), which it holds itself:\n"
        "\n"
        '    File "<string>", line 12, in <module>\n'
        '    File "<string>", line 8, in outer\n'
        '    File "<string>", line 10, in inner\n'
        "\n"
        "An RLock can be taken again by the thread that has it.\n"
        "\n"
        "A lock that is made with track=True remembers where it was taken.\n"
    )


def neutral(text: str) -> str:
    """Without what differs from run to run: numbers, the file, and which of the two came first."""
    for what, instead in (
        (r"0x[0-9a-f]+", "0x0"),
        (r"Thread-\d+", "Thread-N"),
        (r"line \d+", "line N"),
        (r'File "[^"]*"', 'File "PROGRAM"'),
    ):
        text = re.sub(what, instead, text)
    first = re.search(r"waits for Lock '(\w+)'", text)
    assert first
    return text.replace(f"'{first[1]}'", "'first'").replace(f"'{OTHER[first[1]]}'", "'second'")


OTHER = {"savings": "checking", "checking": "savings"}


def test_the_readme_shows_the_real_message(tmp_path: Path) -> None:
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    place = next(place for place, (_, block) in enumerate(blocks) if "DeadlockError" in block)
    assert [kind for kind, _ in blocks[place : place + 2]] == ["python", "text"]
    program = tmp_path / "bank.py"
    program.write_text(blocks[place][1], encoding="utf-8")
    done = run(str(program))
    assert (done.returncode, done.stderr) == (0, "")
    assert neutral(done.stdout) == neutral(blocks[place + 1][1])
