"""`backup`, `restore`: the ledger with its files, keys and network, and the digests of everything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.backup_words import backup_fields, incomplete, lacking, not_resumed, restored_words
from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.language import text
from api.network_steps import told
from api.opened import opened_ledger
from api.output import complain
from api.passphrase import PassphraseFile
from api.stated import By, state_keeping
from ledger.store.address import VARIABLE
from network.layout import layout

if TYPE_CHECKING:
    from api.backup_moment import Moment
    from ledger.backup import BackupReport

_FOLDER = text("目录", "DIR")
# Nodes that were stopped for a moment answer after a few seconds; a slow machine needs more.
_RESUME_SECONDS = 90.0


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "backup",
        backup,
        "备份总账、文件、密钥和本机的网络到一个新目录;服务可照常运行,网络在复制时暂停片刻",
        "Back ledger, files, keys and the network here up into a new folder; services may go on running, the "
        "network pauses while it is copied",
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
    without_network: Annotated[
        bool,
        typer.Option(
            "--without-network",
            help=text(
                "不含网络(各机构的密钥和区块),网络不暂停;须另行备份",
                "leave the network out (organisations' keys, blocks); it does not pause, and needs a "
                "back-up of its own",
            ),
        ),
    ] = False,
    by: By = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from api.backup_moment import Moment, network_part
    from ledger.backup import backup as back_up
    from network.snapshot import wait_until_advancing

    _not_inside(call.home, target)
    with opened_ledger(call) as ledger, told(call, "备份", "backing up") as (meter, progress):
        moment = Moment(call.home, network_part(ledger, wanted=not without_network), progress)
        done = back_up(
            ledger, target, lambda octets, path: meter.say(f"{octets >> 20} MiB"), moment, moment.network
        )
        goes_on = not moment.paused or (
            moment.not_resumed is None and wait_until_advancing(call.home, _RESUME_SECONDS)
        )
        outcome = "not_done" if done.manifest.damaged or done.manifest.missing else "done"
        said = backup_fields(target, done.manifest)
        stated = state_keeping(call, ledger, call.home, "backup", outcome, said, by, passphrase_file)
    _tell(call, target, done, moment, goes_on, stated)
    if not goes_on:
        raise typer.Exit(Exit.UNAVAILABLE)
    if done.manifest.damaged or done.manifest.missing:
        raise typer.Exit(Exit.DATA)


def _not_inside(home: Path, target: Path) -> None:
    """A copy that lies in what it copies would copy itself."""
    network = layout(home).root
    if target.expanduser().resolve().is_relative_to(network):
        raise CommandError(
            "BACKUP_TARGET",
            f"备份目录不能在网络目录 {network} 之内。请另指目录,最好在另一块磁盘上。",
            f"The back-up cannot lie within the network's folder {network}. Name another folder, best on "
            "another disk.",
        )


def _tell(
    call: Call, target: Path, done: BackupReport, moment: Moment, goes_on: bool, stated: str | None
) -> None:
    manifest = done.manifest
    call.out.document(
        {
            "target": str(target),
            "statement": stated,
            "files": len(manifest.files),
            "octets": done.octets,
            "batch": manifest.batch,
            "size": manifest.size,
            "channel": manifest.channel,
            "network": manifest.network.value,
            "paused": moment.paused,
            "resumed": goes_on,
            "references": manifest.references,
            "damaged": list(manifest.damaged),
            "missing": list(manifest.missing),
        }
    )
    call.out.say(
        f"已备份 {len(manifest.files)} 个文件({done.octets / (1 << 20):.1f} MiB)到 {target},"
        f"存证总账至第 {manifest.batch} 批次。其中有密钥,请妥善保管。",
        f"Backed up {len(manifest.files)} files ({done.octets / (1 << 20):.1f} MiB) to {target}; the log up "
        f"to batch {manifest.batch}. There are keys in it: keep it locked away.",
    )
    for words in lacking(manifest):
        call.out.say(*words)
    if manifest.damaged or manifest.missing:
        complain(*incomplete(manifest))
    if not goes_on:
        complain(*not_resumed(moment.not_resumed))


def restore(
    call: Call,
    source: Annotated[
        Path, typer.Argument(metavar=_FOLDER, help=text("备份所在目录", "the back-up's folder"))
    ],
    without_network: Annotated[
        bool,
        typer.Option(
            "--without-network",
            help=text(
                "不恢复网络:原网络仍在别处运行时用",
                "do not restore the network: for a ledger whose network still runs elsewhere",
            ),
        ),
    ] = False,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help=text(
                f"恢复到这个空的 PostgreSQL 数据库(默认取环境变量 {VARIABLE},再默认为 SQLite 文件)",
                f"into this empty PostgreSQL database (default: {VARIABLE}, else a SQLite file)",
            ),
        ),
    ] = None,
    by: By = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from contextlib import closing

    from ledger.backup_restore import restore as put_back
    from ledger.handle import open_ledger
    from ledger.store.address import address_asked_for

    address = address_asked_for(database)

    with call.out.progress("核对并恢复", "checking and restoring") as meter:
        done = put_back(
            source,
            call.home,
            lambda octets, path: meter.say(f"{octets >> 20} MiB"),
            network=not without_network,
            database=address,
        )
        if done.network:
            _renew_contracts(call.home)
    manifest = done.manifest
    with closing(open_ledger(call.home)) as ledger:
        # As the back-up was when it was made: that every digest holds was just seen.
        outcome = "different" if manifest.damaged or manifest.missing else "same"
        said = backup_fields(source, manifest)
        stated = state_keeping(call, ledger, call.home, "restore", outcome, said, by, passphrase_file)
    call.out.document(
        {
            "home": str(call.home),
            "statement": stated,
            "database": str(done.place),
            "origin": manifest.origin,
            "ledger": manifest.ledger.hex(),
            "created_at": manifest.created_at,
            "batch": manifest.batch,
            "size": manifest.size,
            "files": done.files,
            "channel": manifest.channel,
            "network": done.network,
            "connection": str(done.connection) if done.connection else None,
            "references": manifest.references,
            "damaged": list(manifest.damaged),
            "missing": list(manifest.missing),
        }
    )
    for words in restored_words(done, call.home):
        call.out.say(*words)


def _renew_contracts(home: Path) -> None:
    """connection.json and policies name files by absolute path: those of the place where it lies now."""
    from network.consortium import read_consortium
    from network.make import write_contracts
    from network.marker import read_marker

    places = layout(home)
    marker = read_marker(places)
    if marker is not None:
        write_contracts(places, read_consortium(places.consortium), marker)
