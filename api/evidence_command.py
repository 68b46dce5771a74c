"""`evidence`, `receipt`, `trust-root`: what goes out of the house, for others to check without us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.event_options import event_option_help
from api.language import text
from api.opened import opened_ledger
from api.outgoing import DESTROYED, ERASED, WITHHELD, LeftOut, files_leaving, write_files, write_new
from api.output import printable
from api.passphrase import PassphraseFile
from verifier.catalogue import field_words

if TYPE_CHECKING:
    from ledger.evidence import EvidenceFile
    from ledger.handle import Ledger

# Why a file of the record is not among those written.
_LEFT_OUT = {
    DESTROYED: (
        "已监销,不再保存(监销见证的签名行为记录 {by},经过见 show)。",
        "it was destroyed and is kept no longer (witnessed by statement {by}; see show).",
    ),
    ERASED: ("因误传已依规删除,不再保存。", "it was received by mistake and erased by rule."),
    WITHHELD: (
        "它的摘要已隐去,无从认定是哪个文件。",
        "its digests are withheld, so that nobody can tell which file it is.",
    ),
}

Out = Annotated[
    Path,
    typer.Option("-o", "--out", metavar=text("文件", "FILE"), help=text("写到此文件", "write to this file")),
]


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "evidence",
        evidence,
        "出具核验文件:一条或几条记录,或一份清单",
        "Make an evidence file: for one record, several, or a list",
    )
    add_command(
        app,
        "receipt",
        receipt,
        "取回执:总账承诺登记的签名凭证",
        "Give a receipt: the ledger's signed promise",
    )
    add_command(
        app, "trust-root", trust_root, "写出核验基准,显示其指纹", "Write the trust root; show its fingerprint"
    )


def evidence(
    call: Call,
    out: Out,
    records: Annotated[
        list[str] | None,
        typer.Argument(
            metavar=text("记录...", "RECORD..."), help=text("档号或编号", "archival number or uuid")
        ),
    ] = None,
    lists: Annotated[
        list[str] | None,
        typer.Option(
            "--list",
            metavar=text("清单", "LIST"),
            help=text("清单的编号、名称或 ID", "a list: its number, title or id"),
        ),
    ] = None,
    volumes: Annotated[
        list[str] | None,
        typer.Option(
            "--volume",
            metavar=text("案卷", "VOLUME"),
            help=text("案卷或户档:卷内现有各件", "a volume or household file: its records now"),
        ),
    ] = None,
    withhold: Annotated[
        list[str] | None,
        typer.Option(
            "--withhold", metavar=text("附项", "FIELD"), help=text("不提供的附项", "a field to withhold")
        ),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust", help=text("按对方持有的核验基准出具", "for the trust root that the reader has")
        ),
    ] = None,
    files: Annotated[
        Path | None,
        typer.Option(
            "--files",
            metavar=text("目录", "DIR"),
            help=text(
                "同时写出记录的现行文件(先登记下载:须 --as、--purpose、--basis)",
                "also write its files (stated first: --as, --purpose, --basis)",
            ),
        ),
    ] = None,
    with_pending: Annotated[
        bool, typer.Option("--with-pending", help=text("包括尚未上链的", "include what is not anchored yet"))
    ] = False,
    force: Annotated[bool, typer.Option("--force", help=text("覆盖已有文件", "overwrite the file"))] = False,
    by: Annotated[
        str | None,
        typer.Option(
            "--as", metavar=text("人员", "PERSON"), help=text("谁取出文件", "who takes the files out")
        ),
    ] = None,
    purpose: Annotated[
        str | None, typer.Option("--purpose", help=text("取出文件的目的", "what the files are taken for"))
    ] = None,
    basis: Annotated[
        str | None,
        typer.Option(
            "--basis", metavar=text("代码", "CODE"), help=event_option_help("access.download", "basis")
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from api.use_stated import Taken, state_downloads
    from ledger.evidence import build_evidence
    from ledger.list_query import find_list, records_of_lists
    from ledger.query import find_record
    from ledger.volume_query import records_of_volumes

    if not records and not lists and not volumes:
        raise CommandError(
            "SCOPE_EMPTY",
            "请给出记录(档号或编号),或用 --list 指明清单、--volume 指明案卷。",
            "Name a record (archival number or uuid), a list with --list, or a volume with --volume.",
        )
    with opened_ledger(call) as ledger:
        subjects = [find_record(ledger, one).record for one in records or ()]
        listed = [find_list(ledger, one).list_id for one in lists or ()]
        subjects += records_of_volumes(ledger, volumes or ())
        # A list's evidence carries its records, so their fields and files count as well.
        subjects = sorted({*subjects, *records_of_lists(ledger, listed)})
        hidden = withheld(ledger, withhold or (), subjects, listed)
        with call.out.progress("编制核验文件", "making the evidence"):
            made = build_evidence(
                ledger,
                subjects,
                listed,
                withhold=hidden,
                with_pending=with_pending,
                basis=_basis(trust, ledger),
            )
        written: tuple[Path, ...] = ()
        left_out: tuple[LeftOut, ...] = ()
        if files is not None:
            leaving, left_out = files_leaving(ledger, subjects, made.data, files)
            given = {record: [one.known for one in leaving if one.record == record] for record in subjects}
            taken = Taken(by, purpose, basis, passphrase_file)
            state_downloads(call, ledger, {r: known for r, known in given.items() if known}, taken)
        write_new(out, made.data, force=force)
        if files is not None:
            written = write_files(leaving)
    call.out.document(
        {
            "evidence": str(out),
            "octets": len(made.data),
            "batch": made.batch,
            "entries": made.entries,
            "pending": made.pending,
            "pending_included": made.pending_included,
            "records": subjects,
            "lists": listed,
            "files": [str(path) for path in written],
            "files_left_out": [asdict(one) for one in left_out],
        }
    )
    _tell(call, out, made, written)
    _tell_left_out(call, left_out)


def withheld(
    ledger: Ledger, withhold: Sequence[str], records: Sequence[str], lists: Sequence[str]
) -> frozenset[str]:
    """Names of fields, as given in code or in words.

    A name mistyped would give away what was to be withheld: each must be a field of some step.
    """
    from ledger.list_query import list_steps
    from ledger.query import record_steps

    if not withhold:
        return frozenset()
    steps = [step for one in records for step in record_steps(ledger, one)]
    steps += [step for one in lists for step in list_steps(ledger, one)]
    known = {name for step in steps for name in (*step.hidden, *(name for name, _ in step.shown))}
    by_words = {words.zh: name for name in known if (words := field_words(name)) is not None}
    named = {by_words.get(name, name) for name in withhold}
    unknown = sorted(named - known)
    if unknown:
        raise CommandError(
            "WITHHOLD_UNKNOWN",
            f"没有附项 {'、'.join(unknown)},没有出具核验文件。"
            f"现有:{'、'.join(f'{_words(name)}({name})' for name in sorted(known))}。",
            f"There is no field {', '.join(unknown)}; no evidence was made. "
            f"There are: {', '.join(sorted(known))}.",
        )
    return frozenset(named)


def _words(name: str) -> str:
    words = field_words(name)
    return words.zh if words is not None else name


def _basis(trust: Path | None, ledger: Ledger) -> int:
    """The number of the configuration block that the reader's trust root pins."""
    from verifier.trust import read_trust_root

    if trust is None:
        return 0
    root = read_trust_root(trust.read_bytes())
    if root.ledger != ledger.id:
        raise CommandError(
            "TRUST_OTHER_LEDGER",
            f"{trust} 是另一本总账({root.origin})的核验基准。请取得 {ledger.origin} 的核验基准。",
            f"{trust} is the trust root of another ledger ({root.origin}). Use that of {ledger.origin}.",
            Exit.DATA,
        )
    return root.pinned.number


