"""The virtual environments under build/env: made when missing, renewed when their origin changed."""

import functools
import hashlib
import json
import os
import shutil
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .console import DevError, jobs, new_log, say, shown, step
from .interpreter import identity
from .paths import BUILD, ROOT

# What raddle is built from and described by; a change of any of them means a rebuild.
SOURCES = ("include", "src", "python", "cmake", "CMakeLists.txt", "pyproject.toml", "README.md", "LICENSE")


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and how raddle is built for it."""

    name: str
    interpreter: Path
    settings: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    wrapper: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        return BUILD / "env" / self.name

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def programs(self) -> Path:
        return self.path / "bin"

    def variables(self) -> dict[str, str]:
        """The process environment in which its programs run: they come first on PATH."""
        path = f"{self.programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {**os.environ, **dict(self.env), "PATH": path}

    def command(self, *arguments: str | Path) -> list[str | Path]:
        """A command line for its Python."""
        return [*self.wrapper, self.python, *arguments]


@functools.cache
def project() -> dict[str, Any]:
    """pyproject.toml."""
    path = ROOT / "pyproject.toml"
    if not path.is_file():
        raise DevError("pyproject.toml is missing: this is not a whole checkout of raddle.")
    return tomllib.loads(path.read_text())


def group_content(groups: Mapping[str, Sequence[Any]], name: str) -> list[Any]:
    """The requirements of a dependency group, with those of the groups that it includes."""
    if name not in groups:
        raise DevError(f"pyproject.toml has no dependency group named {name}.")
    content: list[Any] = []
    for entry in groups[name]:
        included = entry.get("include-group") if isinstance(entry, dict) else None
        content += group_content(groups, included) if included else [entry]
    return content


def wanted_state(environment: Environment, groups: Iterable[str]) -> dict[str, Any]:
    """What the stamp of an environment says when nothing is left to do."""
    tables = project()["dependency-groups"]
    runtime = project()["project"].get("dependencies", [])
    return {
        # The scripts of an environment hold its path: one that was moved or copied is of no use.
        "environment": [identity(environment.interpreter), str(environment.path)],
        "groups": {name: digest([*group_content(tables, name), *runtime]) for name in groups},
        "raddle": digest([source_hash(ROOT), environment.settings]),
    }


def digest(value: object) -> str:
    """A short fingerprint of plain data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def source_hash(root: Path) -> str:
    """A fingerprint of everything that raddle is built from."""
    total = hashlib.sha256()
    for top in SOURCES:
        start = root / top
        files = [start] if start.is_file() else sorted(path for path in start.rglob("*") if path.is_file())
        for path in files:
            if "__pycache__" not in path.parts:
                total.update(f"{path.relative_to(root)}\0{path.stat().st_mode & 0o111}\0".encode())
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def read_stamp(path: Path) -> dict[str, Any]:
    """The state of an environment as its stamp has it; empty where there is none or it was torn."""
    try:
        state = json.loads(stamp_file(path).read_text())
    except (OSError, json.JSONDecodeError):
        return {}
    return state if isinstance(state, dict) else {}


def stamp_file(path: Path) -> Path:
    """Where an environment's stamp is."""
    return path / "raddle-stamp.json"


def write_stamp(path: Path, state: Mapping[str, Any]) -> None:
    """Replaces a stamp in one step, so that a reader sees the old or the new one."""
    temporary = stamp_file(path).with_suffix(".new")
    temporary.write_text(json.dumps(state))
    temporary.rename(stamp_file(path))


def is_current(environment: Environment, groups: Iterable[str], *, raddle: bool) -> bool:
    """Whether nothing is left to do."""
    have, want = read_stamp(environment.path), wanted_state(environment, groups)
    return (
        have.get("environment") == want["environment"]
        and want["groups"].items() <= have.get("groups", {}).items()
        and (not raddle or have.get("raddle") == want["raddle"])
        and environment.python.exists()
    )


def bring_up_to_date(environment: Environment, groups: Sequence[str], *, raddle: bool) -> None:
    """Makes the environment, installs the groups and raddle, each where it is missing or changed.

    Only for the holder of the checkout's lock. A part's entry leaves the stamp before the part is touched and
    comes back when it is done, so that an interrupted step is done again.
    """
    want = wanted_state(environment, groups)
    have = read_stamp(environment.path)
    if have.get("environment") != want["environment"] or not environment.python.exists():
        _create(environment)
        have = {"environment": want["environment"], "groups": {}}
        write_stamp(environment.path, have)
    outdated = [name for name in groups if have["groups"].get(name) != want["groups"][name]]
    if outdated:
        have["groups"] = {name: value for name, value in have["groups"].items() if name not in outdated}
        write_stamp(environment.path, have)
        _install_groups(environment, outdated)
        have["groups"].update({name: want["groups"][name] for name in outdated})
        write_stamp(environment.path, have)
    if raddle and have.pop("raddle", None) != want["raddle"]:
        write_stamp(environment.path, have)
        _install_raddle(environment)
        # `want` was computed before the build: a source that changed meanwhile is built the next time.
        write_stamp(environment.path, {**have, "raddle": want["raddle"]})


def _create(environment: Environment) -> None:
    say(f"making the environment {shown(environment.path)} with {environment.interpreter}")
    log = f"environment-{environment.name}"
    new_log(log)
    if environment.path.exists():
        shutil.rmtree(environment.path)
    env = environment.variables()
    step([*environment.wrapper, environment.interpreter, "-m", "venv", environment.path], log, env=env)
    # `pip install --group` came with 25.1.
    step(environment.command("-m", "pip", "install", "-q", "--upgrade", "pip>=25.1"), log, env=env)


def _install_groups(environment: Environment, groups: Sequence[str]) -> None:
    say(f"installing into {shown(environment.path)}: {', '.join(groups)}")
    log = f"groups-{environment.name}"
    new_log(log)
    chosen = [word for name in groups for word in ("--group", name)]
    runtime = project()["project"].get("dependencies", [])
    # The environment's programs are on PATH: a package that is compiled here finds the cmake of the build
    # group when that was installed before. A wheel is preferred to a later version that has none.
    ordered = [["--group", "build"]] if "build" in groups and len(groups) > 1 else []
    for words in [*ordered, [*chosen, *runtime]]:
        step(
            environment.command("-m", "pip", "install", "--prefer-binary", *words),
            log,
            env=environment.variables(),
        )


def _install_raddle(environment: Environment) -> None:
    log = f"raddle-{environment.name}"
    say(f"building raddle for {shown(environment.path)} (log: {shown(new_log(log))})")
    # A build folder that stays makes the next build incremental.
    settings = [f"build-dir=build/py/{environment.name}", *environment.settings]
    options = [word for setting in settings for word in ("-C", setting)]
    env = environment.variables() | {"CMAKE_BUILD_PARALLEL_LEVEL": str(jobs())}
    command = ["-m", "pip", "install", "-v", "--no-build-isolation", "--no-deps", *options, "."]
    step(environment.command(*command), log, env=env)
