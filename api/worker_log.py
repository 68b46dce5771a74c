"""What the worker did last, kept in the data folder: `status` and `doctor` see a failed or missed run."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from api.absences import Absent

# A job is late when nothing was heard of it for this many of its intervals, and at least this long.
_LATE_INTERVALS = 3
_LATE_AT_LEAST = 90.0


@dataclass(frozen=True)
class Run:
    """The last run of one job. `interval`: seconds between runs; times are UTC in ISO 8601, or empty.

    `error` is a reason code, empty if the last run succeeded; `missed` counts runs not started in time.
    While it fails: `failing` is since when, `again` when it is tried next.
    """

    job: str
    interval: float
    finished: str
    succeeded: str
    error: str
    zh: str
    en: str
    runs: int
    failures: int
    missed: int
    failing: str = ""
    again: str = ""


@dataclass(frozen=True)
class WorkerState:
    """`alarm` is the code that stopped the worker for good; `stopped` when it ended, else empty. `absent`:
    organisations without which the work goes on."""

    pid: int
    started: str
    heard: str
    stopped: str
    alarm: str
    runs: tuple[Run, ...]
    absent: tuple[Absent, ...] = ()


def _path(home: Path) -> Path:
    return home / "worker" / "state.json"


def write_state(home: Path, state: WorkerState) -> None:
    path = _path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(asdict(state), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    new.replace(path)


def read_state(home: Path) -> WorkerState | None:
    """None if no worker ever ran here, or its note cannot be read (it is rewritten within a minute)."""
    try:
        value = json.loads(_path(home).read_text(encoding="utf-8"))
        runs = tuple(Run(**run) for run in value["runs"])
        absent = tuple(Absent(**one) for one in value.get("absent", ()))
        return WorkerState(**{**value, "runs": runs, "absent": absent})
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def last_runs(home: Path) -> tuple[Run, ...]:
    state = read_state(home)
    return state.runs if state else ()


def is_alive(state: WorkerState, now: datetime.datetime) -> bool:
    """Whether the worker was heard of lately and did not say that it stopped."""
    return not state.stopped and _age(state.heard, now) < _LATE_AT_LEAST


def late_runs(runs: Iterable[Run], now: datetime.datetime | None = None) -> tuple[Run, ...]:
    """Jobs of which nothing was heard for too long."""
    moment = now or datetime.datetime.now(datetime.UTC)
    return tuple(
        run
        for run in runs
        if run.finished and _age(run.finished, moment) > max(_LATE_AT_LEAST, run.interval * _LATE_INTERVALS)
    )


def _age(time: str, now: datetime.datetime) -> float:
    return (now - datetime.datetime.fromisoformat(time)).total_seconds()
