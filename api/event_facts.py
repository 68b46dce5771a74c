"""What the catalogue says of an act that it does not admit, in words: `上架(shelve)`."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from verifier.catalogue import CODE_CLAIMS, Words, catalogue

_CLAIMS = {
    "answers": Words("所答复的一份", "statement answered"),
    "basis": Words("依据", "ground"),
    "compromised_since": Words("何时起可能被人冒用", "compromised since"),
    "due": Words("期限", "due date"),
    "duty": Words("职责", "duty"),
    "erased": Words("要删除的附项", "fields to erase"),
    "files": Words("文件", "files"),
    "key": Words("密钥指纹", "fingerprint of a key"),
    "late": Words("补录原因", "why it comes late"),
    "outcome": Words("结果", "outcome"),
    "pages": Words("页数", "pages"),
    "reason": Words("原因", "reason"),
    "state": Words("原件状态", "state of the original"),
    "subject": Words("所涉人员", "person it is about"),
    "unit": Words("单位", "unit"),
    "uses": Words("限用次数", "number of uses"),
    "version": Words("版次", "version"),
}
_ROLES = {
    "person": Words("人员", "person"),
    "registrar": Words("登记员", "registrar"),
    "service": Words("系统服务", "service"),
}
_KINDS = {
    "archive": Words("档案馆", "archive"),
    "audit": Words("审计机关", "audit office"),
    "justice": Words("司法行政机关", "justice office"),
    "township": Words("乡镇", "township"),
}
_SCOPES = {
    "list": Words("清单", "a list"),
    "none": Words("不得", "must not be"),
    "required": Words("必须", "must be"),
}
_OF = {
    "EVENT_CLAIM_EXTRA": _CLAIMS,
    "EVENT_CLAIM_MISSING": _CLAIMS,
    "EVENT_LIST": _SCOPES,
    "EVENT_ORGANISATION": _KINDS,
    "EVENT_RECORD": _SCOPES,
    "EVENT_ROLE": _ROLES,
}
_PLACE = re.compile(rf"([a-z_]+(?:\.[a-z_]+)*?)(?: item (\d+))?(?:\.({'|'.join(CODE_CLAIMS)}))?")


def codes_in(code: str, at: str) -> Mapping[str, Words]:
    """What stands in the facts of this reason, by code."""
    if code.startswith("EVENT_FIELD_"):
        return _fields()
    if code == "EVENT_CODE":
        return catalogue().codes.get(at.rpartition(".")[2], {})
    return _OF.get(code, {})


def place_in_words(at: str, *, zh: bool) -> str:
    """Which act, which item of its list, which of its claims; as it stands where it is none of these."""
    found = _PLACE.fullmatch(at)
    spec = catalogue().events.get(found[1]) if found else None
    if found is None or spec is None:
        return at
    words, item, claim = spec.words, found[2], found[3]
    parts = [f"{words.zh}({spec.name})" if zh else f"{words.en} ({spec.name})"]
    parts += [f"第 {item} 件" if zh else f"item {item}"] if item else []
    parts += [(_CLAIMS[claim].zh if zh else _CLAIMS[claim].en)] if claim else []
    return ("、" if zh else ", ").join(parts)


@functools.cache
def _fields() -> Mapping[str, Words]:
    return {name: spec.words for name, spec in catalogue().fields.items()}
