"""Modules that are imported in all the ways there are, under probes that do nothing: as without them."""

import sys
import zipfile
from pathlib import Path

import pytest
from check.watched import plain, probes, same, watched, without_addresses, write

USER = "class Box:\n    value = 0\n\n\ndef use(box):\n    box.value += 1\n    return box.value\n"


def test_packages_reloading_and_circular_imports(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.py": """
                import importlib, inspect
                import pack, pack.one, space.inner
                from pack import two
                print(pack.one.use(pack.one.Box()), two.use(two.Box()), space.inner.use(space.inner.Box()))
                print(inspect.getsource(pack.one.use), inspect.getsourcelines(pack.one.Box)[1])
                again = importlib.reload(pack.one)
                print(again is pack.one, again.use(again.Box()))
                one = pack.one
                print(one.__loader__.__class__, one.__spec__, one.__file__, one.__cached__)
                print(pack.one.__loader__.get_source('pack.one') == inspect.getsource(pack.one))
                import sys
                print([type(finder).__name__ for finder in sys.meta_path])
                """,
            "pack/__init__.py": "from pack import one, two\n",
            "pack/one.py": USER + "import pack.two\nprint('one', hasattr(pack, 'two'))\n",
            "pack/two.py": USER + "import pack.one\nprint('two', hasattr(pack, 'one'))\n",
            "space/inner.py": USER,
        },
    )
    assert probes(same(tmp_path, "main.py")) >= 12


def test_zip_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("inner.py", USER)
        archive.writestr("pack/__init__.py", "")
        archive.writestr("pack/deep.py", USER + "def fail():\n    raise ValueError(Box.value)\n")
    write(
        tmp_path,
        {
            "main.py": """
                import sys, traceback
                sys.path.insert(0, 'archive.zip')
                import inner, pack.deep
                print(inner.use(inner.Box()), pack.deep.use(pack.deep.Box()), inner.__file__)
                try:
                    pack.deep.fail()
                except ValueError:
                    traceback.print_exc(file=sys.stdout)
                """
        },
    )
    assert probes(same(tmp_path, "main.py")) >= 4


def test_modules_without_source_and_loaders_of_their_own(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "sealed.py": USER,
            "own.py": USER,
            "file.py": USER,
            "main.py": """
                import importlib.machinery, importlib.util, py_compile, os, sys
                py_compile.compile('sealed.py', 'sealed.pyc')
                os.remove('sealed.py')
                import sealed
                class Loader(importlib.machinery.SourceFileLoader):
                    def source_to_code(self, data, path, *, _optimize=-1):
                        return super().source_to_code(data + b'changed = True', path)
                spec = importlib.util.spec_from_file_location('own', 'own.py', loader=Loader('own', 'own.py'))
                own = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(own)
                sys.modules['own'] = own
                spec = importlib.util.spec_from_file_location('plugin', 'file.py')
                plugin = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(plugin)
                print(sealed.use(sealed.Box()), own.use(own.Box()), own.changed, plugin.use(plugin.Box()))
                """,
        },
    )
    done = watched(tmp_path, "--count", "main.py")
    assert done.stdout == "1 1 True 1\n"
    assert "('own', 'Loader changes its source')" in done.stderr
    assert "('sealed', 'there is no source')" in done.stderr
    assert "2 modules" in done.stderr  # main.py and the plug-in


def test_runpy_exec_and_compile_in_the_program(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "tool.py": USER + "print(__name__, __file__, use(Box()))\n",
            "fails.py": USER + "use(None)\n",
            "main.py": """
                import runpy, traceback
                space = runpy.run_module('tool', run_name='other')
                print(space['use'](space['Box']()))
                print(sorted(runpy.run_path('tool.py', {'given': 1})))
                made = {}
                exec("def f(o):\\n    o.x = 1\\n    return o.x", made)
                class O: pass
                print(made['f'](O()), eval('made'), compile('1', 'x', 'eval').co_consts) if 0 else None
                print(made['f'](O()), made['f'].__code__.co_consts)
                try:
                    runpy.run_path('fails.py')
                except AttributeError:
                    traceback.print_exc()
                """,
        },
    )
    assert probes(same(tmp_path, "main.py")) >= 8


def test_encodings(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(
        b"# -*- coding: latin-1 -*-\ndef f(o):\n    o.x = '\xe9'\n    return o.x, o.y\n"
    )
    (tmp_path / "marked.py").write_bytes(
        b"\xef\xbb\xbfdef f(o):\r\n    o.x = '\xc3\xa9'\r\n    return o.x\r\n"
    )
    write(
        tmp_path,
        {
            "main.py": """
                import traceback
                import latin, marked
                class O: pass
                print(ascii(marked.f(O())))
                try:
                    latin.f(O())
                except AttributeError:
                    traceback.print_exc()
                """
        },
    )
    assert probes(same(tmp_path, "main.py")) >= 4


@pytest.mark.parametrize(
    "text",
    [
        "def f(:\n",
        "x = = 1\n",
        "return 1\n",
        "from __future__ import nothing\n",
        "def f():\n    x = 1\n    global x\n",
        "x = '\\N{nope}'\n",
        "if True:\nx\n",
        "x = 1\n\ty = 2\n",
        "f'{x!z}'\n",
        "(" * 300 + ")" * 300 + "\n",
        "break\n",
        "nonlocal x\n",
        "def f(a, a): pass\n",
        "# coding: nowhere\n",
        "x = '\udcff'\n",
        "x\0\n",
        "None = 1\n",
        "print 'hello'\n",
    ],
)
def test_syntax_errors_are_shown_as_always(text: str, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_bytes(text.encode("utf-8", "surrogateescape"))
    write(tmp_path, {"main.py": "import broken\n", "caught.py": _CAUGHT})
    same(tmp_path, "main.py")
    same(tmp_path, "broken.py")
    same(tmp_path, "-m", "broken")
    same(tmp_path, "caught.py")


_CAUGHT = """
import traceback
try:
    import broken
except Exception:
    traceback.print_exc()
    print(traceback.format_exc())
"""


def test_warnings_are_shown_once(tmp_path: Path) -> None:
    text = "def f(x):\n    assert (x, 'always')\n    return x is 1, '\\d', x.y\n"
    write(tmp_path, {"main.py": "import module\n" + text, "module.py": text})
    same(tmp_path, "main.py", flags=("-W", "always", "-B"))
    same(tmp_path, "main.py", flags=("-W", "error", "-B"))
    same(tmp_path, "-m", "main", flags=("-W", "always", "-B"))


def test_too_deep_a_module_runs_as_it_is_and_is_listed(tmp_path: Path) -> None:
    terms = " + ".join(["one"] * 1300)
    write(tmp_path, {"deep.py": f"one = 1\nx = {terms}\n", "main.py": "import deep\nprint(deep.x)\n"})
    done = watched(tmp_path, "--count", "main.py")
    assert done.stdout == "1300\n"
    if "2 modules" not in done.stderr:  # as deep as that is no trouble in later versions
        assert "('deep', 'its expressions are nested too deeply')" in done.stderr


def test_optimised(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.py": '''
                def f(o, d):
                    """Gone with -OO."""
                    assert o.x in d, o.y
                    if __debug__:
                        print('debug')
                    o.x += 1
                    return f.__doc__
                class O: x = 1
                print(f(O(), {1: 2}))
                '''
        },
    )
    for flags in (
        (),
        ("-O",),
        ("-OO",),
        ("-X", "dev"),
        ("-I",),
        ("-P",) if sys.version_info >= (3, 11) else (),
    ):
        one, other = plain(tmp_path, "main.py", flags=flags), watched(tmp_path, "main.py", flags=flags)
        if "No module named 'identity'" not in other.stderr:
            assert (other.stdout, other.stderr, other.returncode) == (one.stdout, one.stderr, one.returncode)


def test_doctest_and_pytest_under_the_rewriter(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "documented.py": '''
                class Box:
                    """
                    >>> box = Box()
                    >>> box.fill(2)
                    4
                    >>> box.nothing
                    Traceback (most recent call last):
                    AttributeError: 'Box' object has no attribute 'nothing'
                    """
                    def fill(self, n):
                        self.n = n
                        self.n += n
                        return self.n
                if __name__ == '__main__':
                    import doctest
                    print(doctest.testmod())
                ''',
            "test_box.py": """
                import pytest
                from documented import Box
                @pytest.fixture
                def box():
                    box = Box()
                    box.n = 5
                    return box
                def test_good(box):
                    assert box.n == 5
                def test_bad(box):
                    box.n += 1
                    assert box.n == 5, 'of course'
                """,
        },
    )
    assert probes(same(tmp_path, "documented.py")) >= 3
    words = (
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:randomly",
        "-q",
        "test_box.py",
    )
    one, other = plain(tmp_path, *words), watched(tmp_path, "--count", *words)
    assert "assert 6 == 5" in one.stdout
    assert _no_times(other.stdout) == _no_times(one.stdout)
    assert "'test_box'" in other.stderr.partition(", seen: ")[2]
    assert "by pytest" not in other.stderr


def _no_times(text: str) -> str:
    import re

    return re.sub(r"in \d+\.\d+s", "in s", without_addresses(text))


def test_the_cache_gives_the_same_back(tmp_path: Path) -> None:
    import ast
    import marshal

    from raddle.check._cache import Cache
    from raddle.check._rewrite import rewrite

    source = b"def f(o, d, k):\n    o.x += 1\n    return [d[k] for k in d if k in d], lambda: o.x\n"
    made = rewrite(ast.parse(source), source, "file.py")
    cache = Cache(tmp_path)
    cache.put(source, "file.py", made)
    found = cache.get(source, "file.py")
    if sys.dont_write_bytecode:
        assert found is None
        return
    assert found is not None
    assert found.specs == made.specs
    assert marshal.dumps(found.code) == marshal.dumps(made.code)
    assert cache.get(source, "other.py") is None
    assert cache.get(source + b"\n", "file.py") is None
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    file.write_bytes(file.read_bytes()[:-1])
    assert cache.get(source, "file.py") is None
    assert Cache(tmp_path, enabled=False).get(source, "file.py") is None
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    Cache(blocked).put(source, "file.py", made)  # no folder: no cache, no error


def test_which_modules_are_wanted() -> None:
    import json

    from raddle.check._choice import Choice

    site = str(Path(json.__file__).parents[1] / "site-packages" / "third" / "__init__.py")
    assert Choice().wants("program", "/home/me/program.py")
    assert Choice().wants("third.part", site)
    assert not Choice().wants("json.decoder", json.decoder.__file__)
    assert Choice(include=["json"]).wants("json.decoder", json.decoder.__file__)
    assert Choice(include=["json.d*"]).wants("json.decoder", json.decoder.__file__)
    assert not Choice(include=["json.d*"]).wants("json", json.__file__)
    assert not Choice(exclude=["third"]).wants("third.part", site)
    assert not Choice(include=["*"], exclude=["third.*"]).wants("third.part", site)
    assert not Choice().wants("raddle.queue", "/home/me/raddle/queue.py")
