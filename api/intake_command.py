"""`intake`: takes a folder of records in, in one pass, without stopping at what it cannot take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.carrier import Carrier, Copy, Stated, asked_or_refused, read_stated
from api.codes import read_code
from api.conventions import Call, add_command
from api.dates import now, read_occurred
from api.errors import Exit
from api.event_options import option_help
from api.language import text
from api.opened import opened_ledger
from api.passphrase import PassphraseFile
from api.secrecy.declared import Grade, declared_grade, refused_as_declared
from api.secrecy.refused import SECRETS, state_refusals
from api.signer import As, own_fields, signer, unlocked
from verifier.catalogue import catalogue

if TYPE_CHECKING:
    from api.intake.journal import Journal
    from api.intake.run import AcceptOne, Result, Words
    from api.intake.source import Scan, SourceRecord
    from ledger.accept import Accepted
    from ledger.files import Mode
    from ledger.handle import Ledger
    from ledger.people import Person
    from ledger.sign import Draft, ItemDraft
    from ledger.submission import Submission
    from verifier.digests import Digests


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "intake",
        intake,
        "接收一批记录:一份清单(records.tsv/.csv/.xlsx)或每个子文件夹一条记录;中断后再执行即可续做",
        "Take a folder of records in: a table (records.tsv/.csv/.xlsx) or one record per sub-folder; "
        "run it again after an interruption",
    )


def intake(
    call: Call,
    folder: Annotated[
        Path, typer.Argument(metavar=text("目录", "DIR"), help=text("要接收的目录", "the folder"))
    ],
    named: As,
    table: Annotated[
        Path | None, typer.Option("--table", help=text("清单文件(默认目录中的 records.*)", "the table"))
    ] = None,
    grade: Grade = None,
    carrier: Carrier = None,
    copy: Copy = None,
    late: Annotated[
        str | None,
        typer.Option(
            "--late", metavar=text("代码", "CODE"), help=option_help("late", catalogue().codes["late"])
        ),
    ] = None,
    occurred: Annotated[
        str | None,
        typer.Option(
            "--occurred",
            metavar=text("日期", "DATE"),
            help=text("接收日期(默认现在)", "when received (default: now)"),
        ),
    ] = None,
    reference: Annotated[
        bool,
        typer.Option("--reference", help=text("文件留在原处,只登记位置", "leave the files where they are")),
    ] = False,
    hide_digests: Annotated[
        bool,
        typer.Option(
            "--hide-digests",
            help=text(
                "文件摘要也作附项(内容可被猜中的文件)", "file digests as disclosures (guessable files)"
            ),
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=text("只检查,不接收", "look only, take nothing"))
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", help=text("问题清单写到此文件(.csv 或 .json)", "write the problems here")),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from api.intake.journal import open_journal
    from api.intake.run import Result, Words, deliver_waiting, forget_lost
    from api.intake.scan import scan
    from api.intake.telling import tell
    from api.lookup import statements_known
    from ledger.locking import locked

    person = signer(call, named)
    late = read_code("--late", late, catalogue().codes["late"]) if late is not None else None
    stated = read_stated(carrier, copy)
    if declared_grade(call, grade) and not dry_run:
        _refuse_declared(call, person, passphrase_file)
    when = read_occurred(occurred) or now()
    result = Result()
    lock = call.home / "intake" / "lock"
    with opened_ledger(call) as ledger, open_journal(call.home) as journal, locked(lock, 0):
        if not dry_run:
            with call.out.progress("续做上次的清单", "finishing lists of an earlier run"):
                forget_lost(journal, lambda digests: statements_known(ledger, digests))
                deliver_waiting(journal, _accepting(ledger), result)
        found = scan(folder, table, stated)
        if found.unstated and not dry_run:
            found = scan(folder, table, _asked(call, found, stated))
        result.faults += found.faults
        result.left_out += found.left_out
        words = Words(when, own_fields(person), late, hide_digests)
        if dry_run:
            _look(call, ledger, journal, found, result)
        elif found.records:
            mode: Mode = "reference" if reference else "copy"
            _take(call, ledger, journal, found, words, person, passphrase_file, mode, result)
        if not dry_run:
            _state_refusals(call, ledger, person, passphrase_file, result)
    tell(call, result, report, dry_run=dry_run)
    if any(fault.leaves_out for fault in result.faults):
        raise typer.Exit(Exit.DATA)


def _refuse_declared(call: Call, person: Person, passphrase_file: PassphraseFile) -> None:
    """Raises CommandError GRADE_SECRET once that is stated."""
    with opened_ledger(call) as ledger:
        state_refusals(ledger, unlocked(call, person, passphrase_file), person, ["secret_declared"])
    raise refused_as_declared()


def _asked(call: Call, found: Scan, stated: Stated) -> Stated:
    """What the files are of which nothing says it. Raises CommandError CARRIER_UNSTATED."""
    records = found.unstated
    places = text("、", ", ").join(record.place for record in records[:3]) + ("…" if len(records) > 3 else "")
    files = sum(len(record.files) for record in records)
    return asked_or_refused(
        call,
        stated,
        f"{len(records)} 条记录({places})的 {files} 个文件",
        f"{files} files of {len(records)} records ({places})",
    )


def _accepting(ledger: Ledger) -> AcceptOne:
    from ledger.accept import accept

    def one(submission: Submission) -> Accepted:
        return accept(ledger, [submission])[0]

    return one


def _numbers_taken(ledger: Ledger, records: Sequence[SourceRecord]) -> dict[str, str]:
    """Archival numbers of `records` that the ledger has, each with the record that has it, for people."""
    from api.lookup import numbers_in_use

    return numbers_in_use(ledger, [record.number for record in records if record.number])


def _look(call: Call, ledger: Ledger, journal: Journal, found: Scan, result: Result) -> None:
    """A dry run: files are read and hashed, nothing is stored, signed or noted."""
    from api.intake.run import choose
    from api.intake.take import Taking, hash_file
    from api.secrecy.look import look
    from ledger.erase_files import erased_contents

    erased = erased_contents(ledger)
    taking = Taking(journal, hash_file, lambda _: True, "dry-run", look, erased, noting=False)
    files = sum(len(record.files) for record in found.records)
    with call.out.progress("读取文件", "reading files", files) as meter:
        result.unstated = len(found.unstated)
        numbers = _numbers_taken(ledger, found.records)
        result.taken = len(choose(journal, taking, found.records, numbers, result, meter.advance))


def _take(
    call: Call,
    ledger: Ledger,
    journal: Journal,
    found: Scan,
    words: Words,
    person: Person,
    passphrase_file: PassphraseFile,
    mode: Mode,
    result: Result,
) -> None:
    from api.intake.run import choose, sign_and_deliver
    from api.intake.take import Taking
    from api.intake.telling import tell_what_is_signed
    from api.lookup import contents_held
    from api.secrecy.look import look
    from ledger.erase_files import erased_contents
    from ledger.files import content_path, store_file
    from ledger.seen import last_seen
    from ledger.sign import sign_list

    # Asked before hours of copying, not after.
    key = unlocked(call, person, passphrase_file) if _something_new(journal, found.records) else None

    def store(path: Path) -> tuple[Digests, int]:
        kept = store_file(ledger, path, mode)
        return kept.digests, kept.size

    known = contents_held(ledger, mode)

    def holds(sha256: bytes) -> bool:
        return sha256 in known and (mode == "reference" or content_path(ledger.paths, sha256).is_file())

    taking = Taking(journal, store, holds, mode, look, erased_contents(ledger))
    files = sum(len(record.files) for record in found.records)
    with call.out.progress("读取并存放文件", "reading and storing files", files) as meter:
        numbers = _numbers_taken(ledger, found.records)
        chosen = choose(journal, taking, found.records, numbers, result, meter.advance)
    if not chosen:
        return
    tell_what_is_signed(call, chosen)
    key = key or unlocked(call, person, passphrase_file)

    def sign(draft: Draft, list_id: str, items: Sequence[ItemDraft]) -> Submission:
        return sign_list(key, ledger.origin, replace(draft, seen=last_seen(ledger)), list_id, items)

    with call.out.progress("签名并提交清单", "signing and handing in", len(chosen)) as meter:
        sign_and_deliver(journal, chosen, words, sign, _accepting(ledger), result, meter.advance)


def _state_refusals(
    call: Call, ledger: Ledger, person: Person, passphrase_file: PassphraseFile, result: Result
) -> None:
    """That something was refused as secret is stated by who tried to take it in; of what it was, nothing."""
    reasons = [SECRETS[fault.code] for fault in result.faults if fault.code in SECRETS]
    if reasons:
        state_refusals(ledger, unlocked(call, person, passphrase_file), person, reasons)


def _something_new(journal: Journal, records: Iterable[SourceRecord]) -> bool:
    return any(journal.record(record.identity) is None for record in records)
