"""`recover`: what an old back-up lacks, or a lost ledger altogether, from the organisations' replicas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.errors import CommandError
from api.init_command import ConnectionFile, Operator, new_settings
from api.language import text
from api.opened import opened_chain, opened_ledger

if TYPE_CHECKING:
    from ledger.fabric.gateway import Chain
    from ledger.handle import Ledger
    from ledger.recover import Candidate, Recovered, ReplicaNoneError

_FILE = text("文件", "FILE")


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "recover",
        recover,
        "从各机构的副本补回本账缺少的批次(旧备份,或总账全部丢失);中断后可重复执行",
        "Bring back from the organisations' replicas what this ledger lacks; may be repeated",
    )


def recover(
    call: Call,
    replica: Annotated[
        list[Path] | None,
        typer.Option(
            "--replica",
            metavar=text("目录", "DIR"),
            help=text(
                "机构的副本目录,可写多次(默认:数据目录内各机构的 replica)",
                "an organisation's replica folder, repeatable (default: those in the data folder)",
            ),
        ),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            metavar=_FILE,
            help=text(
                "总账全部丢失时:这本总账的核验基准(*.trust.json)",
                "when the ledger is lost altogether: its trust root (*.trust.json)",
            ),
        ),
    ] = None,
    checkpoint_key: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint-key",
            metavar=_FILE,
            help=text(
                "总账全部丢失时:另存的 checkpoint.key。没有它可以查、可以出具核验文件,但不能再接收",
                "when the ledger is lost altogether: the checkpoint.key kept apart. Without it the ledger "
                "answers and gives evidence, but takes nothing in",
            ),
        ),
    ] = None,
    operator: Operator = None,
    connection: ConnectionFile = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help=text("只列出能补回什么,不改动", "list what would come back, change nothing")
        ),
    ] = False,
    give_up_own: Annotated[
        bool,
        typer.Option(
            "--give-up-own-batch",
            help=text(
                "链上同号批次与本账封存而未上链的不同时:放弃本账这一批,其内容回到待封存",
                "when the chain holds another batch than the one sealed here and not anchored: take ours "
                "back; what it holds is pending again",
            ),
        ),
    ] = False,
) -> None:
    from ledger.paths import LedgerPaths

    paths = LedgerPaths(call.home.resolve())
    if not paths.settings.exists():
        if dry_run:
            raise _nothing_to_look_from(call)
        _begin_again(call, trust, checkpoint_key, operator, connection)
    elif checkpoint_key is not None and not dry_run:
        _give_key(call, checkpoint_key)
    with opened_ledger(call) as ledger, opened_chain(ledger) as chain:
        replicas = _replicas(call, replica)
        if dry_run:
            _look(call, ledger, chain, replicas)
        else:
            _bring_back(call, ledger, chain, replicas, give_up_own=give_up_own)


def _nothing_to_look_from(call: Call) -> CommandError:
    return CommandError(
        "USAGE_VALUE",
        f"{call.home} 中没有总账,--dry-run 无从比较:全部批次都缺。没有改动。"
        "要重建,请去掉 --dry-run,用 --trust 给出核验基准。",
        f"There is no ledger in {call.home} that --dry-run could compare: every batch is missing. Nothing "
        "was changed. To begin again, leave --dry-run out and name the trust root with --trust.",
    )


def _begin_again(
    call: Call, trust: Path | None, key: Path | None, operator: str | None, connection: Path | None
) -> None:
    from ledger.rebuild import rebuild
    from verifier.trust import read_trust_root

    if trust is None:
        raise CommandError(
            "TRUST_NEEDED",
            f"{call.home} 中没有总账。总账全部丢失时,请用 --trust 给出这本总账的核验基准(*.trust.json);"
            "有备份的,请先 archive-ledger restore。",
            f"There is no ledger in {call.home}. If it is lost altogether, name its trust root with --trust; "
            "if there is a back-up, first: archive-ledger restore",
        )
    root = read_trust_root(trust.read_bytes())
    settings = new_settings(call, root.origin, operator, connection, ())
    if settings.channel != root.channel:
        raise CommandError(
            "NETWORK_OTHER",
            f"核验基准是通道 {root.channel} 的,现在的网络是 {settings.channel}。请用原来的网络。",
            f"The trust root is of channel {root.channel}; this network is {settings.channel}. Use the one "
            "that the ledger was anchored on.",
        )
    rebuild(call.home, settings, root.checkpoint_key, key.read_bytes() if key else None).close()


def _give_key(call: Call, key: Path) -> None:
    from ledger.rebuild import give_back_key

    with opened_ledger(call) as ledger:
        give_back_key(ledger.paths, ledger.public_key, key.read_bytes())


def _replicas(call: Call, given: Sequence[Path] | None) -> list[Path]:
    found = list(given or sorted(call.home.glob("network/organisations/*/replica")))
    absent = [str(folder) for folder in found if not folder.is_dir()]
    if absent or not found:
        named = "、".join(absent) or str(call.home / "network" / "organisations")
        raise CommandError(
            "REPLICA_ABSENT",
            f"找不到副本目录:{named}。请用 --replica 指出各机构交来的副本目录。",
            f"No replica there: {named}. Name the folders that the organisations handed over with --replica.",
        )
    return found


def _look(call: Call, ledger: Ledger, chain: Chain, replicas: Sequence[Path]) -> None:
    from ledger.recover import look

    found = list(look(ledger, chain, replicas))
    call.out.document(_document(ledger, found, ()))
    if not found:
        call.out.say("本账不缺批次。", "This ledger lacks no batch.")
    for one in found:
        call.out.say(
            f"第 {one.number} 批次:{len(one.copies)} 份副本", f"batch {one.number}: {len(one.copies)} copies"
        )
    without = [one.number for one in found if not one.copies]
    if without:
        call.out.say(
            f"没有副本的批次:{_numbers(without)}。补回到第 {without[0] - 1} 批次为止,请向其他机构索取。",
            f"Without a copy: {_numbers(without)}. Recovery would stop at batch {without[0] - 1}; ask the "
            "other organisations.",
        )


def _bring_back(
    call: Call, ledger: Ledger, chain: Chain, replicas: Sequence[Path], *, give_up_own: bool
) -> None:
    from ledger.attest import attest
    from ledger.recover import ReplicaNoneError, look, missing, recover

    done: list[Recovered] = []
    with call.out.progress("补回批次", "recovering", len(missing(ledger, chain)) or None) as meter:
        try:
            for one in recover(ledger, chain, replicas, give_up_own=give_up_own):
                done.append(one)
                meter.advance()
        except ReplicaNoneError as error:
            if done:
                attest(ledger, chain)
            left = list(look(ledger, chain, replicas))
            _say(call, ledger, done)
            first, last = left[0].number, left[-1].number
            zh, en = f"第 {first} 至 {last} 批次", f"batches {first} to {last}"
            raise CommandError(
                "REPLICA_NONE",
                f"没有可用的第 {error.number} 批次副本({_refused_zh(error)});缺少{zh}。"
                "已补回的保留;取得其他机构的副本后再执行一次。",
                f"No copy of batch {error.number} counts ({_refused_en(error)}); {en} are missing. "
                "What came back is kept; run it again with the replica of another organisation.",
            ) from error
        if done:
            attest(ledger, chain)
    call.out.document(_document(ledger, (), done))
    if not done:
        call.out.say("本账不缺批次。", "This ledger lacks no batch.")
    _say(call, ledger, done)


def _say(call: Call, ledger: Ledger, done: Sequence[Recovered]) -> None:
    for one in done:
        for path, reason in one.refused:
            call.out.say(
                f"第 {one.number} 批次的这份副本不能用,已换用另一份:{path}[{reason.code}]",
                f"This copy of batch {one.number} does not hold; another was used: {path} [{reason.code}]",
            )
    if not done:
        return
    new = sum(one.new for one in done)
    call.out.say(
        f"已补回 {len(done)} 个批次(第 {done[0].number} 至 {done[-1].number} 批次),"
        f"{new} 份签名行为记录。文件和已隐去的内容从未上链,补不回来,请从备份找回。"
        "接着请运行 archive-ledger check。",
        f"{len(done)} batches are back ({done[0].number} to {done[-1].number}), with {new} statements. Files "
        "and disclosures never were on the chain and do not come back; look for them in back-ups. "
        "Now run: archive-ledger check",
    )
    if ledger.checkpoint_key is None:
        call.out.say(
            "签发回执的密钥(checkpoint.key)没有找回:本账可以查、可以出具核验文件,但不能再接收。"
            "找到密钥后:archive-ledger recover --checkpoint-key 文件;找不到的,请另建一本总账。",
            "The key that signs receipts (checkpoint.key) is not back: this ledger answers and gives "
            "evidence, but takes nothing in. With the key: archive-ledger recover --checkpoint-key FILE; "
            "without, open another ledger.",
        )


def _document(ledger: Ledger, left: Sequence[Candidate], done: Sequence[Recovered]) -> dict[str, object]:
    return {
        "missing": [
            {"batch": one.number, "root": one.root.hex(), "copies": [str(path) for path in one.copies]}
            for one in left
        ],
        "recovered": [
            {
                "batch": one.number,
                "source": str(one.source),
                "statements": one.statements,
                "new": one.new,
                "refused": [{"copy": str(path), "code": reason.code} for path, reason in one.refused],
            }
            for one in done
        ],
        "receipts": ledger.checkpoint_key is not None,
    }


def _refused_zh(error: ReplicaNoneError) -> str:
    return "、".join(f"{path}:{reason.code}" for path, reason in error.refused) or "一份也没有"


def _refused_en(error: ReplicaNoneError) -> str:
    return ", ".join(f"{path}: {reason.code}" for path, reason in error.refused) or "there is none"


def _numbers(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return shown + (f" … ({len(numbers)})" if len(numbers) > 20 else "")
