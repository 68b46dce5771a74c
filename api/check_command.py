"""`check`, `fixity`: everything derived again from the stored bytes, every file read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.errors import Exit
from api.facts import in_chinese
from api.failure import words_of
from api.fixity_telling import records_of_file, tell_due
from api.folding import folded
from api.language import text
from api.opened import opened_ledger
from api.output import printable
from api.replicas import Replicas, replica_folders
from ledger.alarms import OF_ANOTHER_AGE
from verifier.report import Outcome

if TYPE_CHECKING:
    from api.checking import Checked
    from ledger.finding import Finding
    from ledger.fixity import FixityReport
    from ledger.handle import Ledger

SUBJECTS = {
    "statement": ("签名行为记录", "statement"),
    "item": ("清单件", "list item"),
    "certificate": ("签名证书", "certificate"),
    "entry": ("存证条目", "entry"),
    "link": ("轨迹", "trail link"),
    "tile": ("总账哈希", "log hashes"),
    "batch": ("存证批次", "batch"),
    "anchor": ("上链记录", "anchor"),
    "attestation": ("多机构确认", "attestation"),
    "configuration": ("通道配置", "channel configuration"),
    "receipt": ("回执", "receipt"),
    "disclosure": ("附项", "disclosure"),
    "file": ("文件", "file"),
    "store": ("数据库", "database"),
}

STAGES = {
    "store": "数据库",
    "statements": "签名行为记录",
    "log": "存证条目",
    "tiles": "总账哈希",
    "anchors": "上链记录",
    "chain": "与链上核对",
    "files": "文件",
}

_RESULTS = {
    "changed": ("内容已变", "changed"),
    "missing": ("缺失", "missing"),
    "unreadable": ("读不出", "unreadable"),
}
_SHOWN = 40


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "check",
        check,
        "把全部内容从存储的字节重新推导一遍,并与链上核对;逐一列出不符的记录、条目、文件、批次",
        "Derive everything again from the stored bytes, compare with the chain; name all that disagrees",
    )
    add_command(
        app,
        "fixity",
        fixity,
        "固化信息核验:把每个文件重读一遍,与接收时的摘要比对",
        "Re-read every stored file and compare it with its digests",
    )


def check(
    call: Call,
    offline: Annotated[
        bool, typer.Option("--offline", help=text("不与链上核对", "do not compare with the chain"))
    ] = False,
    replica: Replicas = None,
) -> None:
    from api.apart import tell_apart
    from api.checking import checked

    replicas = replica_folders(call, replica)
    with opened_ledger(call) as ledger, call.out.progress("核对", "checking") as meter:

        def told(stage: str, done: int, total: int) -> None:
            name = text(STAGES.get(stage, stage), stage)
            meter.say(f"{name} {done}/{total}" if total else f"{name} {done}")

        result = checked(ledger, told, replicas, offline=offline)
        found, names = result.findings, _record_names(ledger, result.findings)
    _tell(call, result, names)
    if offline:
        call.out.say("按要求没有与链上核对。", "As asked, nothing was compared with the chain.")
    for one in result.apart:
        tell_apart(call, one)
    if any(one.outcome is Outcome.FAILED for one in found):
        raise typer.Exit(Exit.DATA)
    if found:
        raise typer.Exit(Exit.UNAVAILABLE)


def _record_names(ledger: Ledger, found: Sequence[Finding]) -> dict[str, str]:
    """Record uuid → archival number and title, of the records that findings concern."""
    from ledger.query import find_record
    from verifier.errors import CallerError

    names: dict[str, str] = {}
    for record in sorted({record for one in found for record in one.records})[:_SHOWN]:
        try:
            row = find_record(ledger, record)
        except CallerError:
            # What its record was is itself among the findings.
            names[record] = record
            continue
        names[record] = f"{row.number} {row.title}".strip() or record
    return names


def _tell(call: Call, result: Checked, names: dict[str, str]) -> None:
    from api.apart import apart_json

    found = result.findings
    failed = [one for one in found if one.outcome is Outcome.FAILED]
    not_run = [one for one in found if one.outcome is not Outcome.FAILED]
    call.out.document(
        {
            "agrees": not found,
            "failed": len(failed),
            "not_checked": len(not_run),
            "findings": [_finding_json(one) for one in found],
            "differences": [apart_json(one) for one in result.apart],
        }
    )
    for one in [*failed, *not_run][:_SHOWN]:
        _tell_finding(call, one, names)
    if len(found) > _SHOWN:
        call.out.say(
            f"…另有 {len(found) - _SHOWN} 处,见 --json。", f"… and {len(found) - _SHOWN} more; see --json."
        )
    if not found:
        call.out.say(
            "全部相符:签名行为记录、条目、存证批次、上链记录、文件都已重新核对。",
            "Everything agrees: statements, entries, batches, anchors and files were all derived again.",
        )
    for said in _conclusion(failed, not_run):
        call.out.say(*said)


def _conclusion(failed: Sequence[Finding], not_run: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """What is to be done: another thing where something disagrees than where it could not be looked at."""
    if failed:
        yield (
            f"{len(failed)} 处不符,{len(not_run)} 处未能检查。",
            f"{len(failed)} disagree, {len(not_run)} could not be checked.",
        )
    elif not_run:
        yield (
            f"已检查的没有不符;{len(not_run)} 处未能检查,不算通过。请按以上说明补上所缺的条件,再运行一次 "
            "archive-ledger check。",
            f"Nothing that was checked disagrees; {len(not_run)} could not be checked and have not passed. "
            "Supply what is said above to be lacking, then run archive-ledger check again.",
        )
    if any(one.code not in OF_ANOTHER_AGE for one in failed):
        yield (
            "不符的请保留现场,报安全审计员,从备份恢复。",
            "Keep what disagrees as it is, report it, and restore a back-up.",
        )
    elif failed:
        yield (
            "总账本身没有不符;总账与链的进度不一致,请按以上说明处理。",
            "The ledger itself agrees; ledger and chain have not come equally far. Do as is said above.",
        )


def _tell_finding(call: Call, one: Finding, names: dict[str, str]) -> None:
    """What disagrees, and below it the facts, each on lines of its own: a table of them is too wide."""
    failing = one.outcome is Outcome.FAILED
    outcome = text("不符", "disagrees") if failing else text("未检查", "not checked")
    name = printable(_fact(one.name))
    head = f"{outcome} {text(*SUBJECTS[str(one.subject)])} {name}".rstrip()
    call.out.say(head, head)
    concerned = "; ".join(names.get(record, record) for record in one.records[:5])
    facts = (
        ("", f"{text(*words_of(one.code))} [{one.code}]"),
        (text("应为 ", "expected "), _fact(one.expected)),
        (text("实为 ", "found "), _fact(one.found)),
        (text("涉及 ", "concerns "), concerned),
    )
    for label, fact in facts:
        if fact:
            for line in folded(printable(label + fact), "  "):
                call.out.say(line, line)


def _fact(words: str) -> str:
    return text(in_chinese(words), words)


def _finding_json(one: Finding) -> dict[str, object]:
    return {
        "outcome": one.outcome.value,
        "code": one.code,
        "subject": str(one.subject),
        "name": one.name,
        "records": list(one.records),
        "expected": one.expected,
        "found": one.found,
    }


def fixity(
    call: Call,
    due: Annotated[
        bool,
        typer.Option(
            "--due",
            help=text("只列待核验的,不读文件", "only tell which are to be read; read none"),
        ),
    ] = False,
    days: Annotated[
        int,
        typer.Option("--days", min=1, max=3650, help=text("周期(天)", "the period, in days")),
    ] = 30,
) -> None:
    from ledger.fixity import FixityResult, check_fixity

    if due:
        tell_due(call, days)
        return
    with opened_ledger(call) as ledger, call.out.progress("核验文件", "re-reading files") as meter:
        report = check_fixity(ledger, lambda done, total, path: meter.say(f"{done}/{total}"))
        whose = [records_of_file(ledger, one.sha256) for one in report.problems[:_SHOWN]]
    _tell_fixity(call, report, whose)
    if any(one.result is not FixityResult.UNREADABLE for one in report.problems):
        raise typer.Exit(Exit.DATA)
    if report.problems:
        raise typer.Exit(Exit.UNAVAILABLE)


def _tell_fixity(call: Call, report: FixityReport, whose: Sequence[str]) -> None:
    """`whose`: the records of the first problems' files."""
    from ledger.fixity import FixityResult

    call.out.document(
        {
            "checked": report.checked,
            "problems": [
                {
                    "sha256": one.sha256.hex(),
                    "path": printable(str(one.path)),
                    "result": str(one.result),
                    "found": one.found,
                }
                for one in report.problems
            ],
        }
    )
    if report.problems:
        heads = (("结果", "result"), ("档案", "record"), ("文件", "file"))
        call.out.table(
            heads,
            [
                (text(*_RESULTS[str(one.result)]), records, str(one.path))
                for one, records in zip(report.problems, whose, strict=False)
            ],
        )
        unread = sum(one.result is FixityResult.UNREADABLE for one in report.problems)
        wrong = len(report.problems) - unread
        call.out.say(
            f"核验 {report.checked} 个文件:{wrong} 个不符或缺失,{unread} 个读不出、没有核验成。"
            "不符、缺失的请从备份找回,不要覆盖现场;读不出的请检查权限和介质后再核验。",
            f"{report.checked} files: {wrong} are changed or missing, {unread} could not be read, and so not "
            "checked. Recover the former from a back-up, and keep what is there; for the latter look at "
            "permissions and the medium, and check again.",
        )
    else:
        call.out.say(
            f"核验 {report.checked} 个文件,全部与接收时相同。",
            f"{report.checked} files re-read; all are as they came in.",
        )
