"""`seal`, `anchor`: the worker's steps, once, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.language import text
from api.opened import opened_chain, opened_ledger
from api.refusals import refusal_lines
from api.rounds import settle
from api.waiting import unattested

if TYPE_CHECKING:
    from ledger.fabric.refusal import Refusal


def add_to(app: typer.Typer) -> None:
    add_command(
        app, "seal", seal, "把待封存的签名行为记录封成一个存证批次", "Seal what is pending into a batch, once"
    )
    add_command(
        app,
        "anchor",
        anchor,
        "封存、上链固定、请各机构确认,直到没有待办",
        "Seal, anchor and have attested, until nothing is left to do",
    )


def seal(
    call: Call,
    empty: Annotated[
        bool,
        typer.Option(
            "--empty", help=text("没有待封存的也封一个空批次", "seal an empty batch if none is pending")
        ),
    ] = False,
) -> None:
    from ledger.anchor import in_flight
    from ledger.seal import seal as seal_once

    with opened_ledger(call) as ledger:
        sealed = seal_once(ledger, empty=empty)
        waiting = in_flight(ledger)
    call.out.document(
        {
            "sealed": None
            if sealed is None
            else {"batch": sealed.number, "size": sealed.size, "entries": sealed.entries},
            "in_flight": waiting,
        }
    )
    if sealed is not None:
        call.out.say(
            f"第 {sealed.number} 批次已封存:{sealed.statements} 份签名行为记录,{sealed.entries} 个条目。",
            f"Batch {sealed.number} is sealed: {sealed.statements} statements, {sealed.entries} entries.",
        )
    elif waiting is not None:
        call.out.say(
            f"第 {waiting} 批次尚未上链,须先 archive-ledger anchor。",
            f"Batch {waiting} is not anchored yet; first: archive-ledger anchor",
        )
    else:
        call.out.say("没有待封存的内容。", "Nothing is pending.")


def anchor(
    call: Call,
    empty: Annotated[
        bool,
        typer.Option(
            "--empty", help=text("没有待办也固定一个空批次", "anchor an empty batch if there is nothing else")
        ),
    ] = False,
) -> None:
    with (
        opened_ledger(call) as ledger,
        opened_chain(ledger) as chain,
        call.out.progress("封存并上链", "sealing and anchoring"),
    ):
        done = settle(ledger, chain, heartbeat=empty)
    attested = done.attested
    call.out.document(
        {
            "anchored": [
                {
                    "batch": one.anchor.batch,
                    "size": one.anchor.size,
                    "time": one.anchor.time,
                    "block": one.block,
                    "refusals": _refusals(one.refusals),
                }
                for one in done.anchored
            ],
            "attested": None
            if attested is None
            else {
                "batch": attested.batch,
                "organisations": list(attested.organisations),
                "asked": list(attested.asked),
                "time": attested.time,
                "refusals": _refusals(attested.refusals),
            },
        }
    )
    for one in done.anchored:
        for zh, en in refusal_lines(one.refusals):
            call.out.say(f"  没有签署上链的 {zh}", f"  not endorsed by {en}")
        call.out.say(
            f"第 {one.anchor.batch} 批次已上链:区块 {one.block},存证总账共 {one.anchor.size} 条。",
            f"Batch {one.anchor.batch} is in block {one.block}; the log has {one.anchor.size} entries.",
        )
    if attested is not None:
        given = len(attested.organisations)
        call.out.say(
            f"{len(attested.asked)} 家机构中 {given} 家已确认第 {attested.batch} 批次。",
            f"{given} of {len(attested.asked)} organisations attested batch {attested.batch}.",
        )
        for zh, en in refusal_lines(attested.refusals):
            call.out.say(f"  没有确认的 {zh}", f"  not by {en}")
        if attested.missing:
            call.out.say(*unattested(attested.batch, attested.missing, len(attested.asked)))
    if not done.anchored and attested is None:
        call.out.say("没有要上链的内容。", "There was nothing to anchor.")


def _refusals(refusals: Sequence[Refusal]) -> list[dict[str, str]]:
    return [{"organisation": one.msp, "code": one.code, "message": one.message} for one in refusals]