def _tell(call: Call, out: Path, made: EvidenceFile, written: Sequence[Path]) -> None:
    size = f"{len(made.data) / 1024:.0f} KiB"
    if made.batch is None:
        call.out.say(
            f"核验文件 {out}:内容尚未上链固定,核验结论将是“依据不全”。",
            f"Evidence file {out}: nothing in it is anchored yet; its verdict will be 'incomplete'.",
        )
    else:
        call.out.say(
            f"核验文件 {out}({size}):{made.entries} 个存证条目,截至第 {made.batch} 批次。",
            f"Evidence file {out} ({size}): {made.entries} entries, as of batch {made.batch}.",
        )
    if made.pending and not made.pending_included:
        call.out.say(
            f"另有 {made.pending} 份签名行为记录尚未上链,没有包括;需要时加 --with-pending。",
            f"{made.pending} statements are not anchored yet and left out; --with-pending includes them.",
        )
    if written:
        call.out.say(
            f"文件 {len(written)} 个,在 {written[0].parent}", f"{len(written)} files in {written[0].parent}"
        )


def _tell_left_out(call: Call, left_out: Sequence[LeftOut]) -> None:
    for one in left_out:
        name = printable(one.name) or one.record
        zh, en = _LEFT_OUT[one.why]
        by = (one.statement or "")[:16]
        call.out.say(f"没有写出“{name}”:{zh.format(by=by)}", f"'{name}' is not written: {en.format(by=by)}")


