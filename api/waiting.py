"""What the ledger waits for, who is missing, what still works and what to do, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.proof_words import moment

if TYPE_CHECKING:
    from api.absences import Absent
    from ledger.status import Counts

Words = tuple[str, str]


def waiting(found: Counts, organisations: Sequence[str]) -> list[Words]:
    """Of the ledger itself; `organisations` are all that there are."""
    words: list[Words] = []
    if found.in_flight is not None:
        words.append(
            (
                f"第 {found.in_flight} 批次已封存,等待上链。登记照常进行,什么也不会丢失。",
                f"Batch {found.in_flight} is sealed and waits to be anchored. "
                "Records are taken in as ever and nothing is lost.",
            )
        )
    if (found.last_anchor_batch or 0) > (found.last_attested_batch or 0):
        words.append(
            (
                f"第 {found.last_anchor_batch} 批次已上链,等待多机构确认。",
                f"Batch {found.last_anchor_batch} is anchored and waits to be attested.",
            )
        )
    missing = [msp for msp in organisations if msp not in found.last_attested_by]
    if found.last_attested_batch is not None and missing:
        words.append(unattested(found.last_attested_batch, missing, len(organisations)))
    return words


def unattested(batch: int, missing: Sequence[str], of: int) -> Words:
    names, given = ", ".join(missing), of - len(missing)
    return (
        f"第 {batch} 批次还缺 {names} 的确认({of} 家中 {given} 家已确认,可以出证,结论会写明缺谁)。"
        "该机构恢复后由后台服务自动补上,也可执行 archive-ledger anchor。",
        f"Batch {batch} lacks the attestation of {names} ({given} of {of} gave theirs; evidence can be "
        "made, and its verdict names who is missing). The worker asks again once it is back; "
        "archive-ledger anchor does, too.",
    )


def absent_words(absent: Absent) -> Words:
    return f"自 {moment(absent.since)} {absent.msp} {absent.zh}", (
        f"Since {moment(absent.since)} {absent.msp} {absent.en}"
    )
