"""What `recover` says of what came back and what did not, for people and as its JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.apart import Compared, apart_json
from api.conventions import Call

if TYPE_CHECKING:
    from ledger.handle import Ledger
    from ledger.recover import Candidate, Recovered
    from ledger.replica import ReplicaNoneError


def tell_candidates(call: Call, found: Sequence[Candidate]) -> None:
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


def tell_recovered(call: Call, ledger: Ledger, done: Sequence[Recovered]) -> None:
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


def document(
    ledger: Ledger,
    left: Sequence[Candidate],
    done: Sequence[Recovered],
    apart: Sequence[Compared] = (),
) -> dict[str, object]:
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
        "differences": [apart_json(one) for one in apart],
        "receipts": ledger.checkpoint_key is not None,
    }


def refused_zh(error: ReplicaNoneError) -> str:
    return "、".join(f"{path}:{reason.code}" for path, reason in error.refused) or "一份也没有"


def refused_en(error: ReplicaNoneError) -> str:
    return ", ".join(f"{path}: {reason.code}" for path, reason in error.refused) or "there is none"


def _numbers(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return shown + (f" … ({len(numbers)})" if len(numbers) > 20 else "")
