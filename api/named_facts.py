"""Facts that are codes, with their names; and what is to be done where a rule of handling says no."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from api.named_subjects import Names, unit_codes, with_names
from verifier.catalogue import Words, catalogue
from verifier.custody_tables import SCAN, tables
from verifier.duties import REGISTRAR, duty_words
from verifier.report import Reason

_OF_DUTIES = frozenset(
    ["CUSTODY_DUTY", "DUTY_EXCLUDED", "DUTY_NONE", "DUTY_NOT_HELD", "DUTY_UNKNOWN", "UNIT_HELD"]
)
_OF_ACTS = frozenset(["CUSTODY_DESTROYED", "CUSTODY_OWN_WORK", "CUSTODY_SAME_PERSON", "FILL_NOTHING"])
_OF_UNITS = frozenset(["CUSTODY_UNIT", "DUTY_NOT_HELD", "UNIT_KIND", "UNIT_OTHER_ORGANISATION"])
_SCANNED = Words("扫描", "scanned")
_ANSWERED = {"approved": Words("已同意", "approved"), "refused": Words("已答复不予提供", "refused")}
_HEADS = {"held": "现任"}
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*")
_FOR_UNIT = re.compile(r"(\S+) for (\S+)")

_REGISTRAR = (
    "须由登记员签名(--as 登记员);本机构还没有的:"
    "archive-ledger enrol --role registrar --name 姓名 --organisation 机构",
    "A registrar signs this (--as REGISTRAR); where there is none: "
    "archive-ledger enrol --role registrar --name NAME --organisation ORGANISATION",
)
# What is to be done, by the reasons for which it helps.
_REMEDIES = (
    (
        frozenset(["CUSTODY_DUTY", "CUSTODY_UNIT", "DUTY_NONE"]),
        "职务由本机构登记员任命:archive-ledger duty appoint 姓名 职务 --as 登记员(只限某村或部门的加 --unit)",
        "A registrar of the organisation gives the duty: "
        "archive-ledger duty appoint PERSON DUTY --as REGISTRAR (--unit for one village or department only)",
    ),
    (
        frozenset(["KEY_REVOKED", "KEY_NOT_ENROLLED"]),
        "密钥须由两家机构的登记员登记。到窗口登记新密钥:archive-ledger enrol --name 姓名 --organisation 机构"
        "(原密钥已撤销或遗失的加 --lost)",
        "Registrars of two organisations enrol a key. For a new one at the counter: archive-ledger enrol "
        "--name NAME --organisation ORGANISATION (with --lost where the old one is revoked or gone)",
    ),
    (
        frozenset(["DUTY_NOT_OWN"]),
        "请由任职人本人交接:archive-ledger duty handover 职责 --to 接手人 --as 任职人;"
        "本人不能签名的,由登记员免职:archive-ledger duty release 姓名 职责 --as 登记员",
        "Whoever has the duty hands it over: archive-ledger duty handover DUTY --to NAME --as PERSON; who "
        "cannot sign is released by a registrar: archive-ledger duty release PERSON DUTY --as REGISTRAR",
    ),
    (
        frozenset(["CUSTODY_UNAPPROVED", "CUSTODY_APPROVAL_ENDED", "CUSTODY_APPROVAL_USED_UP"]),
        "先申请,再由另一人批准:archive-ledger loan apply 记录 --basis 依据 --reader 利用人 --purpose 目的 "
        "--as 申请人;archive-ledger loan approve 记录 --outcome 同意 --as 批准人",
        "Apply first, and have somebody else approve: "
        "archive-ledger loan apply RECORD --basis BASIS --reader NAME --purpose PURPOSE --as PERSON; "
        "archive-ledger loan approve RECORD --outcome granted --as PERSON",
    ),
)


def named_codes(reason: Reason, names: Names) -> tuple[Reason, Reason]:
    """The reason for a Chinese and for an English reader: `镇综合档案室专职档案员(township_archivist)`.

    `names`: of the people, units and records that stand in it by uuid.
    """
    return _named(reason, names, zh=True), _named(reason, names, zh=False)


def remedies(reasons: Sequence[Reason]) -> tuple[tuple[str, str], ...]:
    """(zh, en), each once, however many items are refused for it."""
    codes = {reason.code for reason in reasons}
    found = [(zh, en) for helped, zh, en in _REMEDIES if not helped.isdisjoint(codes)]
    if any(
        reason.code in ("EVENT_ROLE", "DUTY_NOT_REGISTRAR") and reason.expected == REGISTRAR
        for reason in reasons
    ):
        found.append(_REGISTRAR)
    return tuple(found)


def _named(reason: Reason, names: Names, *, zh: bool) -> Reason:
    codes = dict(_codes(reason.code)) | (dict(unit_codes(names)) if reason.code in _OF_UNITS else {})
    at = with_names(reason.at, names, zh=zh)
    expected, found = (_told(one, codes, names, zh=zh) for one in (reason.expected, reason.found))
    return Reason(reason.code, at, expected, found)


def _told(told: str, codes: Mapping[str, Words], names: Names, *, zh: bool) -> str:
    """As rules tell it (`head of it: several, or codes one after the other`), in the reader's language."""

    def named(code: re.Match[str]) -> str:
        words = codes.get(code[0])
        return code[0] if words is None else f"{words.zh}({code[0]})" if zh else f"{words.en} ({code[0]})"

    head, colon, rest = told.rpartition(": ")
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


def _codes(code: str) -> Mapping[str, Words]:
    """What stands in the facts of a reason: duties, acts or states."""
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
