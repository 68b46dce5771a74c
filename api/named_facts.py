"""Facts of a reason that are codes, with their names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from api.event_facts import codes_in, place_in_words
from api.named_subjects import Names, unit_codes, with_names
from verifier.catalogue import Words, catalogue
from verifier.custody_tables import SCAN, tables
from verifier.duties import duty_words
from verifier.report import Reason

_OF_DUTIES = frozenset(
    [
        "AUDIT_RIGHT",
        "CUSTODY_DUTY",
        "DUTY_EXCLUDED",
        "DUTY_NONE",
        "DUTY_NOT_HELD",
        "DUTY_UNKNOWN",
        "UNIT_HELD",
    ]
)
_OF_ACTS = frozenset(["CUSTODY_DESTROYED", "CUSTODY_OWN_WORK", "CUSTODY_SAME_PERSON", "FILL_NOTHING"])
_OF_UNITS = frozenset(["CUSTODY_UNIT", "DUTY_NOT_HELD", "UNIT_KIND", "UNIT_OTHER_ORGANISATION"])
_SCANNED = Words("扫描", "scanned")
_ANSWERED = {"approved": Words("已同意", "approved"), "refused": Words("已答复不予提供", "refused")}
_COUNTED = {
    "CUSTODY_APPROVAL_USED_UP": Words("次", "uses"),
    "CUSTODY_LOAN_DAYS": Words("天", "days"),
    "CUSTODY_RENEWALS": Words("次", "renewals"),
    "LOAN_COUNT": Words("件", "records"),
}
_HEADS = {"held": "现任"}
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*")
_FOR_UNIT = re.compile(r"(\S+) for (\S+)")


def named_codes(reason: Reason, names: Names) -> tuple[Reason, Reason]:
    """The reason for a Chinese and for an English reader: `镇综合档案室专职档案员(township_archivist)`.

    `names`: of the people, units and records that stand in it by uuid.
    """
    return _named(reason, names, zh=True), _named(reason, names, zh=False)


def _named(reason: Reason, names: Names, *, zh: bool) -> Reason:
    codes = dict(_codes(reason)) | (dict(unit_codes(names)) if reason.code in _OF_UNITS else {})
    place = place_in_words(reason.at, zh=zh) if reason.code.startswith("EVENT_") else reason.at
    at = with_names(place, names, zh=zh)
    expected, found = (_told(one, codes, names, zh=zh) for one in (reason.expected, reason.found))
    if reason.code in _COUNTED:
        unit = _COUNTED[reason.code].zh if zh else _COUNTED[reason.code].en
        expected, found = (f"{one} {unit}" if one else one for one in (expected, found))
    return Reason(reason.code, at, expected, found)


def _told(told: str, codes: Mapping[str, Words], names: Names, *, zh: bool) -> str:
    """As rules tell it (`head of it: several, or codes one after the other`), in the reader's language."""

    def named(code: re.Match[str]) -> str:
        words = codes.get(code[0])
        return code[0] if words is None else f"{words.zh}({code[0]})" if zh else f"{words.en} ({code[0]})"

    head, colon, rest = told.rpartition(": ")
    if colon and not rest:
        rest = "无" if zh else "none"
    known = codes.keys() | names.keys()
    parts = rest.split(" ") if all(word in known for word in rest.split(" ")) else rest.split(", ")
    if zh:
        # A duty for one unit: `verifier.duties` tells it in English order.
        parts = [_FOR_UNIT.sub(r"\2的\1", part) for part in parts]
        head = _HEADS.get(head, head)
    shown = (":" if zh else ": ") if colon else ""
    together = ("、" if zh else ", ").join(_CODE.sub(named, part) for part in parts)
    changed = with_names(f"{head}{shown}{together}", names, zh=zh)
    return changed if codes or changed != f"{head}{shown}{together}" else told


def _codes(reason: Reason) -> Mapping[str, Words]:
    """What stands in the facts of a reason: duties, acts or states."""
    code = reason.code
    if code.startswith("EVENT_"):
        return codes_in(code, reason.at)
    if code in _OF_DUTIES:
        return duty_words()
    if code in _OF_ACTS:
        return {name: spec.words for name, spec in catalogue().events.items()} | {SCAN: _SCANNED}
    if code == "FILL_NO_APPLICATION":
        return _ANSWERED
    for table in tables().tables:
        if table.code == code:
            return table.states
    return {}
