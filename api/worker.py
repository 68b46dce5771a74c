"""The worker: runs the ledger's functions on a schedule, and notes how each run ended."""

from __future__ import annotations

import datetime
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

# APScheduler 3 has no type hints.
from apscheduler.events import EVENT_JOB_MISSED  # type: ignore[import-untyped]
from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

from api.absences import Absent
from api.failure import problem_of
from api.proof_words import job_words
from api.worker_log import Run, WorkerState, last_runs, write_state
from ledger.alarms import ALARMS

# The note on the disk is rewritten when something changes, and at least this often.
_NOTE_SECONDS = 20.0
# A job that fails again and again is tried at twice the distance each time, up to this one.
MOST_BACK_OFF = 30.0


@dataclass(frozen=True)
class Job:
    """`thread`: jobs of the same thread never run side by side. `work` raises when it fails."""

    name: str
    seconds: float
    thread: str
    work: Callable[[], None]


@dataclass
class Worker:
    """`stop` ends it: set by a signal, or by an alarm."""

    home: Path
    jobs: tuple[Job, ...]
    say: Callable[[str, str], None]
    stop: threading.Event
    absent: Callable[[], tuple[Absent, ...]] = tuple
    alarm: str = ""
    _runs: dict[str, Run] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _started: str = ""
    _noted: float = 0.0
    _not_before: dict[str, float] = field(default_factory=dict)
    _in_a_row: dict[str, int] = field(default_factory=dict)

    def serve(self) -> None:
        """Runs until `stop` is set; a job under way is finished first."""
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        self._started = _now()
        before = {run.job: run for run in last_runs(self.home)}
        self._runs = {
            job.name: Run(job.name, job.seconds, "", _succeeded(before.get(job.name)), "", "", "", 0, 0, 0)
            for job in self.jobs
        }
        self._note(force=True)
        threads = {job.thread for job in self.jobs}
        scheduler = BackgroundScheduler(
            executors={thread: ThreadPoolExecutor(1) for thread in threads},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
            timezone=datetime.UTC,
        )
        scheduler.add_listener(self._missed, EVENT_JOB_MISSED)
        for job in self.jobs:
            scheduler.add_job(
                self._run,
                "interval",
                [job],
                seconds=job.seconds,
                id=job.name,
                executor=job.thread,
                next_run_time=_first(job, before.get(job.name)),
            )
        scheduler.start()
        try:
            while not self.stop.wait(_NOTE_SECONDS):
                self._note(force=True)
        finally:
            scheduler.shutdown(wait=True)
            self._note(force=True, stopped=_now())

    def _run(self, job: Job) -> None:
        if self.stop.is_set() or time.monotonic() < self._not_before.get(job.name, 0.0):
            return
        before = self._runs[job.name]
        try:
            job.work()
        except Exception as error:  # noqa: BLE001  whatever one run raises is noted, and the next still comes
            after = self._failed(job, before, error)
        else:
            now = _now()
            worked = replace(before, finished=now, succeeded=now, runs=before.runs + 1)
            after = replace(worked, error="", zh="", en="", failing="", again="")
            self._in_a_row.pop(job.name, None)
            if before.error:
                self.say(f"{job_words(job.name)}:已恢复正常。", f"{job.name}: works again.")
        with self._lock:
            self._runs[job.name] = replace(after, missed=self._runs[job.name].missed)
        self._note(force=before.error != after.error or not before.runs)

    def _failed(self, job: Job, before: Run, error: Exception) -> Run:
        problem = problem_of(error)
        code = problem.code if problem else type(error).__name__
        zh, en = (problem.zh, problem.en) if problem else (str(error), str(error))
        if before.error != code:
            self.say(f"{job_words(job.name)}失败 [{code}] {zh}", f"{job.name} failed [{code}] {en}")
        if code in ALARMS:
            self.alarm = code
            self.stop.set()
        now, wait = _now(), self._back_off(job)
        return replace(
            before,
            finished=now,
            error=code,
            zh=zh,
            en=en,
            runs=before.runs + 1,
            failures=before.failures + 1,
            failing=before.failing or now,
            again=_now(wait),
        )

    def _back_off(self, job: Job) -> float:
        """How long the job now waits: what is down must not be asked every second, for hours."""
        failed = self._in_a_row[job.name] = self._in_a_row.get(job.name, 0) + 1
        wait = max(job.seconds, min(job.seconds * 2.0 ** min(failed, 10), MOST_BACK_OFF))
        # A run that is due at that very moment still comes.
        self._not_before[job.name] = time.monotonic() + wait - job.seconds / 2
        return wait

    def _missed(self, event: object) -> None:
        name = str(getattr(event, "job_id", ""))
        with self._lock:
            if name in self._runs:
                run = self._runs[name]
                self._runs[name] = replace(run, missed=run.missed + 1)
        self._note(force=True)

    def _note(self, *, force: bool = False, stopped: str = "") -> None:
        now = time.monotonic()
        with self._lock:
            if not force and now - self._noted < _NOTE_SECONDS:
                return
            self._noted = now
            runs = tuple(self._runs.values())
            absent = self.absent()
            state = WorkerState(os.getpid(), self._started, _now(), stopped, self.alarm, runs, absent)
            write_state(self.home, state)


def _succeeded(last: Run | None) -> str:
    return last.succeeded if last else ""


def _first(job: Job, last: Run | None) -> datetime.datetime:
    """At once; what runs seldom goes on from its last success, however often the worker is restarted."""
    now = datetime.datetime.now(datetime.UTC)
    if last is None or not last.succeeded:
        return now
    return max(now, datetime.datetime.fromisoformat(last.succeeded) + datetime.timedelta(seconds=job.seconds))


def _now(later: float = 0.0) -> str:
    now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=later)
    return now.isoformat(timespec="milliseconds")
