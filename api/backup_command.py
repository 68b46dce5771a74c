"""`backup`, `restore`: the ledger, its files and keys, with the digests of everything."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.language import text
from api.opened import opened_ledger
from api.output import printable

_FOLDER = text("目录", "DIR")


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "backup",
        backup,
        "备份总账、文件和密钥到一个新目录(可在服务运行时进行)",
        "Back the ledger, its files and keys up into a new folder, while it runs",
    )
    add_command(
        app,
        "restore",
        restore,
        "从备份恢复到空的数据目录(--home);先逐个核对摘要",
        "Restore a back-up into an empty data folder (--home); every digest is checked first",
    )


def backup(
    call: Call,
    target: Annotated[
        Path, typer.Argument(metavar=_FOLDER, help=text("新的空目录", "a new or empty folder"))
    ],
) -> None:
    from api.intake.journal import copy_journal
    from ledger.backup import backup as back_up

    with (
        opened_ledger(call) as ledger,
        tempfile.TemporaryDirectory() as beside,
        call.out.progress("备份", "backing up") as meter,
    ):
        # The journal before the ledger: it must not remember records that the ledger's copy lacks.
        journal = Path(beside) / "journal.sqlite"
        has_journal = copy_journal(call.home, journal)
        done = back_up(ledger, target, lambda octets, path: meter.say(f"{octets >> 20} MiB"))
        if has_journal:
            (target / "intake").mkdir(mode=0o700)
            shutil.copyfile(journal, target / "intake" / "journal.sqlite")
    call.out.document(
        {
            "target": str(target),
            "files": len(done.manifest.files),
            "octets": done.octets,
            "batch": done.manifest.batch,
            "size": done.manifest.size,
            "references": done.references,
            "damaged": list(done.damaged),
            "missing": list(done.missing),
        }
    )
    call.out.say(
        f"已备份 {len(done.manifest.files)} 个文件({done.octets / (1 << 20):.1f} MiB)到 {target},"
        f"存证总账至第 {done.manifest.batch} 批次。",
        f"Backed up {len(done.manifest.files)} files ({done.octets / (1 << 20):.1f} MiB) to {target}; "
        f"the log up to batch {done.manifest.batch}.",
    )
    if done.references:
        call.out.say(
            f"另有 {done.references} 个文件只登记了位置,不在备份内,请另行备份。",
            f"{done.references} files are only referenced and are not in it; back them up by other means.",
        )
    if done.damaged or done.missing:
        names = ", ".join(printable(name) for name in (*done.damaged, *done.missing)[:10])
        raise CommandError(
            "BACKUP_INCOMPLETE",
            f"备份已完成,但有 {len(done.damaged)} 个文件已损坏、{len(done.missing)} 个缺失:{names}。"
            "请用 archive-ledger fixity 查清,从以前的备份找回。",
            f"The back-up is made, but {len(done.damaged)} files are damaged, {len(done.missing)} missing: "
            f"{names}. Look with archive-ledger fixity, and recover them from an earlier back-up.",
            Exit.DATA,
        )


def restore(
    call: Call,
    source: Annotated[
        Path, typer.Argument(metavar=_FOLDER, help=text("备份所在目录", "the back-up's folder"))
    ],
) -> None:
    from api.intake.journal import copy_journal
    from ledger.backup import restore as put_back

    with call.out.progress("核对并恢复", "checking and restoring") as meter:
        manifest = put_back(source, call.home, lambda octets, path: meter.say(f"{octets >> 20} MiB"))
        (call.home / "intake").mkdir(exist_ok=True, mode=0o700)
        copy_journal(source, call.home / "intake" / "journal.sqlite")
    call.out.document(
        {
            "home": str(call.home),
            "origin": manifest.origin,
            "ledger": manifest.ledger.hex(),
            "created_at": manifest.created_at,
            "batch": manifest.batch,
            "size": manifest.size,
            "files": len(manifest.files),
        }
    )
    call.out.say(
        f"已恢复 {manifest.origin} 到 {call.home}:{len(manifest.files)} 个文件摘要全部相符,"
        f"备份时间 {manifest.created_at},至第 {manifest.batch} 批次。\n"
        "请接着运行 archive-ledger check,与链上核对有无更新的批次。",
        f"Restored {manifest.origin} to {call.home}: all {len(manifest.files)} digests hold; "
        f"made {manifest.created_at}, up to batch {manifest.batch}.\n"
        "Now run archive-ledger check, to see whether the chain has newer batches.",
    )
