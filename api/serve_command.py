"""`serve`: the worker that seals, anchors, has attested and re-reads files, until it is told to stop."""

from __future__ import annotations

import datetime
import signal
import sys
import threading
from typing import Annotated

import typer

from api.absences import Absences
from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.jobs import Jobs
from api.language import text
from api.opened import opened_chain, opened_ledger
from api.proof_words import moment

# An empty batch at least hourly: so every entry is known to be older than an anchor of the hour after it.
HEARTBEAT_SECONDS = 3600.0
FIXITY_DAYS = 30


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "serve",
        serve,
        "后台服务:封存、上链固定、多机构确认、每小时固定一次、固化信息核验;Ctrl-C 或 SIGTERM 停止",
        "The worker: seals, anchors, has attested, beats hourly, checks fixity; Ctrl-C or SIGTERM stops it",
    )


def serve(
    call: Call,
    interval: Annotated[
        float,
        typer.Option("--interval", help=text("封存和上链的间隔秒数", "seconds between seals and anchors")),
    ] = 1.0,
    heartbeat: Annotated[
        float,
        typer.Option(
            "--heartbeat", help=text("至少每隔多少秒上链一次", "anchor at least this often, seconds")
        ),
    ] = HEARTBEAT_SECONDS,
    fixity: Annotated[
        int,
        typer.Option(
            "--fixity-days", help=text("每隔多少天把文件重读一遍", "days in which every file is re-read")
        ),
    ] = FIXITY_DAYS,
) -> None:
    from api.worker import Worker
    from ledger.locking import locked

    if interval < 0.1 or heartbeat < 1 or fixity < 1:
        raise CommandError(
            "USAGE_VALUE",
            "--interval 至少 0.1 秒,--heartbeat 至少 1 秒,--fixity-days 至少 1 天。",
            "--interval is at least 0.1 s, --heartbeat 1 s, --fixity-days 1 day.",
        )
    folder = call.home / "worker"
    with opened_ledger(call) as ledger, opened_chain(ledger) as chain:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / "lock", 0):
            stop = threading.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
            absences = Absences(_say)
            jobs = Jobs(ledger, chain, absences, stop, heartbeat).every(interval, fixity)
            worker = Worker(call.home, jobs, _say, stop, absences.now)
            _say(
                f"后台服务已启动:{ledger.origin}。按 Ctrl-C 停止。",
                f"The worker runs for {ledger.origin}. Stop it with Ctrl-C.",
            )
            worker.serve()
    call.out.document({"alarm": worker.alarm or None})
    if worker.alarm:
        _say(
            f"因告警停止 [{worker.alarm}]。请保留现场,运行 archive-ledger check,处理后再启动。",
            f"Stopped by an alarm [{worker.alarm}]. Keep everything as it is, run archive-ledger check, "
            "and start again when it is dealt with.",
        )
        raise typer.Exit(Exit.DATA)
    _say("后台服务已停止。", "The worker has stopped.")


def _say(zh: str, en: str) -> None:
    """One line with its time, Beijing's as everywhere, for a log file or a service manager."""
    now = datetime.datetime.now(datetime.UTC).isoformat()
    sys.stderr.write(f"{moment(now, seconds=True)} {text(zh, en)}\n")
    sys.stderr.flush()
