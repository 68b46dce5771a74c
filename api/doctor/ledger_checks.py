"""Checks of the ledger: opened on the chain, people's certificates, nothing pending too long."""

from __future__ import annotations

import datetime
from pathlib import Path

from api.doctor.finding import Check, Seen, could_not_check, ok, problem
from api.doctor.network_checks import ledger_reachable
from api.failure import words_of
from api.people_command import WARN_DAYS, days_left
from api.proof_words import job_words
from verifier.errors import LedgerError

# Sealing and anchoring take seconds; what waits longer than this waits for somebody.
LONGEST_PENDING = datetime.timedelta(minutes=10)


def ledger_checks(home: Path) -> list[Check]:
    return [
        Check("ledger", ("存证总账", "ledger"), lambda: _ledger(home)),
        Check("database", ("数据库", "database"), lambda: _database(home)),
        Check("chain", ("链上登记", "on the chain"), lambda: ledger_reachable(home)),
        Check("people", ("签名证书", "signing certificates"), lambda: _people(home)),
        Check("pending", ("待封存", "pending"), lambda: _pending(home)),
        Check("worker", ("后台服务", "worker"), lambda: _worker(home)),
    ]


def _ledger(home: Path) -> Seen:
    from ledger.handle import open_ledger
    from ledger.paths import LedgerPaths

    if not LedgerPaths(home).settings.exists():
        return problem(
            (f"{home} 中还没有存证总账", f"no ledger in {home} yet"),
            ("执行 archive-ledger init --origin 名称", "Run: archive-ledger init --origin NAME"),
        )
    ledger = open_ledger(home)
    try:
        if ledger.checkpoint_key is None:
            return problem(
                (
                    f"{ledger.origin}:签发回执的密钥(checkpoint.key)没有找回,不能再接收",
                    f"{ledger.origin}: the key that signs receipts is lost; nothing is taken in",
                ),
                (
                    "找到密钥后执行 archive-ledger recover --checkpoint-key 文件;找不到的,另建一本总账",
                    "With it: archive-ledger recover --checkpoint-key FILE; without, open another ledger",
                ),
            )
        return ok(
            f"{ledger.origin},经办 {ledger.settings.operator}",
            f"{ledger.origin}, operator {ledger.settings.operator}",
        )
    finally:
        ledger.close()


def _database(home: Path) -> Seen:
    """By writing nothing, but asking all that a writer asks."""
    from ledger.handle import open_ledger
    from ledger.paths import LedgerPaths
    from ledger.store.engine import writing

    if not LedgerPaths(home).settings.exists():
        return could_not_check("还没有存证总账", "there is no ledger yet")
    ledger = open_ledger(home)
    try:
        with writing(ledger.engine):
            pass
        return ok(f"{ledger.place},可写", f"{ledger.place}, can be written")
    except LedgerError as error:
        if error.code not in ("STORE_NOT_LASTING", "STORE_READONLY", "STORE_SPACE"):
            raise
        return problem((f"{ledger.place}:{error.at}", f"{ledger.place}: {error.at}"), words_of(error.code))
    finally:
        ledger.close()


def _people(home: Path) -> Seen:
    from ledger.people import certificate, list_people

    people = list_people(home)
    if not people:
        return problem(
            ("还没有登记人员", "nobody is enrolled"),
            ("执行 archive-ledger enrol", "Run: archive-ledger enrol"),
        )
    signers = [(person, certificate(home, person.agent)) for person in people]
    ending = [p.name for p, signer in signers if signer is None or days_left(signer) <= WARN_DAYS]
    if ending:
        names = "、".join(ending[:10])
        return problem(
            (
                f"缺证书、已过期或 {WARN_DAYS} 天内到期:{names}",
                f"none, expired or ending within {WARN_DAYS} days: {names}",
            ),
            (
                "执行 archive-ledger enrol --renew --name 姓名",
                "Run: archive-ledger enrol --renew --name NAME",
            ),
        )
    return ok(f"{len(people)} 人,都在有效期内", f"{len(people)} people, all in date")


def _pending(home: Path) -> Seen:
    from ledger.handle import open_ledger
    from ledger.paths import LedgerPaths
    from ledger.status import counts

    if not LedgerPaths(home).settings.exists():
        return could_not_check("还没有存证总账", "there is no ledger yet")
    ledger = open_ledger(home)
    try:
        found = counts(ledger)
    finally:
        ledger.close()
    if found.oldest_pending_at is None:
        return ok("没有待封存的", "nothing pending")
    waited = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(found.oldest_pending_at)
    minutes = int(waited.total_seconds() // 60)
    words = (
        f"{found.pending} 份待封存,最早的已等 {minutes} 分钟",
        f"{found.pending} pending, the oldest for {minutes} minutes",
    )
    if waited > LONGEST_PENDING:
        return problem(
            words,
            (
                "执行 archive-ledger anchor,或启动 archive-ledger serve",
                "Run: archive-ledger anchor, or start: archive-ledger serve",
            ),
        )
    return ok(*words)


def _worker(home: Path) -> Seen:
    from api.worker_log import last_runs, late_runs

    runs = last_runs(home)
    if not runs:
        return could_not_check(
            "后台服务还没有运行过",
            "the worker has never run",
            ("启动:archive-ledger serve", "Start it: archive-ledger serve"),
        )
    bad = [run.job for run in runs if run.error] + [run.job for run in late_runs(runs)]
    if bad:
        names = ", ".join(sorted(set(bad)))
        names_zh = "、".join(job_words(job) for job in sorted(set(bad)))
        return problem(
            (f"上次失败或没有按时运行:{names_zh}", f"failed or missed: {names}"),
            (
                "见 archive-ledger status;重启 archive-ledger serve",
                "See archive-ledger status; restart archive-ledger serve",
            ),
        )
    return ok(f"{len(runs)} 项都按时运行", f"all {len(runs)} jobs ran in time")
