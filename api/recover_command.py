"""`recover`: what an old back-up lacks, or a lost ledger altogether, from the organisations' replicas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.init_command import ConnectionFile, Operator
from api.language import text
from api.opened import opened_chain, opened_ledger
from api.recover_start import begin_again, give_key, hold_to, nothing_to_look_from
from api.recover_words import document, refused_en, refused_zh, tell_candidates, tell_recovered
from api.replicas import Replicas, needed_replicas

if TYPE_CHECKING:
    from ledger.fabric.gateway import Chain
    from ledger.handle import Ledger
    from ledger.recover import Recovered

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
    replica: Replicas = None,
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
    if paths.settings.exists():
        hold_to(call, trust, operator, connection)
        if checkpoint_key is not None and not dry_run:
            give_key(call, checkpoint_key)
    elif dry_run:
        raise nothing_to_look_from(call)
    else:
        begin_again(call, trust, checkpoint_key, operator, connection)
    with opened_ledger(call) as ledger, opened_chain(ledger) as chain:
        replicas = needed_replicas(call, replica)
        if dry_run:
            _look(call, ledger, chain, replicas)
        else:
            _bring_back(call, ledger, chain, replicas, give_up_own=give_up_own)


def _look(call: Call, ledger: Ledger, chain: Chain, replicas: Sequence[Path]) -> None:
    """Where the chain holds another batch than the one sealed here, what would come back in its place."""
    from api.apart import compared, tell_apart
    from ledger.other_batch import held_otherwise
    from ledger.recover import look

    other = held_otherwise(ledger, chain)
    apart = [compared(ledger, other, replicas)] if other is not None else []
    found = list(look(ledger, chain, replicas, other.batch if other is not None else None))
    call.out.document(document(ledger, found, (), apart))
    for one in apart:
        tell_apart(call, one)
    if other is not None:
        call.out.say(
            f"链上第 {other.batch} 批次与本账封存的不同。请先查明谁用了两本总账;要放弃本账这一批的,"
            "archive-ledger recover --give-up-own-batch,其内容回到待封存。放弃后可补回:",
            f"The chain holds another batch {other.batch} than the one sealed here. Find out first who ran "
            "two ledgers; archive-ledger recover --give-up-own-batch gives ours up, and what it holds is "
            "pending again. Then these would come back:",
        )
    if not found:
        call.out.say("本账不缺批次。", "This ledger lacks no batch.")
    tell_candidates(call, found)
    if other is not None:
        raise typer.Exit(Exit.DATA)


def _bring_back(
    call: Call, ledger: Ledger, chain: Chain, replicas: Sequence[Path], *, give_up_own: bool
) -> None:
    from ledger.attest import attest
    from ledger.recover import look, missing, recover
    from ledger.replica import ReplicaNoneError

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
            tell_recovered(call, ledger, done)
            first, last = left[0].number, left[-1].number
            zh, en = f"第 {first} 至 {last} 批次", f"batches {first} to {last}"
            raise CommandError(
                "REPLICA_NONE",
                f"没有可用的第 {error.number} 批次副本({refused_zh(error)});缺少{zh}。"
                "已补回的保留;取得其他机构的副本后再执行一次。",
                f"No copy of batch {error.number} counts ({refused_en(error)}); {en} are missing. "
                "What came back is kept; run it again with the replica of another organisation.",
            ) from error
        if done:
            attest(ledger, chain)
    call.out.document(document(ledger, (), done))
    if not done:
        call.out.say("本账不缺批次。", "This ledger lacks no batch.")
    tell_recovered(call, ledger, done)
