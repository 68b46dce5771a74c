"""Long work: begun by a request, gone on with after it, looked at by others. Kept by this process alone."""

from __future__ import annotations

import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from api.http.problem import of_error

State: TypeAlias = Literal["running", "done", "failed"]
# What a job is given: where to write its result, and whom to tell how far it has come.
Tell: TypeAlias = Callable[[str, int, int], None]
Work: TypeAlias = Callable[[Path, Tell], dict[str, Any]]


@dataclass(frozen=True)
class Job:
    """`agent`: who began it. `total` is 0 where it is not known. `summary`: what came of it; `code`: why it
    failed. `changes`: counts what was told, so that a watcher sees whether there is news. `key`: under which
    the result lies on the disk (`api.http.audit_box`), empty if it lies there in clear."""

    id: str
    kind: str
    agent: str
    state: State = "running"
    stage: str = ""
    done: int = 0
    total: int = 0
    summary: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    changes: int = 0
    key: bytes = b""


class _StoppedError(Exception):
    """The service ends."""


@dataclass
class Jobs:
    """Results lie under `home` until so many newer ones have come, or the service ends."""

    home: Path
    most: int
    kept: int
    _jobs: dict[str, Job] = field(default_factory=dict)
    _threads: dict[str, threading.Thread] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _folder: Path | None = None

    def begin(self, kind: str, agent: str, work: Work, key: bytes = b"") -> Job | None:
        """None if as many as may are running."""
        with self._lock:
            if sum(1 for job in self._jobs.values() if job.state == "running") >= self.most:
                return None
            for old in [job.id for job in self._jobs.values() if job.state != "running"][
                : -self.kept or None
            ]:
                self._forget(old)
            job = Job(str(uuid.uuid4()), kind, agent, key=key)
            self._jobs[job.id] = job
            thread = threading.Thread(target=self._run, args=(job.id, work), name=f"job {kind}", daemon=True)
            self._threads[job.id] = thread
        thread.start()
        return job

    def find(self, name: str, agent: str) -> Job | None:
        """Only whoever began it sees it."""
        job = self._jobs.get(name)
        return job if job is not None and job.agent == agent else None

    def result(self, job: Job) -> Path:
        return self._place() / job.id

    def close(self) -> None:
        self._stop.set()
        for thread in list(self._threads.values()):
            thread.join(30)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, name: str, work: Work) -> None:
        def tell(stage: str, done: int, total: int) -> None:
            if self._stop.is_set():
                raise _StoppedError
            self._change(name, stage=stage, done=done, total=total)

        try:
            summary = work(self._place() / name, tell)
        except Exception as error:  # noqa: BLE001  whatever ends it is what the watcher is told
            problem = of_error(error)
            self._change(name, state="failed", code=problem.code if problem else "INTERNAL")
        else:
            self._change(name, state="done", summary=summary)

    def _change(self, name: str, **changes: Any) -> None:
        with self._lock:
            job = self._jobs[name]
            self._jobs[name] = replace(job, changes=job.changes + 1, **changes)

    def _place(self) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="jobs-", dir=self.home))
            return self._folder

    def _forget(self, name: str) -> None:
        del self._jobs[name], self._threads[name]
        if self._folder is not None:
            (self._folder / name).unlink(missing_ok=True)
