"""Where a batch of ours and the chain's of the same number part: compared, and said so that two offices can
look for the same statement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from api.conventions import Call
from ledger.other_batch import Apart, Part, compare
from ledger.replica import ReplicaNoneError

if TYPE_CHECKING:
    from ledger.handle import Ledger
    from verifier.anchor import Anchor

# What was found, or why nothing could be compared.
Compared: TypeAlias = Apart | ReplicaNoneError

_SHOWN = 20


def compared(ledger: Ledger, anchored: Anchor, replicas: Sequence[Path]) -> Compared:
    try:
        return compare(ledger, anchored, replicas)
    except ReplicaNoneError as error:
        return error


def apart_json(found: Compared) -> dict[str, object]:
    refused = [{"copy": str(path), "code": reason.code} for path, reason in found.refused]
    if isinstance(found, ReplicaNoneError):
        return {"batch": found.number, "source": None, "refused": refused}
    return {
        "batch": found.number,
        "source": str(found.source),
        "refused": refused,
        "ours_size": found.ours_size,
        "theirs_size": found.theirs_size,
        "first": found.first,
        "ours": _part_json(found.ours),
        "theirs": _part_json(found.theirs),
        "only_ours": [_part_json(one) for one in found.only_ours],
        "only_theirs": [_part_json(one) for one in found.only_theirs],
        "other_times": [[_part_json(one), _part_json(two)] for one, two in found.other_times],
    }


def _part_json(part: Part | None) -> dict[str, object] | None:
    if part is None:
        return None
    return {
        "index": part.index,
        "recorded_at": part.recorded_at,
        "statement": part.statement or None,
        "item": part.item,
    }


def tell_apart(call: Call, found: Compared) -> None:
    say = call.out.say
    if isinstance(found, ReplicaNoneError):
        why = "、".join(f"{path}:{reason.code}" for path, reason in found.refused)
        say(
            f"第 {found.number} 批次在何处不同,没有比对:没有可用的副本{f'({why})' if why else ''}。"
            "请用 --replica 指出各机构交来的副本目录。",
            f"Where the two of batch {found.number} part was not compared: no copy of the chain's counts"
            f"{f' ({why})' if why else ''}. Name the organisations' replicas with --replica.",
        )
        return
    for path, reason in found.refused:
        say(f"这份副本不能用:{path}[{reason.code}]", f"This copy does not hold: {path} [{reason.code}]")
    if found.first is None:
        say(
            f"第 {found.number} 批次:链上与本账的条目逐条相同,不同的只是本账保存的批次或上链记录。",
            f"Batch {found.number}: entry by entry the chain's is ours; only the batch or anchor kept here "
            "is another.",
        )
        return
    say(
        f"第 {found.number} 批次:链上的与本账的自存证总账第 {found.first} 条起不同。",
        f"Batch {found.number}: the chain's and ours part at entry {found.first} of the log.",
    )
    say(f"  本账:{_zh(found.ours)}", f"  here: {_en(found.ours)}")
    say(f"  链上:{_zh(found.theirs)}", f"  on the chain: {_en(found.theirs)}")
    say(
        f"  此批之后总账的条数:本账 {found.ours_size},链上 {found.theirs_size}",
        f"  entries of the log with this batch: {found.ours_size} here, {found.theirs_size} on the chain",
    )
    _tell_statements(call, ("只在本账", "only here"), found.only_ours)
    _tell_statements(call, ("只在链上", "only on the chain"), found.only_theirs)
    for ours, theirs in found.other_times[:_SHOWN]:
        say(
            f"  两边都有,位置或时间不同:{ours.statement}\n"
            f"    本账 {_place_zh(ours)};链上 {_place_zh(theirs)}",
            f"  in both, at another place or time: {ours.statement}\n"
            f"    here {_place_en(ours)}; on the chain {_place_en(theirs)}",
        )
    say(f"  所比的副本:{found.source}", f"  compared with the copy: {found.source}")


def _tell_statements(call: Call, where: tuple[str, str], parts: Sequence[Part]) -> None:
    for one in parts[:_SHOWN]:
        call.out.say(
            f"  {where[0]}:{one.statement}({one.recorded_at})",
            f"  {where[1]}: {one.statement} ({one.recorded_at})",
        )
    if len(parts) > _SHOWN:
        more = len(parts) - _SHOWN
        call.out.say(f"  {where[0]}的另有 {more} 份,见 --json", f"  {where[1]}: {more} more, see --json")


def _zh(part: Part | None) -> str:
    if part is None:
        return "(此批到此为止)"
    if not part.statement:
        return f"批次标记({part.recorded_at})"
    item = "" if part.item is None else f"第 {part.item} 件,"
    return f"签名行为记录 {part.statement}({item}{part.recorded_at})"


def _en(part: Part | None) -> str:
    if part is None:
        return "(the batch has ended)"
    if not part.statement:
        return f"the batch's marker ({part.recorded_at})"
    item = "" if part.item is None else f"item {part.item}, "
    return f"statement {part.statement} ({item}{part.recorded_at})"


def _place_zh(part: Part) -> str:
    return f"第 {part.index} 条,{part.recorded_at}"


def _place_en(part: Part) -> str:
    return f"entry {part.index}, {part.recorded_at}"
