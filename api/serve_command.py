"""`serve`: the HTTP interface, and the worker that seals, anchors, has attested and re-reads files.

Together or apart, until told to stop.
"""

from __future__ import annotations

import datetime
import re
import signal
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.absences import Absences
from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.jobs import Jobs
from api.language import text
from api.opened import opened_chain, opened_ledger
from api.proof_words import moment
from api.secrecy.erased import sweep

if TYPE_CHECKING:
    from api.worker import Worker
    from ledger.handle import Ledger
    from ledger.keys import SigningKey

# An empty batch at least hourly: so every entry is known to be older than an anchor of the hour after it.
HEARTBEAT_SECONDS = 3600.0
FIXITY_DAYS = 30
_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+\Z")


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "serve",
        serve,
        "服务:接口(HTTP)与后台(封存、上链固定、多机构确认、每小时固定一次、固化信息核验);"
        "Ctrl-C 或 SIGTERM 停止",
        "The service: the HTTP interface, and the worker (seals, anchors, has attested, beats hourly, checks "
        "fixity); Ctrl-C or SIGTERM stops it",
    )


def serve(
    call: Call,
    api: Annotated[
        bool, typer.Option("--api", help=text("只运行接口", "run the HTTP interface alone"))
    ] = False,
    worker: Annotated[
        bool, typer.Option("--worker", help=text("只运行后台", "run the worker alone"))
    ] = False,
    host: Annotated[
        str, typer.Option("--host", help=text("接口的地址", "address of the interface"))
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            help=text(
                "接口的端口,默认 8600 起第一个空闲的", "its port; by default the first free one from 8600"
            ),
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help=text(
                "人们使用的网址(前面另有 TLS 代理时)",
                "the address people use, where a TLS proxy stands before",
            ),
        ),
    ] = None,
    proxy: Annotated[
        str,
        typer.Option(
            "--proxy",
            help=text(
                "前面的 TLS 代理从哪个地址连来:只有它可以转述人们的地址",
                "the address from which a TLS proxy calls: it alone may tell people's addresses",
            ),
        ),
    ] = "127.0.0.1",
    ca: Annotated[
        Path | None,
        typer.Option(
            "--ca",
            metavar=text("目录", "DIR"),
            help=text(
                "为服务的密钥签发证书的网络所在数据目录(默认按 connection.json)",
                "data folder of the network whose CA certifies the service (default: by connection.json)",
            ),
        ),
    ] = None,
    prepare: Annotated[
        bool,
        typer.Option(
            "--prepare",
            help=text(
                "只备好服务的密钥即结束:接口所在处没有 CA 时,先在有 CA 处执行",
                "make the service's key ready and end: where the CA is, if the interface runs elsewhere",
            ),
        ),
    ] = False,
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
    if interval < 0.1 or heartbeat < 1 or fixity < 1:
        raise CommandError(
            "USAGE_VALUE",
            "--interval 至少 0.1 秒,--heartbeat 至少 1 秒,--fixity-days 至少 1 天。",
            "--interval is at least 0.1 s, --heartbeat 1 s, --fixity-days 1 day.",
        )
    if url is not None and not _URL.match(url):
        raise CommandError(
            "USAGE_VALUE",
            f"--url 须为 http(s)://主机[:端口],末尾无斜线;现为“{url}”。",
            f"--url is http(s)://HOST[:PORT] without a slash at its end; found '{url}'.",
        )
    if prepare:
        _prepare(call, ca)
        return
    stop = threading.Event()
    with opened_ledger(call) as ledger, ExitStack() as parts:
        # What a kill left of files to be erased.
        sweep(ledger, call.home)
        every = (interval, heartbeat, fixity)
        work = None if api and not worker else _worker(call, ledger, parts, stop, every, ca)
        if api or not worker:
            _listen(call, ledger, parts, stop, Address(host, port, url, proxy, ca, heartbeat))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if work is not None:
            _say(
                f"后台服务已启动:{ledger.origin}。按 Ctrl-C 停止。",
                f"The worker runs for {ledger.origin}. Stop it with Ctrl-C.",
            )
            work.serve()
        else:
            stop.wait()
    alarm = work.alarm if work is not None else ""
    call.out.document({"alarm": alarm or None})
    if alarm:
        _say(
            f"因告警停止 [{alarm}]。请保留现场,运行 archive-ledger check,处理后再启动。",
            f"Stopped by an alarm [{alarm}]. Keep everything as it is, run archive-ledger check, "
            "and start again when it is dealt with.",
        )
        raise typer.Exit(Exit.DATA)
    _say("服务已停止。", "The service has stopped.")


def _prepare(call: Call, ca: Path | None) -> None:
    from api.service_key import service_key

    with opened_ledger(call) as ledger:
        until = service_key(ledger, call.home, ca).not_after
    call.out.document({"service_key_until": until.isoformat()})
    call.out.say(
        f"服务的密钥已备好,证书有效至 {until:%Y-%m-%d}。",
        f"The service's key is ready; its certificate lasts until {until:%Y-%m-%d}.",
    )


@dataclass(frozen=True)
class Address:
    """Where the interface listens, and how it gets its key and judges its checkpoint."""

    host: str
    port: int | None
    url: str | None
    proxy: str
    ca: Path | None
    heartbeat: float


def _worker(
    call: Call,
    ledger: Ledger,
    parts: ExitStack,
    stop: threading.Event,
    every: tuple[float, float, int],
    ca: Path | None,
) -> Worker:
    from api.worker import Worker
    from api.worker_log import read_state
    from ledger.locking import locked
    from verifier.errors import LedgerError

    interval, heartbeat, fixity = every
    folder = call.home / "worker"
    chain = parts.enter_context(opened_chain(ledger))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        parts.enter_context(locked(folder / "lock", 0))
    except LedgerError as error:
        running = read_state(call.home)
        of_zh, of_en = (f"(进程 {running.pid})", f" (process {running.pid})") if running else ("", "")
        raise CommandError(
            error.code,
            f"这个数据目录的后台服务已在运行{of_zh}。只要接口请用 serve --api;要重新启动请先停止它。",
            f"This data folder's worker runs already{of_en}. For the interface alone: serve --api; to start "
            "it again stop it first.",
            Exit.UNAVAILABLE,
        ) from error
    absences = Absences(_say)
    jobs = Jobs(ledger, chain, absences, stop, heartbeat, lambda: _own_key(call, ledger, ca))
    return Worker(call.home, jobs.every(interval, fixity), _say, stop, absences.now)


def _listen(call: Call, ledger: Ledger, parts: ExitStack, stop: threading.Event, address: Address) -> None:
    from api.http.service import Service
    from api.http.serving import listen, served

    key = _own_key(call, ledger, address.ca)
    listening = listen(address.host, address.port)
    url = address.url or listening.url
    service = Service(ledger, key, url, call.home, heartbeat=address.heartbeat)
    parts.enter_context(served(service, listening, stop, address.proxy))
    _say(f"接口地址:{url}", f"The interface is at {url}")


def _own_key(call: Call, ledger: Ledger, ca: Path | None) -> SigningKey:
    """The service's. Of an interface and a worker that start together, one makes it."""
    from api.service_key import service_key
    from ledger.locking import locked

    folder = call.home / "service"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(folder / "lock", 60):
        return service_key(ledger, call.home, ca)


def _say(zh: str, en: str) -> None:
    """One line with its time, Beijing's as everywhere, for a log file or a service manager."""
    now = datetime.datetime.now(datetime.UTC).isoformat()
    sys.stderr.write(f"{moment(now, seconds=True)} {text(zh, en)}\n")
    sys.stderr.flush()
