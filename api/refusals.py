"""What organisations said when they did not sign, each in a line of words: their codes, facts and remedy."""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.fabric.refusal import Refusal


def refusal_lines(refusals: Sequence[Refusal]) -> list[tuple[str, str]]:
    """(zh, en), a line for each organisation and reason, in order of the organisations' ids."""
    lines: dict[tuple[str, str], tuple[str, str]] = {}
    for one in sorted(refusals, key=lambda one: one.msp):
        lines.setdefault((one.msp or one.address, one.code or one.found), _line(one))
    return list(lines.values())


def _line(one: Refusal) -> tuple[str, str]:
    who = one.msp or one.address
    if not one.code:
        return f"{who}:{one.found}", f"{who}: {one.found}"
    zh, en = words_of_refusal(one.code)
    facts_zh = [("应为 ", one.expected), ("实为 ", one.found)]
    facts_en = [("expected ", one.expected), ("found ", one.found)]
    told_zh = ";".join(label + value for label, value in facts_zh if value)
    told_en = "; ".join(label + value for label, value in facts_en if value)
    return f"{who}:{zh}({told_zh})[{one.code}]", f"{who}: {en} ({told_en}) [{one.code}]"


def words_of_refusal(code: str) -> tuple[str, str]:
    """What a refusal's code means; the code itself where no table has it: a newer chaincode's."""
    return _words().get(code, (f"本版本不认得的规则 {code}", f"a rule unknown to this version: {code}"))


@functools.cache
def _words() -> dict[str, tuple[str, str]]:
    """By code of docs/formats.md section 15, and those that Fabric's own words stand for."""
    file = importlib.resources.files("api") / "data" / "refusals.json"
    table = json.loads(file.read_text(encoding="utf-8"))
    return {code: (words["zh"], words["en"]) for code, words in table.items()}
