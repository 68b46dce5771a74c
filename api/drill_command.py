"""`drill`, `backups`: a back-up rehearsed, and those that were ever stated to be made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.errors import Exit
from api.failure import words_of
from api.language import text
from api.opened import opened_ledger
from api.passphrase import PassphraseFile
from api.proof_words import moment
from api.stated import By, state_keeping

if TYPE_CHECKING:
    from api.drill import Drill

_FOLDER = text("目录", "DIR")
_OUTCOMES = {
    "same": ("相符", "same"),
    "different": ("不符", "different"),
    "not_done": ("未完成", "not done"),
}


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "drill",
        drill,
        "恢复演练:把备份恢复到临时目录,核对、与总账和链比对,登记结果,不留任何东西",
        "Rehearse a restore: put a back-up into a scratch folder, check and compare it, state the outcome, "
        "leave nothing",
    )
    add_command(
        app,
        "backups",
        backups,
        "列出登记过的备份;仍含已删除的误传文件的须销毁",
        "List the back-ups stated to be made; those that hold erased files must be destroyed",
    )


def drill(
    call: Call,
    source: Annotated[
        Path, typer.Argument(metavar=_FOLDER, help=text("备份所在目录", "the back-up's folder"))
    ],
    scratch: Annotated[
        Path | None,
        typer.Option(
            "--scratch",
            metavar=_FOLDER,
            help=text("在此目录下临时恢复(默认系统临时目录)", "restore below this folder for the while"),
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help=text("不与链上核对", "do not compare with the chain"))
    ] = False,
    by: By = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from api.backup_words import backup_fields
    from api.drill import rehearse

    with opened_ledger(call) as ledger:
        with call.out.progress("恢复演练", "rehearsing") as meter:
            done = rehearse(ledger, source, scratch, meter.say, offline=offline)
        said = backup_fields(source, done.manifest)
        said["detail"] += f"; found: {' '.join(done.codes) or 'nothing'}"
        said["detail"] += f"; not checked: {' '.join(done.unchecked) or 'nothing'}"
        stated = state_keeping(call, ledger, call.home, "drill", done.outcome, said, by, passphrase_file)
    _tell(call, source, done, stated)
    if done.outcome != "same":
        raise typer.Exit(Exit.DATA)


def _tell(call: Call, source: Path, done: Drill, stated: str | None) -> None:
    call.out.document(
        {
            "source": str(source),
            "outcome": done.outcome,
            "findings": list(done.codes),
            "not_checked": list(done.unchecked),
            "batch": done.manifest.batch,
            "statement": stated,
        }
    )
    zh, en = _OUTCOMES[done.outcome]
    call.out.say(
        f"恢复演练:{zh}。备份时间 {moment(done.manifest.created_at)},"
        f"至第 {done.manifest.batch} 批次;临时恢复的内容已删除。",
        f"Rehearsal: {en}. The back-up was made "
        f"{moment(done.manifest.created_at)} (Beijing time), up to batch {done.manifest.batch}; what was "
        "restored for the while is deleted.",
    )
    _explain(call, done.codes)
    if done.unchecked:
        call.out.say("没有核对到:", "Could not be checked:")
        _explain(call, done.unchecked)


def _explain(call: Call, codes: Sequence[str]) -> None:
    for code in codes:
        zh, en = words_of(code)
        call.out.say(f"  · {zh} [{code}]", f"  · {en} [{code}]")


def backups(call: Call) -> None:
    from api.secrecy.erased import backups_made

    with opened_ledger(call) as ledger:
        made = backups_made(ledger)
    call.out.document(
        {
            "backups": [
                {"at": one.accepted_at, "medium": one.medium, "detail": one.detail, "holds_erased": one.holds}
                for one in made
            ]
        }
    )
    heads = (("时间", "when"), ("存放", "where"), ("须否销毁", "to be destroyed"))
    call.out.table(heads, [(moment(one.accepted_at), one.medium, _word(one.holds)) for one in made])


def _word(holds: int | None) -> str:
    if holds is None:
        return text("这里读不到,请就地核对", "cannot be read from here: look at the place")
    if holds:
        return text(
            f"须销毁:仍含 {holds} 个已删除(误传、监销)的文件",
            f"yes: it still holds {holds} files that were erased or destroyed",
        )
    return text("否", "no")