def receipt(
    call: Call,
    named: Annotated[
        str,
        typer.Argument(
            metavar=text("签名行为记录|记录", "STATEMENT|RECORD"),
            help=text("摘要(至少前 8 位)、档号或记录编号", "its digest (8 digits at least), or a record"),
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help=text("写到此文件(默认屏幕)", "write here (default: the screen)")),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=text("覆盖已有文件", "overwrite the file"))] = False,
) -> None:
    from api.lookup import statement_named
    from ledger.query import find_record, record_steps, statement_by_digest

    with opened_ledger(call) as ledger:
        digest = statement_named(ledger, named)
        if digest is None:
            last = record_steps(ledger, find_record(ledger, named).record)[-1]
            digest = bytes.fromhex(last.statement)
        found = statement_by_digest(ledger, digest)
    if out is not None:
        write_new(out, found.receipt.encode(), force=force)
    call.out.document(
        {
            "statement": digest.hex(),
            "accepted_at": found.step.accepted_at,
            "due": found.due,
            "receipt": found.receipt,
            "file": str(out) if out else None,
        }
    )
    if out is None:
        call.out.say(found.receipt.rstrip("\n"), found.receipt.rstrip("\n"))
    else:
        call.out.say(f"回执已写到 {out}。", f"The receipt is in {out}.")


def trust_root(
    call: Call,
    out: Out,
    least: Annotated[
        int | None,
        typer.Option(
            "--least", help=text("最少几家机构确认(默认过半数)", "least attesters (default: a majority)")
        ),
    ] = None,
    newest: Annotated[
        bool,
        typer.Option(
            "--newest",
            help=text(
                "以最新的通道配置区块为基准(默认创世区块)",
                "pin the channel's newest configuration block (default: its first)",
            ),
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help=text("覆盖已有文件", "overwrite the file"))] = False,
) -> None:
    from ledger.configurations import kept_configurations
    from ledger.trust import build_trust_root, spoken

    with opened_ledger(call) as ledger:
        settings = ledger.settings
        made = build_trust_root(
            settings.origin,
            ledger.public_key,
            settings.channel,
            settings.chaincode,
            kept_configurations(ledger)[-1 if newest else 0],
            least,
        )
    write_new(out, made.data, force=force)
    groups = spoken(made.fingerprint)
    call.out.document({"trust_root": str(out), "fingerprint": made.fingerprint.hex(), "spoken": groups})
    call.out.say(
        f"核验基准 {out}\n指纹 {groups}\n请由本机构当面或另行公布此指纹;核验人逐字核对后方可使用。",
        f"Trust root {out}\nFingerprint {groups}\n"
        "Publish it by another road; whoever verifies compares it group by group.",
    )
