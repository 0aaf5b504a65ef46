"""The parts of ./dev that can be tested without building anything: parsing, ordering, counting."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from dev import (  # noqa: E402  (the line above makes it importable)
    console,
    cpython_build,
    debian_sources,
    environment,
    interpreter,
    junit,
    packages,
    tsan_reports,
)

# --- Packages ---------------------------------------------------------------------------------------------


def test_only_fully_installed_packages_count() -> None:
    listing = "g++ installed\nlibssl-dev config-files\nclang-19 half-configured\nxz-utils installed\n"
    assert packages.parse_installed(listing) == {"g++", "xz-utils"}


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        (["clang-9", "clang-19", "clang-14"], 19),
        (["clang-18", "clang-100"], 100),
        (["clang-14", "clang-17"], None),
        (["clang-19-doc", "clang-tools-19", "clang-format-20"], None),
        ([], None),
    ],
)
def test_the_newest_usable_clang(names: list[str], newest: int | None) -> None:
    assert packages.newest_clang(names) == newest


def test_a_package_without_a_candidate_cannot_be_installed() -> None:
    policy = (
        "clang-22:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n"
        "clang-19:\n  Installed: (none)\n  Candidate: 1:19.1.7-3\n  Version table:\n     1:19.1.7-3 500\n"
    )
    assert packages.parse_candidates(policy) == ["clang-19"]


def test_what_may_not_be_installed_is_named_in_one_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packages, "is_debian", lambda: True)
    monkeypatch.setattr(packages, "installed", lambda names: {"uuid-dev"} & set(names))
    monkeypatch.setattr(packages, "privilege", lambda: None)
    needs = [packages.Need("libssl-dev"), packages.Need("uuid-dev"), packages.Need("g++", "no-such-compiler")]
    with pytest.raises(console.DevError) as caught:
        packages.ensure(needs)
    assert "sudo apt-get install --no-install-recommends g++ libssl-dev\n" in str(caught.value)


def test_a_program_on_path_stands_for_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "is_debian", lambda: True)
    monkeypatch.setattr(packages, "installed", lambda names: set())
    assert packages.missing([packages.Need("dash", "sh"), packages.Need("zlib1g-dev")]) == [
        packages.Need("zlib1g-dev")
    ]


# --- Sources of CPython -----------------------------------------------------------------------------------


def stanza(package: str, version: str, upstream: str, digit: str = "a") -> str:
    """What `apt-cache showsrc` prints for a version, shortened."""
    return (
        f"Package: {package}\nBinary: {package}, {package}-dev\nVersion: {version}\n"
        f"Files:\n 0123456789abcdef0123456789abcdef 1 {package}_{upstream}.orig.tar.xz\n"
        f"Checksums-Sha256:\n {'0' * 64} 3446 {package}_{version}.dsc\n"
        f" {digit * 64} 23160540 {package}_{upstream}.orig.tar.xz\n"
        f" {'2' * 64} 833 {package}_{upstream}.orig.tar.xz.asc\n"
        f" {'3' * 64} 262280 {package}_{version}.debian.tar.xz\nSection: python\n"
    )


def test_sources_are_ordered_by_number_newest_first_and_releases_only() -> None:
    listing = "\n".join(
        [
            stanza("python3.13", "3.13.5-2+deb13u5", "3.13.5", "b"),
            stanza("python3.14", "3.14.9-1", "3.14.9"),
            stanza("python3.14", "3.14.10-1", "3.14.10"),
            stanza("python3.13", "3.13.15-1", "3.13.15"),
            stanza("python3.13", "3.13.5-2", "3.13.5", "b"),
            stanza("python3.15", "3.15.0~rc1-1", "3.15.0~rc1"),
        ]
    )
    sources = debian_sources.parse_sources(listing)
    assert [source.upstream for source in sources] == ["3.14.10", "3.14.9", "3.13.15", "3.13.5"]
    assert sources[-1] == debian_sources.Source(
        "python3.13", "3.13.5-2+deb13u5", "python3.13_3.13.5.orig.tar.xz", "b" * 64
    )


def test_a_stanza_without_a_checksum_is_no_source() -> None:
    assert debian_sources.parse_sources("Package: python3.13\nVersion: 3.13.5-2\n") == []
    assert debian_sources.parse_sources("") == []


def test_only_the_distributions_own_archive_is_asked() -> None:
    targets = (
        "http://mirror.example/debian/ bookworm main\n"
        "http://mirror.example/debian/ bookworm-updates main\n"
        "http://mirror.example/debian/ bookworm contrib\n"
        "http://vendor.example/apt/ bookworm stable\n"
        "http://vendor.example/node/ nodistro main\n"
        "http://mirror.example/debian/ bookworm main\n"
    )
    assert debian_sources.archive_addresses(targets, ["bookworm", "sid"]) == ["http://mirror.example/debian/"]
    assert debian_sources.archive_addresses("", ["bookworm"]) == []


def test_every_address_is_combined_with_every_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(debian_sources.KEYRINGS, "ubuntu", ROOT / "no-such-keyring")
    lines = debian_sources.source_lines("ubuntu", ["http://a/"], ["devel", "noble"])
    assert lines == "deb-src http://a/ devel main universe\ndeb-src http://a/ noble main universe\n"


def test_os_release_fields_lose_their_quotes() -> None:
    fields = debian_sources.read_os_release('ID=debian\nVERSION_CODENAME="bookworm"\n\n# comment\n')
    assert fields["ID"] == "debian"
    assert fields["VERSION_CODENAME"] == "bookworm"


# --- Built interpreters -----------------------------------------------------------------------------------


def fake_interpreter(cache: Path, name: str, *, complete: bool) -> Path:
    """The parts of an installed CPython that ./dev looks at."""
    prefix = cache / "raddle" / "interpreters" / name
    program = prefix / "bin" / "python3.13t"
    program.parent.mkdir(parents=True)
    program.write_text("")
    if complete:
        (prefix / cpython_build.STAMP).write_text(json.dumps({"version": name.rpartition("-")[2]}))
    return program


def test_a_build_that_did_not_end_is_not_used_and_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    older = fake_interpreter(tmp_path, "free-threaded-3.13.5", complete=True)
    newer = fake_interpreter(tmp_path, "free-threaded-3.13.15", complete=True)
    torn = fake_interpreter(tmp_path, "free-threaded-3.14.2", complete=False)
    fake_interpreter(tmp_path, "thread-sanitizer-3.13.15", complete=True)
    assert cpython_build.finished("free-threaded") == [newer, older]
    assert cpython_build.version_of(newer) == "3.13.15"
    assert cpython_build.version_of(torn) is None

    workplace = tmp_path / "raddle" / "building" / "Python-3.14.2"
    workplace.mkdir(parents=True)
    cpython_build.remove_unfinished()
    assert not torn.exists()
    assert not workplace.exists()
    assert newer.exists()


def test_a_finished_build_is_reused_without_building(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    program = fake_interpreter(tmp_path, "free-threaded-3.13.15", complete=True)
    assert cpython_build.build(cpython_build.FREE_THREADED) == program
    assert cpython_build.build(cpython_build.FREE_THREADED, "3.13.15") == program


# --- Choosing an interpreter ------------------------------------------------------------------------------

GOOD = {
    "implementation": "cpython",
    "version": [3, 13, 5],
    "free_threaded": True,
    "gil_enabled": False,
    "include": "/usr/include/python3.13t",
    "missing": [],
}


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"implementation": "pypy"}, "not CPython"),
        ({"version": [3, 12, 9]}, "3.13 or later"),
        ({"free_threaded": False, "gil_enabled": True}, "--disable-gil"),
        ({"gil_enabled": True}, "turned on"),
        ({"missing": ["ssl", "venv"]}, "ssl, venv"),
    ],
)
def test_an_unusable_interpreter_is_told_why(changed: dict[str, object], part: str) -> None:
    assert part in interpreter.free_threaded_problem(GOOD | changed, has_headers=True)


def test_a_usable_interpreter_needs_its_header() -> None:
    assert interpreter.free_threaded_problem(GOOD, has_headers=True) == ""
    assert "Python.h" in interpreter.free_threaded_problem(GOOD, has_headers=False)


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 1\n")
    path.chmod(0o755)
    return path


def test_candidates_come_newest_first_and_pyenvs_shims_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = executable(tmp_path / "bin" / "python3.13t")
    newer = executable(tmp_path / "bin" / "python3.14t")
    executable(tmp_path / "shims" / "python3.15t")
    first = executable(tmp_path / "pyenv" / "versions" / "3.14.2t" / "bin" / "python3.14t")
    second = executable(tmp_path / "pyenv" / "versions" / "3.14.10t" / "bin" / "python3.14t")
    built = fake_interpreter(tmp_path / "cache", "free-threaded-3.14.9", complete=True)
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}{os.pathsep}{tmp_path / 'bin'}")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert list(interpreter.candidates()) == [newer, second, first, older, built]


def test_an_interpreter_that_was_asked_before_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = executable(tmp_path / "python3.14t")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("RADDLE_PYTHON", raising=False)
    assert interpreter.find([]) is None
    assert interpreter.find([interpreter.identity(program)]) == program


def test_a_wrong_raddle_python_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADDLE_PYTHON", str(executable(tmp_path / "python3")))
    with pytest.raises(console.DevError, match="does not run"):
        interpreter.find([])
    monkeypatch.setenv("RADDLE_PYTHON", str(tmp_path / "absent"))
    with pytest.raises(console.DevError, match="does not run"):
        interpreter.find([])


# --- Environments -----------------------------------------------------------------------------------------


def test_a_groups_content_includes_the_groups_it_names() -> None:
    groups = {"base": ["ninja"], "test": ["pytest", {"include-group": "base"}]}
    assert environment.group_content(groups, "test") == ["pytest", "ninja"]
    with pytest.raises(console.DevError, match="no dependency group named absent"):
        environment.group_content(groups, "absent")


def test_the_source_hash_sees_content_and_names_but_no_caches(tmp_path: Path) -> None:
    source = tmp_path / "src" / "a.cpp"
    source.parent.mkdir()
    source.write_text("int a;")
    (tmp_path / "pyproject.toml").write_text("")
    before = environment.source_hash(tmp_path)
    (tmp_path / "src" / "__pycache__").mkdir()
    (tmp_path / "src" / "__pycache__" / "a.pyc").write_text("x")
    (tmp_path / "unrelated.txt").write_text("x")
    assert environment.source_hash(tmp_path) == before
    source.write_text("int b;")
    changed = environment.source_hash(tmp_path)
    assert changed != before
    source.rename(tmp_path / "src" / "b.cpp")
    assert environment.source_hash(tmp_path) not in (before, changed)


def test_a_torn_stamp_counts_as_none(tmp_path: Path) -> None:
    assert environment.read_stamp(tmp_path) == {}
    environment.write_stamp(tmp_path, {"raddle": "x"})
    assert environment.read_stamp(tmp_path) == {"raddle": "x"}
    environment.stamp_file(tmp_path).write_text('{"raddle": ')
    assert environment.read_stamp(tmp_path) == {}


# --- Counts -----------------------------------------------------------------------------------------------

PYTEST_XML = """<testsuites><testsuite name="pytest" tests="5">
<testcase classname="test_a" name="passes" time="0.1"/>
<testcase classname="test_a" name="fails"><failure message="assert">text</failure></testcase>
<testcase classname="test_a" name="fails_twice"><failure message="a"/><error message="teardown"/></testcase>
<testcase classname="" name="test_b"><error message="collection failure"/></testcase>
<testcase classname="test_a" name="skips"><skipped type="pytest.skip" message="needs four cores"/></testcase>
</testsuite></testsuites>"""

CTEST_XML = """<testsuite name="(empty)" tests="5">
<testcase name="A.passes" classname="A.passes" status="run"/>
<testcase name="A.fails" classname="A.fails" status="fail"><failure message=""/></testcase>
<testcase name="A.skips" classname="A.skips" status="notrun">
<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/></testcase>
<testcase name="A.lost" classname="A.lost" status="notrun">
<skipped message="Unable to find executable"/></testcase>
<testcase name="A.off" classname="A.off" status="disabled"><skipped message="Disabled"/></testcase>
</testsuite>"""


def settle(
    tmp_path: Path, xml: str | None, status: int | None, *, may_be_empty: bool = False
) -> junit.Result:
    report = tmp_path / "report.xml"
    if xml is not None:
        report.write_text(xml)
    return junit.settle(report, "suite", status, may_be_empty=may_be_empty)


def counts(result: junit.Result) -> tuple[int, int, int]:
    return result.passed, result.failed, result.skipped


def test_pytests_report_is_counted_by_test(tmp_path: Path) -> None:
    result = settle(tmp_path, PYTEST_XML, 1)
    assert counts(result) == (1, 3, 1)
    assert result.skips == ["test_a.skips: needs four cores"]


def test_ctests_lost_program_is_a_failure_and_no_skip(tmp_path: Path) -> None:
    result = settle(tmp_path, CTEST_XML, 8)
    assert counts(result) == (1, 2, 2)
    assert result.failures[1] == "A.lost (not run: Unable to find executable)"


@pytest.mark.parametrize(
    ("xml", "status", "part"),
    [
        (None, -signal.SIGSEGV, "killed by signal 11 without a report"),
        (None, None, "time limit"),
        ('<testsuite><testcase name="a"/>', 0, "exit status 0 without a report"),
        ('<testsuite><testcase name="a"/></testsuite>', 3, "exit status 3"),
        ("<testsuite/>", 0, "no test was found"),
        ("<testsuite/>", 5, "exit status 5"),
    ],
)
def test_a_runner_that_went_wrong_is_one_failure(
    tmp_path: Path, xml: str, status: int | None, part: str
) -> None:
    result = settle(tmp_path, xml, status)
    assert result.failed == 1
    assert part in result.failures[0]
    assert not junit.succeeded([result])


def test_a_selection_may_be_empty_but_no_tests_at_all_is_no_success(tmp_path: Path) -> None:
    empty = settle(tmp_path, "<testsuite/>", 5, may_be_empty=True)
    assert counts(empty) == (0, 0, 0)
    assert not junit.succeeded([empty])
    assert junit.succeeded([empty, junit.Result("other", passed=1)])


def test_a_selection_whose_runner_broke_is_a_failure(tmp_path: Path) -> None:
    broken = settle(tmp_path, '<testsuite><testcase name="a"/></testsuite>', 3, may_be_empty=True)
    assert broken.failed == 1


def test_the_last_line_and_the_table() -> None:
    results = [junit.Result("C++", 10, 0, 1, 2.5), junit.Result("Python, GIL", 200, 2, 0, 11.25)]
    assert junit.last_line(results) == "210 passed, 2 failed, 1 skipped"
    assert junit.table(results).splitlines() == [
        "suite        passed  failed  skipped  seconds",
        "C++              10       0        1      2.5",
        "Python, GIL     200       2        0     11.2",
    ]
    assert not junit.succeeded(results)


# --- ThreadSanitizer --------------------------------------------------------------------------------------


def race(*stacks: str) -> str:
    """A report with the given stacks."""
    return (
        "==================\nWARNING: ThreadSanitizer: data race (pid=7)\n"
        + "\n".join(stacks)
        + "\n\n  Location is heap block of size 64 at 0x7b by main thread:\n"
        "    #0 malloc <null> (python3.13t+0x10)\n"
        "    #1 raddle::make() /x/src/bindings/object.hpp:3:4 (_raddle.cpython-313t.so+0x20)\n\n"
        "SUMMARY: ThreadSanitizer: data race /x/y.c:1:2 in f\n==================\n"
    )


def access(*frames: str) -> str:
    lines = "\n".join(f"    #{number} {frame}" for number, frame in enumerate(frames))
    return f"  Write of size 8 at 0x7b0400000800 by thread T1:\n{lines}\n"


EVAL = "_PyEval_EvalFrameDefault /b/Python-3.13.5/Python/generated_cases.c.h:813:35 (python3.13t+0x1)"
DICT = "insertdict /b/Python-3.13.5/Objects/dictobject.c:1756:9 (python3.13t+0x2)"
INCREF = "Py_INCREF /c/include/python3.13t/object.h:820:9 (_raddle.cpython-313t.so+0x3)"
OURS = "increment(_object*) /c/src/bindings/numbers.cpp:40:5 (_raddle.cpython-313t.so+0x4)"
HEADER = "raddle::AtomicInt::get() /c/include/raddle/atomic/atomic_int.hpp:40:5 (_raddle.cpython-313t.so+0x5)"
VECTOR = "std::vector<int>::size() /usr/include/c++/12/bits/stl_vector.h:987:5 (_raddle.cpython-313t.so+0x6)"
MEMCPY = "memcpy <null> (python3.13t+0x7)"
OTHER = "work /h/other/module.c:12:3 (other.cpython-313t.so+0x8)"


@pytest.mark.parametrize(
    ("stacks", "ours"),
    [
        ([access(HEADER, OURS, EVAL)], True),
        ([access(INCREF, OURS, EVAL)], True),
        ([access(MEMCPY, OURS)], True),
        ([access(VECTOR, OURS)], True),
        # Memory that raddle handed to Python in a wrong way: the interpreter's frames are looked through.
        ([access(DICT, OURS, EVAL)], True),
        ([access(DICT, EVAL), access(OURS, EVAL)], True),
        # Python code that raddle called: its races are its own.
        ([access(DICT, EVAL, OURS, EVAL)], False),
        ([access(DICT, EVAL), access(DICT, EVAL)], False),
        ([access(OTHER, OURS)], False),
        ([access(MEMCPY, OTHER)], False),
    ],
)
def test_whose_report_it_is(stacks: list[str], ours: bool) -> None:
    [report] = tsan_reports.split(race(*stacks))
    assert tsan_reports.is_raddles(report.text) is ours


def test_reports_are_read_from_all_logs_and_shown_once(tmp_path: Path) -> None:
    (tmp_path / "report.7").write_text(race(access(OURS)) + race(access(DICT)))
    (tmp_path / "report.8").write_text(race(access(OURS)))
    own, others = tsan_reports.read(tmp_path)
    assert [report.summary for report in own] == ["ThreadSanitizer: data race /x/y.c:1:2 in f"]
    assert others == 1


def test_a_crash_under_the_sanitizer_is_a_report() -> None:
    text = (
        "ThreadSanitizer:DEADLYSIGNAL\n==7==ERROR: ThreadSanitizer: SEGV on unknown address 0x0\n"
        f"    #0 {OURS}\n\n==7==HINT: none\n"
    )
    [report] = tsan_reports.split(text)
    assert tsan_reports.is_raddles(report.text)
