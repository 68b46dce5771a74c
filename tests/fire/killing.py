"""Kills a real process before each of its effects in turn, and has another look at what is left each time.

Run as a program it takes the name of a scenario and an empty folder, and prints a JSON report. It must have
one thread only: every run is a fork of it, so that what takes long (imports, keys) is done once.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from tests.fire.seams import Watch, watch, watch_network

Say: TypeAlias = Callable[[str], None]
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Scenario:
    """`prepare` fills a folder, which is then copied for each run; with `fresh` it is called for each run.

    `act` is what gets killed; it tells by `say` what it promised to somebody. `after` is given what was
    said, in a process of its own, and asserts. `wanted`: which effects are killed at.
    """

    act: Callable[[Any, Path, Say], None]
    after: Callable[[Any, Path, list[str]], None]
    prepare: Callable[[Path], Any]
    fresh: bool = False
    network: bool = False


@dataclass(frozen=True)
class Killed:
    """What the run that was not killed did, and what was found wrong after those that were."""

    effects: list[str]
    wrong: list[str]


def kill_everywhere(
    scenario: str, folder: Path, *arguments: str, only: frozenset[str] = frozenset()
) -> Killed:
    """`scenario`: `module:name` of a Scenario, or of a function that makes one of `arguments`. `only`: the
    effects to be killed at; all, if none is named.
    """
    run = subprocess.run(
        [sys.executable, "-m", "tests.fire.killing", scenario, str(folder), ",".join(only), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    return Killed(**json.loads(run.stdout.splitlines()[-1]))


def main(name: str, folder: Path, only: frozenset[str], arguments: list[str]) -> None:
    module, _, attribute = name.partition(":")
    made = getattr(importlib.import_module(module), attribute)
    scenario: Scenario = made(*arguments) if callable(made) else made
    base = folder / "base"
    state = None if scenario.fresh else _prepared(scenario, base)
    wrong: list[str] = []
    number = 0
    while True:
        number += 1
        place = folder / f"run-{number}"
        if scenario.fresh:
            place.mkdir()
            # In a process of its own: this one must never have used the network.
            assert _fork(partial(scenario.prepare, place), place / "prepared") == 0
        else:
            shutil.copytree(base, place)
        ended = _fork(partial(_act, scenario, state, place, number, only), place / "said")
        if ended not in (0, -signal.SIGKILL):
            wrong.append(f"{number}: ended with {ended}\n{(place / 'said.error').read_text()}")
        said = [line for line in (place / "said").read_text().splitlines() if line.endswith(".")]
        told = [line.removesuffix(".") for line in said]
        after = _fork(partial(scenario.after, state, place, told), place / "after")
        if after != 0:
            wrong.append(f"killed before effect {number}:\n{(place / 'after.error').read_text()}")
        if ended != -signal.SIGKILL:
            break
        shutil.rmtree(place)
    seen = place / "effects.json"
    print(json.dumps({"effects": json.loads(seen.read_text()) if seen.exists() else [], "wrong": wrong}))


def _prepared(scenario: Scenario, base: Path) -> Any:
    base.mkdir()
    return scenario.prepare(base)


def _act(scenario: Scenario, state: Any, place: Path, number: int, only: frozenset[str]) -> None:
    out = os.open(place / "said", os.O_WRONLY | os.O_APPEND)
    watched = watch(number, only)
    if scenario.network:
        watch_network(watched)

    def say(line: str) -> None:
        watched.effect("say")
        os.write(out, f"{line}.\n".encode())

    scenario.act(state, place, say)
    _note(watched, place)


def _note(watched: Watch, place: Path) -> None:
    watched.on = False
    (place / "effects.json").write_text(json.dumps(watched.seen))


def _fork(work: Callable[[], object], output: Path) -> int:
    """Run it in a child: 0, its exit code, or minus the signal that ended it. `.error` has its traceback."""
    output.touch()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001  whatever it is, the parent reports it
            output.with_suffix(".error").write_text(traceback.format_exc())
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), frozenset(filter(None, sys.argv[3].split(","))), sys.argv[4:])
