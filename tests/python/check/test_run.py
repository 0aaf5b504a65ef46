"""How a program starts and ends under the rewriter: as without. And its tracebacks, to the caret."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from check.watched import plain, probes, same, watched, without_addresses, write

SHOW = """
import sys, os
print(__name__, __file__, __package__, __doc__, __spec__ and __spec__.name, type(__loader__), __loader__)
print(sorted(globals()), __builtins__)
print(sys.argv, sys.path[0], sys.orig_argv, sys.flags)
print(sys.modules['__main__'].__dict__ is globals(), __import__('__main__').__name__)
class Thing:
    x = 1
def use(thing):
    thing.x += 1
    return thing.x
print(use(Thing()))
"""


def test_a_script_sees_what_it_always_sees(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": SHOW, "deep/er/main.py": SHOW})
    os.symlink("deep/er/main.py", tmp_path / "link.py")
    assert probes(same(tmp_path, "main.py")) >= 2
    same(tmp_path, "./main.py", "-m", "a b", "--count")
    same(tmp_path, str(tmp_path / "main.py"), flags=("-O", "-X", "dev"))
    same(tmp_path, "deep/er/../er/main.py")
    same(tmp_path, "link.py", "--")


def test_a_module_a_package_a_folder_and_an_archive(tmp_path: Path) -> None:
    import zipfile

    write(
        tmp_path,
        {
            "module.py": SHOW,
            "pack/__init__.py": "print('init')\n",
            "pack/__main__.py": "from . import part\n" + SHOW,
            "pack/part.py": SHOW,
            "pack/sub/__init__.py": "",
            "pack/sub/mod.py": SHOW,
            "folder/__main__.py": SHOW,
            "space/mod.py": SHOW,
            "nothing/other.py": "",
        },
    )
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("__main__.py", SHOW + "import inner\n")
        archive.writestr("inner.py", SHOW)
    for words in (
        ("-m", "module", "x"),
        ("-m", "pack"),
        ("-m", "pack.part"),
        ("-m", "pack.sub.mod"),
        ("-m", "space.mod"),
        ("folder", "y"),
        ("./folder/",),
        ("app.zip",),
    ):
        assert probes(same(tmp_path, *words)) >= 2
    for words in (("-m", "space"), ("-m", "nowhere"), ("-m", "pack.nowhere"), ("nothing",), ("nowhere.py",)):
        same(tmp_path, *words)


def test_a_program_from_standard_input(tmp_path: Path) -> None:
    assert probes(same(tmp_path, "-", "a", given=SHOW)) >= 2
    same(tmp_path, "-", given="def f(:\n")


def test_compiled_programs_run_as_they_are(tmp_path: Path) -> None:
    import py_compile

    write(tmp_path, {"main.py": SHOW})
    py_compile.compile(str(tmp_path / "main.py"), str(tmp_path / "main.pyc"))
    done = watched(tmp_path, "--count", "main.pyc")
    assert without_addresses(done.stdout) == without_addresses(plain(tmp_path, "main.pyc").stdout)
    assert "('__main__', 'there is no source')" in done.stderr


def test_a_program_may_have_modules_named_as_those_of_the_standard_library(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.py": "import json, queue\nprint(json.mine, queue.mine, json.__file__)\n",
            "json.py": "mine = 1\n",
            "queue/__init__.py": "mine = 2\n",
        },
    )
    same(tmp_path, "main.py")


# The rewriter is made of them, and may be loaded while the program runs.
@pytest.mark.parametrize(
    "module", ["ast", "copy", "dataclasses", "fnmatch", "inspect", "keyword", "textwrap"]
)
def test_a_program_may_have_a_module_named_as_one_that_the_checker_needs(module: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.py": f"import {module}\nprint({module}.mine)\n", f"{module}.py": "mine = 1\n"})
    same(tmp_path, "main.py")


@pytest.mark.parametrize("pattern", ["dataclasses", "ma*", "fnmatch", "ast"])
def test_modules_that_the_rewriter_is_made_of_may_be_included(pattern: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "import ast, dataclasses, fnmatch\nprint(fnmatch.fnmatch('a', 'a'))\n"})
    command = [sys.executable, "-m", "raddle", "check", "--include", pattern, "main.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
    assert "1 module instrumented" in done.stderr


@pytest.mark.parametrize(
    "ending",
    [
        "import sys; sys.exit(3)",
        "raise SystemExit('words')",
        "raise SystemExit",
        "import os; os._exit(4)",
        "raise KeyboardInterrupt",
        "import sys\nsys.excepthook = lambda *a: print('hook', a[0], a[2].tb_lineno)\n1/0",
        "import sys\ndel sys.excepthook\nraise SystemExit(2)",
        "import atexit\natexit.register(lambda: 1/0)\nraise ValueError('first')",
        "def f():\n  try:\n    {}['x']\n  except KeyError as e:\n    raise ValueError(2) from e\nf()",
        "raise ExceptionGroup('g', [ValueError(1), ExceptionGroup('h', [TypeError(2)])])",
        "import threading\ndef f(): 1/0\nt = threading.Thread(target=f, name='T')\nt.start()\nt.join()",
        "import sys, atexit\n"
        "atexit.register(lambda: print(sys.last_type, sys.last_traceback.tb_lineno))\n1/0",
        "class E(Exception):\n    def __str__(self): raise E\nraise E",
        "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
        "import runpy\nrunpy.run_path('other.py')",
    ],
)
def test_endings(ending: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "print('begun', flush=True)\n" + ending, "other.py": "{}.nothing\n"})
    same(tmp_path, "main.py")
    same(tmp_path, "-m", "main")


def test_ctrl_c(tmp_path: Path) -> None:
    import subprocess

    from check.identity import START
    from check.watched import HERE

    write(tmp_path, {"main.py": "import time\nprint('begun', flush=True)\ntime.sleep(60)\n"})
    environment = os.environ | {"PYTHONPATH": f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, *START, "main.py"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGINT
    assert errors.splitlines()[1].startswith(f'  File "{tmp_path / "main.py"}", line ')
    assert "identity" not in errors
    assert errors.splitlines()[-1] == "KeyboardInterrupt"


FAILING = """
o.missing
o.x.missing
o.missing.y
missing.x
o.x = o.missing
o.locked = 1
del o.missing
o.x += 1
o.missing += 1
o.x += f(o.missing)
d['missing']
d[o.missing]
d[missing]
d[f('missing')]
d[[]]
f(d)['missing']['x']
d['a'] = d['missing']
d['a']['b'] = 1
d['n'] += 'text'
d['missing'] += 1
d[f('missing')] += f(1)
del d['missing']
del d[f('missing')]
n[0]
n[0] = 1
n[:]
q[10]
q[1:'x']
1 in n
f(1) in n
[] in d
missing in d
len(n)
len(missing)
not broken
broken and 1
1 if broken else 2
[x for x in n]
[x.missing for x in q]
[x for x in q if x.missing]
{x: d[x] for x in q}
list(x.missing for x in q)
sum(q + ['text'])
sum(n)
', '.join(q)
q.pop(77)
q.append(d['missing'])
q.index('missing')
d.pop('missing')
o.x.append(o.missing)
d.get([])
d.get(o.missing, 1)
q.nothing()
o.method(o.x,
         o.missing)
