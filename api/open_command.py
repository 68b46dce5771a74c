"""`open`: a file out of the store, once that it is taken out, by whom and what for is on record."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.event_options import event_option_help
from api.language import text
from api.opened import opened_ledger
from api.passphrase import PassphraseFile
from api.signer import As, own_fields, signer, unlocked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.handle import Ledger
    from verifier.disclosure import FileDigests
    from verifier.verify_files import KnownFile

_WAYS = {"view": "查阅", "print": "打印", "copy": "复制", "download": "下载"}


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "open",
        open_file,
        "从库中取出一个文件:先登记查阅(打印、复制、下载),再给出内容",
        "Take a file out of the store: the view (print, copy, download) is stated before it is given",
    )


def open_file(
    call: Call,
    record: Annotated[
        str, typer.Argument(metavar=text("记录", "RECORD"), help=text("档号或编号", "number or id"))
    ],
    file: Annotated[
        str,
        typer.Argument(metavar=text("文件", "FILE"), help=text("文件名或 SHA-256", "its name or SHA-256")),
    ],
    named: As,
    purpose: Annotated[str, typer.Option("--purpose", help=text("利用目的", "what for"))],
    basis: Annotated[
        str,
        typer.Option("--basis", metavar=text("代码", "CODE"), help=event_option_help("access.view", "basis")),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help=text("写到此文件", "write it here"))],
    way: Annotated[
        str,
        typer.Option(
            "--way",
            metavar=text("方式", "WAY"),
            help=text("查阅(view)、打印(print)、复制(copy)、下载(download)", "view, print, copy, download"),
        ),
    ] = "view",
    legal_basis: Annotated[
        str | None, typer.Option("--legal-basis", help=text("法律依据(条文)", "the legal ground in words"))
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option("--reader", help=text("利用人姓名(代他人取)", "for whom, if not for oneself")),
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option(
            "--answers",
            metavar=text("last|行为|摘要", "last|EVENT|DIGEST"),
            help=text("所依的批准:摘要(至少前 8 位)或行为", "the approval: its digest (8 digits) or event"),
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from api.codes import read_event_codes
    from api.event.answers import answered
    from api.event.request import named_event
    from api.shown_name import shown_name
    from api.use_stated import use_draft
    from ledger.accept import accept
    from ledger.query import find_record
    from ledger.sign import sign_statement
    from ledger.whole_file import closing_chunks, open_whole

    spec, person = named_event(f"access.{_way(way)}"), signer(call, named)
    ground = read_event_codes(spec, {"basis": basis})["basis"]
    if not purpose.strip():
        raise CommandError("PURPOSE_EMPTY", "请用 --purpose 写明利用目的。", "Say what for with --purpose.")
    if out.exists() or out.is_symlink():
        raise CommandError(
            "OUT_EXISTS",
            f"{out} 已存在,没有覆盖,也没有登记。请换个文件名。",
            f"{out} exists; it is not overwritten, and nothing was stated. Choose another name.",
        )
    with opened_ledger(call) as ledger:
        uuid = find_record(ledger, record).record
        known, content = _present(ledger, uuid, file)
        reading = open_whole(ledger, content)
        with reading:
            fields = own_fields(person) | {"purpose": purpose}
            fields |= {"reader_name": reader} if reader else {}
            fields |= {"legal_basis": legal_basis} if legal_basis else {}
            replies = answered(ledger, tuple(answers or ()), uuid, None)
            use = use_draft(spec.name, uuid, [known], fields, ground, replies)
            key = unlocked(call, person, passphrase_file)
            # Refused, or not to be kept: then nothing is given.
            accepted = accept(ledger, [sign_statement(key, ledger.origin, use)])[0]
            _write(out, closing_chunks(reading))
    name = shown_name(known)
    call.out.document(
        {
            "record": uuid,
            "file": name,
            "copy": known.copy,
            "sha256": content.digests.sha256.hex(),
            "out": str(out),
            "statement": accepted.statement.hex(),
        }
    )
    call.out.say(
        f"已登记“{_WAYS[way]}”,文件“{name}”写到 {out}。",
        f"The {way} is on record; '{name}' is written to {out}.",
    )


def _way(way: str) -> str:
    if way not in _WAYS:
        raise CommandError(
            "USAGE_VALUE",
            f"--way 须为 {'、'.join(_WAYS)} 之一,现为“{way}”。",
            f"--way is one of {', '.join(_WAYS)}; found '{way}'.",
        )
    return way


def _present(ledger: Ledger, record: str, named: str) -> tuple[KnownFile, FileDigests]:
    from api.lookup import files_now

    files = files_now(ledger, record)
    current = files.current
    for known in current:
        if known.content is not None and named in (known.name, known.content.digests.sha256.hex()):
            return known, known.content
    for known in files.erased:
        digest = known.content.digests.sha256.hex() if known.content is not None else ""
        if known.destroyed_by and named in (known.name, digest):
            raise CommandError(
                "FILE_DESTROYED",
                f"该文件已由签名行为记录 {known.destroyed_by} 监销,不再保存;不是缺失。没有登记利用。",
                f"The file was destroyed by statement {known.destroyed_by} and is kept no longer; it is not "
                "missing. Nothing was stated.",
                Exit.DATA,
            )
    raise CommandError(
        "FILE_NOT_OF_RECORD",
        f"该记录没有所说的现行文件(共 {len(current)} 个)。用 show 查看文件名。",
        f"The record has no such present file (it has {len(current)}). See their names with: show",
        Exit.DATA,
    )


def _write(out: Path, chunks: Iterator[bytes]) -> None:
    """Readable by its owner only; whole, or not there."""
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as writer:
            for chunk in chunks:
                writer.write(chunk)
    except BaseException:
        out.unlink(missing_ok=True)
        raise
