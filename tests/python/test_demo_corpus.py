"""The tour's input, and how it is dealt to workers."""

import os
import sys
import sysconfig
from pathlib import Path

import pytest
from raddle.cli import main
from raddle.demo.corpus import CorpusError, folder, standard_library
from raddle.demo.share import deal


def test_py_files_of_all_subfolders_are_read_as_bytes(tmp_path: Path) -> None:
    (tmp_path / "sub" / "site-packages").mkdir(parents=True)
    (tmp_path / "a.py").write_bytes(b"\xff\xfe undecodable")
    (tmp_path / "sub" / "b.py").write_bytes(b"")
    (tmp_path / "sub" / "site-packages" / "c.py").write_bytes(b"three")
    (tmp_path / "d.txt").write_bytes(b"no Python")
    assert sorted(folder(tmp_path).texts) == [b"", b"three", b"\xff\xfe undecodable"]


def test_the_standard_library_leaves_installed_packages_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for place in ("site-packages/x", "dist-packages/x", "email"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "m.py").write_text(place)
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    assert standard_library().texts == (b"email",)


def test_the_real_standard_library_is_found() -> None:
    expected = Path(os.__file__).read_bytes()
    assert expected in standard_library().texts


def failing_folders(root: Path) -> dict[str, Path]:
    places = {name: root / name for name in ("missing", "file.py", "empty", "broken", "pipe")}
    places["file.py"].write_text("")
    for name in ("empty", "broken", "pipe"):
        places[name].mkdir()
    (places["broken"] / "x.py").symlink_to(root / "nowhere.py")
    os.mkfifo(places["pipe"] / "x.py")
    return places


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("missing", "does not exist"),
        ("file.py", "is not a folder"),
        ("empty", "no .py files"),
        ("broken", "x.py cannot be read: No such file"),
        ("pipe", "x.py cannot be read: not a regular file"),
    ],
)
def test_a_bad_path_is_a_plain_message_and_exit_code_2(
    tmp_path: Path, place: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = failing_folders(tmp_path)[place]
    assert main(["demo", "--path", str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert shown.err.rstrip().endswith("--path DIR")
    assert "Traceback" not in shown.err


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="this user may read everything")
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_missing_permission_is_told(tmp_path: Path, kind: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.py").write_text("")
    locked = tmp_path / "sub" / ("x.py" if kind == "file" else ".")
    locked.chmod(0)
    try:
        with pytest.raises(CorpusError, match="Permission denied"):
            folder(tmp_path)
    finally:
        locked.chmod(0o700)


@pytest.mark.parametrize("workers", [1, 2, 7, 100])
def test_dealing_gives_every_text_to_exactly_one_worker(workers: int) -> None:
    texts = [bytes([number]) * (number * 37 % 91) for number in range(60)]
    shares = deal(texts, workers)
    assert len(shares) == workers
    assert sorted(text for share in shares for text in share.texts()) == sorted(texts)


def test_dealing_is_even_by_bytes() -> None:
    texts = [b"x" * size for size in range(1, 400)]
    sizes = [sum(map(len, share.texts())) for share in deal(texts, 4)]
    assert max(sizes) - min(sizes) <= 1


def test_lines_are_those_of_the_text() -> None:
    text = b"one\n\ntwo\r\nthree\rfour" * 1500
    (share,) = deal([text], 1)
    assert b"".join(share.lines(text)) == text
    assert list(share.lines(text)) == text.splitlines(keepends=True)
    assert list(share.lines(b"")) == []


@pytest.mark.parametrize("size", [1, 3, 1000, 10_000])
def test_pieces_are_the_lines_of_the_text_in_lists(size: int) -> None:
    text = b"one\n\ntwo\r\nthree" * 1000
    (share,) = deal([text], 1)
    pieces = list(share.pieces(text, size))
    assert [line for piece in pieces for line in piece] == text.splitlines(keepends=True)
    assert all(len(piece) == size for piece in pieces[:-1])
    assert list(share.pieces(b"", size)) == []


def test_a_stopped_share_runs_out_of_lines_and_texts() -> None:
    (share,) = deal([b"line\n" * 100_000, b"more"], 1)
    seen = 0
    for text in share.texts():
        for _ in share.lines(text):
            seen += 1
            if seen == 10:
                share.stop()
    assert 10 <= seen < 5_000


def test_a_stopped_share_runs_out_of_texts_without_lines() -> None:
    (share,) = deal([b"x"] * 10, 1)
    texts = share.texts()
    assert next(texts) == b"x"
    share.stop()
    assert list(texts) == []


def test_progress_counts_the_bytes_that_are_done() -> None:
    (share,) = deal([b"12345", b"123"], 1)
    assert [share.done_bytes for _ in share.texts()] == [0, 5]
    assert share.done_bytes == 8