(o.
   x.
   missing)
d[
  'missing'
]
next(iter([]))
next(n)
getattr(o, 'missing')
getattr(o, n)
setattr(o, 'locked', 1)
delattr(o, 'missing')
f(*n, **d['missing'])
a, b, c = o.x
o.x, d['k'] = 1
for x in n: pass
for o.locked in q: pass
for x in q: x.missing
while broken: pass
with o.x: pass
assert o.x is None, o.y
assert broken
raise o.error
global_name += 1
global_name = missing
global_name.missing
f'{o.x} {o.missing!r:>{n}}'
lambda_(o.missing)(1)
(lambda: o.missing)()
o.__missing
match_(o)
exec('o.missing')
o.x @ o.y
-o
o.x < o.missing < 3
(y := o.missing)
print(o.missing if o.x else 1)
"""


def test_tracebacks_are_the_same_to_the_caret(tmp_path: Path) -> None:
    """Each line fails; all ways there are to look at the failure."""
    statements: list[str] = []
    for line in FAILING.strip("\n").splitlines():
        if line.startswith((" ", "]")):
            statements[-1] += "\n" + line
        else:
            statements.append(line)
    program = [_HEAD]
    for number, statement in enumerate(statements):
        lines = statement.splitlines()
        head = "    global global_name\n" if "global_name" in statement else ""
        body = "".join(f"    {line}\n" for line in lines)
        program.append(f"def fail_{number}(o, d, q, n, broken):\n{head}{body}\n")
        program.append(f"show(fail_{number})\n")
    write(tmp_path, {"main.py": "".join(program)})
    done = same(tmp_path, "main.py")
    assert probes(done) > 90
    assert "did not fail" not in done.stdout
    assert done.stdout.count("Traceback") >= len(statements)


_HEAD = """
import traceback, sys

