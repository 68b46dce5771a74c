"""What organisations said when they did not sign, each in a line of words: their codes, facts and remedy."""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ledger.fabric.answers import NO_ANSWER, OTHER_ANSWER

if TYPE_CHECKING:
    from ledger.fabric.refusal import Refusal

# gRPC's status codes, as `read_refusal` writes them before a peer's own words.
_STATUS = {
    "ABORTED": "节点中止了请求",
    "CANCELLED": "请求被取消",
    "DEADLINE_EXCEEDED": "节点未及时答复",
    "FAILED_PRECONDITION": "节点尚不能处理请求",
    "INTERNAL": "节点内部出错",
    "INVALID_ARGUMENT": "节点认为请求的格式不对",
    "NOT_FOUND": "节点没有所请求的内容",
    "PERMISSION_DENIED": "节点不允许这一请求",
    "RESOURCE_EXHAUSTED": "节点的资源已用尽",
    "UNAUTHENTICATED": "节点不接受客户端的身份",
    "UNAVAILABLE": "连不上节点",
    "UNIMPLEMENTED": "节点不支持这一请求",
    "UNKNOWN": "节点拒绝了请求",
}


def refusal_lines(refusals: Sequence[Refusal]) -> list[tuple[str, str]]:
    """(zh, en), a line for each organisation and reason, in order of the organisations' ids."""
    lines: dict[tuple[str, str], tuple[str, str]] = {}
    for one in sorted(refusals, key=lambda one: one.msp):
        lines.setdefault((one.msp or one.address, one.code or one.found), _line(one))
    return list(lines.values())


def _line(one: Refusal) -> tuple[str, str]:
    who = one.msp or one.address
    if not one.code:
        zh, en = uncoded(one.found)
        return f"{who}:{zh}", f"{who}: {en}"
    zh, en = words_of_refusal(one.code)
    facts_zh = [("应为 ", one.expected), ("实为 ", one.found)]
    facts_en = [("expected ", one.expected), ("found ", one.found)]
    told_zh = ";".join(label + value for label, value in facts_zh if value)
    told_en = "; ".join(label + value for label, value in facts_en if value)
    return f"{who}:{zh}({told_zh})[{one.code}]", f"{who}: {en} ({told_en}) [{one.code}]"


def uncoded(found: str) -> tuple[str, str]:
    """What Fabric or the connection says in its own English words: in Chinese, and the words below it."""
    if found in (NO_ANSWER, OTHER_ANSWER):
        zh, _, en = found.partition(" ")
        return zh, en
    status, mark, _ = found.partition(": ")
    zh = _STATUS.get(status if mark else "", "节点给出的原因没有中文说明")
    return f"{zh}\n      原文:{found}", found


def words_of_refusal(code: str) -> tuple[str, str]:
    """What a refusal's code means; the code itself where no table has it: a newer chaincode's."""
    return _words().get(code, (f"本版本不认得的规则 {code}", f"a rule unknown to this version: {code}"))


@functools.cache
def _words() -> dict[str, tuple[str, str]]:
    """By code of docs/formats.md section 15, and those that Fabric's own words stand for."""
    file = importlib.resources.files("api") / "data" / "refusals.json"
    table = json.loads(file.read_text(encoding="utf-8"))
    return {code: (words["zh"], words["en"]) for code, words in table.items()}
