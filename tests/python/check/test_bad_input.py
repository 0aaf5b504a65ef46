"""`raddle check` on programs that end badly or do odd things: all is as without it, and findings are told."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import pytest

RACE = """
import threading
class Counter:
    value = 0
counter = Counter()
def work():
    counter.value += 1
workers = [threading.Thread(target=work) for _ in range(2)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print("raced", flush=True)
"""

Done = subprocess.CompletedProcess[str]


def write(folder: Path, program: str, name: str = "program.py") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(program))
    return path


def run(folder: Path, *words: str | Path) -> Done:
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def check(folder: Path, *words: str | Path) -> Done:
    return run(folder, "-m", "raddle", "check", *words)


def both(folder: Path, *words: str | Path) -> tuple[Done, Done]:
    """Without and with the checker: same exit code and output, and the report after the same errors."""
    plain, checked = run(folder, *words), check(folder, *words)
    assert checked.returncode == plain.returncode, checked.stderr
    assert checked.stdout == plain.stdout, checked.stderr
    assert _same(checked.stderr).startswith(_same(plain.stderr)), (
        f"{plain.stderr}\n--- with raddle check:\n{checked.stderr}"
    )
    assert "raddle check: " in checked.stderr
    assert "raddle itself failed" not in checked.stderr
    return plain, checked


def _same(text: str) -> str:
    """Without addresses, which differ from run to run."""
    return re.sub(r"0x[0-9a-f]+", "0x", text)


ENDINGS = {
    "end": "",
    "sys.exit": "import sys; sys.exit(3)",
    "sys.exit-text": "import sys; sys.exit('that was all')",
    "os._exit": "import os; os._exit(4)",
    "exception": "def fail():\n    return {}['missing']\nfail()",
    "exception-in-thread": "def fail():\n    raise ValueError('odd')\n"
    "t = threading.Thread(target=fail, name='bad'); t.start(); t.join()",
    "exception-group": "raise ExceptionGroup('two', [ValueError(1), TypeError(2)])",
    "keyboard-interrupt": "raise KeyboardInterrupt",
    "atexit": "import atexit; atexit.register(print, 'last words')",
    "daemon-thread": "import time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    "non-daemon-thread": "threading.Timer(0.1, print, ['from the timer']).start()",
    "unraisable": "class Bad:\n    def __del__(self):\n        raise ValueError('in del')\nBad()",
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_a_program_ends_as_without_and_the_race_is_printed(ending: str, tmp_path: Path) -> None:
    program = write(tmp_path, RACE + ending)
    _, checked = both(tmp_path, program)
    assert "RD101" in checked.stderr
    assert "Counter.value" in checked.stderr


@pytest.mark.parametrize(
    ("crash", "number"),
    [
        ("import ctypes; ctypes.string_at(0)", signal.SIGSEGV),
        ("import os; os.abort()", signal.SIGABRT),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", signal.SIGKILL),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", signal.SIGTERM),
    ],
    ids=["SIGSEGV", "SIGABRT", "SIGKILL", "SIGTERM"],
)
def test_what_was_found_before_a_crash_is_printed(crash: str, number: int, tmp_path: Path) -> None:
    program = write(
        tmp_path, "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n" + RACE + crash
    )
    checked = check(tmp_path, program)
    assert checked.returncode == -number
    assert checked.stdout == "raced\n"
    assert "RD101" in checked.stderr
    assert "without its last words" in checked.stderr
    assert f"the program was ended by {signal.Signals(number).name}" in checked.stderr


def test_ctrl_c_ends_the_program_and_the_report_follows(tmp_path: Path) -> None:
    program = write(tmp_path, RACE + "import time\ntime.sleep(100)")
    command = [sys.executable, "-m", "raddle", "check", str(program)]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "raced\n"
        began = time.monotonic()
        os.killpg(child.pid, signal.SIGINT)
        _, errors = child.communicate(timeout=60)
        assert time.monotonic() - began < 30
    assert child.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in errors
    assert "RD101" in errors


def test_a_signal_to_the_command_reaches_the_program(tmp_path: Path) -> None:
    program = write(
        tmp_path,
        """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
        print("ready", flush=True)
        time.sleep(100)
        """,
    )
    command = [sys.executable, "-m", "raddle", "check", str(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.terminate()
        child.communicate(timeout=60)
    assert child.returncode == 9


def test_a_missing_script_is_what_the_interpreter_says(tmp_path: Path) -> None:
    both(tmp_path, "nowhere.py")


def test_a_missing_module_is_what_the_interpreter_says(tmp_path: Path) -> None:
    both(tmp_path, "-m", "nowhere")


def test_a_syntax_error_is_shown_as_the_interpreter_shows_it(tmp_path: Path) -> None:
    both(tmp_path, write(tmp_path, "def f(:\n    pass\n"))


def test_a_syntax_error_in_an_import_too(tmp_path: Path) -> None:
    write(tmp_path, "x = = 1\n", "broken.py")
    both(tmp_path, write(tmp_path, "import broken\n"))


def test_null_bytes_and_wrong_encodings(tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(b"# coding: utf-8\nx = '\xff'\n")
    both(tmp_path, path)


def test_arguments_and_main_are_the_programs_own(tmp_path: Path) -> None:
    program = write(
        tmp_path,
        """
        import sys, os
        print(sys.argv, __name__, __file__, __spec__)
        print(sys.path[0] == os.path.dirname(os.path.abspath(__file__)))
        print(sorted(name for name in globals() if name.startswith("__")))
        print(__builtins__.__name__, sys.flags.optimize, sys.orig_argv[-3:])
        """,
    )
    both(tmp_path, program, "--strict", "-x", "a b")


def test_a_package_a_folder_and_a_zip_run(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("print('init')\n")
    (package / "helper.py").write_text(RACE)
    (package / "__main__.py").write_text(
        "from . import helper\nprint(__name__, __package__, __spec__.name)\n"
    )
    _, checked = both(tmp_path, "-m", "pack")
    assert "RD101" in checked.stderr

    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder", RACE, "__main__.py")
    _, checked = both(tmp_path, "folder")
    assert "RD101" in checked.stderr

    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("__main__.py", "import inner\nprint(inner.counter.value)\n")
        archive.writestr("inner.py", RACE)
    _, checked = both(tmp_path, "app.zip")
    assert "RD101" in checked.stderr


def test_a_module_without_source_runs_and_is_listed(tmp_path: Path) -> None:
    import py_compile

    source = write(tmp_path, "def f():\n    return 7\n", "sealed.py")
    py_compile.compile(str(source), cfile=str(tmp_path / "sealed.pyc"))
    source.unlink()
    _, checked = both(tmp_path, write(tmp_path, "import sealed\nprint(sealed.f())\n"))
    assert "sealed" in checked.stderr.rpartition("Coverage: ")[2]


def test_exec_and_eval(tmp_path: Path) -> None:
    both(
        tmp_path,
        write(
            tmp_path,
            "space = {}\nexec('def f(x):\\n    return x + 1', space)\nprint(space['f'](eval('41')))\n",
        ),
    )


def test_a_fork_that_finds_and_leaves(tmp_path: Path) -> None:
    program = write(
        tmp_path,
        """
        import os, sys
        child = os.fork()
        if child == 0:
            import race
            sys.stdout.flush()
            os._exit(5)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """,
    )
    write(tmp_path, RACE, "race.py")
    _, checked = both(tmp_path, program)
    assert "RD101" in checked.stderr
    assert "a child of the program" in checked.stderr


def test_a_subprocess_is_left_alone(tmp_path: Path) -> None:
    program = write(
        tmp_path,
        """
        import subprocess, sys
        code = "import sys; print('raddle._raddle' in sys.modules)"
        print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
        """,
    )
    both(tmp_path, program)


def test_os_exec_replaces_the_program(tmp_path: Path) -> None:
    program = write(
        tmp_path, RACE + "import os, sys\nos.execv(sys.executable, [sys.executable, '-c', 'print(7)'])"
    )
    checked = check(tmp_path, program)
    assert checked.returncode == 0
    assert checked.stdout == "raced\n7\n"
    assert "RD101" in checked.stderr


def test_a_thousand_threads(tmp_path: Path) -> None:
    program = write(
        tmp_path,
        """
        import threading
        lock, gate = threading.Lock(), threading.Event()
        total = 0
        def work():
            global total
            gate.wait()
            with lock:
                total += 1
        threads = [threading.Thread(target=work) for _ in range(1000)]
        for thread in threads:
            thread.start()
        gate.set()
        for thread in threads:
            thread.join()
        print(total)
        """,
    )
    plain, checked = both(tmp_path, program)
    assert plain.stdout == "1000\n"
    assert "raddle check: 0 errors" in checked.stderr


def test_standard_input_is_the_programs(tmp_path: Path) -> None:
    program = write(tmp_path, "print(input() + '!')")
    command = [sys.executable, "-m", "raddle", "check", str(program)]
    done = subprocess.run(command, input="hello\n", capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "hello!\n"


def test_the_exit_code_tells_of_errors_only_if_asked(tmp_path: Path) -> None:
    program = write(tmp_path, RACE)
    assert check(tmp_path, program).returncode == 0
    assert check(tmp_path, "--exit-code", program).returncode == 66
    assert check(tmp_path, "--exit-code", write(tmp_path, "print(1)", "fine.py")).returncode == 0
    assert check(tmp_path, "--exit-code", write(tmp_path, "raise SystemExit(5)", "five.py")).returncode == 5


def test_the_report_goes_to_a_file(tmp_path: Path) -> None:
    import json

    program = write(tmp_path, RACE)
    done = check(tmp_path, "--format", "json", "--output", "report.json", program)
    assert done.stderr == ""
    data = json.loads((tmp_path / "report.json").read_text())
    assert [finding["rule"] for finding in data["findings"]] == ["RD101"]
    assert data["complete"] is True


def test_a_baseline_is_written_and_then_accepts(tmp_path: Path) -> None:
    program = write(tmp_path, RACE)
    words = ("--exit-code", "--baseline", "known.json", program)
    assert check(tmp_path, *words).returncode == 0
    program.write_text("# a line more\n" + RACE)
    assert check(tmp_path, *words).returncode == 0
    program.write_text(RACE.replace("counter.value += 1", "counter.value -= 1"))
    assert check(tmp_path, *words).returncode == 66


def test_wrong_options_are_refused_before_the_program_starts(tmp_path: Path) -> None:
    program = write(tmp_path, "print('started')")
    for words in (("--memory", "lots"), ("--output", "no/such/folder/x"), ("--explain", "RD999"), ()):
        done = check(tmp_path, *words, *([program] if words else []))
        assert done.returncode == 2
        assert "started" not in done.stdout