class Broken:
    def __bool__(self): raise ArithmeticError('no truth')

class Thing:
    __slots__ = ('x', 'y', 'error', '__dict__')
    def __init__(self):
        self.x = [1, 2]
        self.y = 'y'
        self.error = OverflowError('made')
    @property
    def locked(self): return 1
    def method(self, *arguments): return self

def f(*arguments, **more): return arguments[0] if arguments else None
def lambda_(*arguments): return lambda: arguments
def match_(o):
    match o.x:
        case [1, 2] if o.missing: pass
global_name = 'global'
def other():
    global global_name
    global_name = 'again'

def show(function):
    try:
        result = function(Thing(), {'n': 1, 'a': 1}, [1, 2, 3], None, Broken())
        print(function.__name__, 'did not fail', result)
    except BaseException as error:
        print(traceback.format_exc())
        for frame in traceback.extract_tb(error.__traceback__):
            print(frame.lineno, getattr(frame, 'end_lineno', 0), getattr(frame, 'colno', 0),
                  getattr(frame, 'end_colno', 0), frame.name)
"""


def test_frames_generators_and_tasks(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.py": """
            import asyncio, inspect, sys, traceback

            class Thing:
                def __init__(self):
                    self.items = [3, 1, 2]
                    self.total = 0
                def steps(self):
                    for item in self.items:
                        self.total += item
                        got = yield self.total
                        if got:
                            self.items.append(got)
                def names(self):
                    here = sys._getframe()
                    print(inspect.stack()[0].code_context)
                    return here.f_lineno, here.f_code.co_name, sorted(here.f_locals)
                async def gather(self):
                    async with asyncio.timeout(5) if sys.version_info >= (3, 11) else self:
                        return [await self.one(n) async for n in self.numbers()]
                async def numbers(self):
                    for n in self.items:
                        await asyncio.sleep(0)
                        yield n
                async def one(self, n):
                    self.total += await asyncio.sleep(0, n)
                    return self.total
                async def fail(self):
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self.one('text'))
                def __del__(self):
                    self.items = None

            thing = Thing()
            steps = thing.steps()
            print(next(steps), steps.send(10), list(steps), thing.items)
            print(thing.names())
            print(asyncio.run(thing.gather()))
            try:
                asyncio.run(thing.fail())
            except BaseException:
                lines = traceback.format_exc()
                print(lines[lines.index('main.py') if 'main.py' in lines else 0:].count('self.total'))
            print(inspect.signature(Thing.one), inspect.getsource(Thing.steps))

            def traced(frame, event, arg):
                if frame.f_code.co_name == 'steps':
                    print(event, frame.f_lineno)
                return traced
            sys.settrace(traced)
            list(Thing().steps())
            sys.settrace(None)
            """
        },
    )
    assert probes(same(tmp_path, "main.py")) > 15
