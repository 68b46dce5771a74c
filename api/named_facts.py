"""Facts that are codes, with their names; and what is to be done where it is a duty that is missing."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.catalogue import Words
from verifier.custody_tables import tables
from verifier.duties import REGISTRAR, duty_words
from verifier.report import Reason

_DUTY_MISSING = frozenset(["CUSTODY_DUTY", "CUSTODY_UNIT"])
_REMEDY = (
    "职务由本机构登记员任命:archive-ledger duty appoint 姓名 职务 --as 登记员(只限某村或部门的加 --unit)",
    "A registrar of the organisation gives the duty: "
    "archive-ledger duty appoint PERSON DUTY --as REGISTRAR (--unit for one village or department only)",
)
_REGISTRAR = (
    "须由登记员签名(--as 登记员);本机构还没有的:"
    "archive-ledger enrol --role registrar --name 姓名 --organisation 机构",
    "A registrar signs this (--as REGISTRAR); where there is none: "
    "archive-ledger enrol --role registrar --name NAME --organisation ORGANISATION",
)


_KEYS = frozenset(["KEY_REVOKED", "KEY_NOT_ENROLLED"])
_KEY = (
    "密钥须由两家机构的登记员登记。到窗口登记新密钥:archive-ledger enrol --name 姓名 --organisation 机构"
    "(原密钥已撤销或遗失的加 --lost)",
    "Registrars of two organisations enrol a key. For a new one at the counter: archive-ledger enrol "
    "--name NAME --organisation ORGANISATION (with --lost where the old one is revoked or gone)",
)


def named_codes(reason: Reason) -> tuple[Reason, Reason]:
    """The reason for a Chinese and for an English reader: `镇综合档案室专职档案员(township_archivist)`."""
    return _named(reason, zh=True), _named(reason, zh=False)


def remedies(reasons: Sequence[Reason]) -> tuple[tuple[str, str], ...]:
    """(zh, en), each once, however many items are refused for it."""
    found = []
    if any(reason.code in _DUTY_MISSING for reason in reasons):
        found.append(_REMEDY)
    if any(reason.code in _KEYS for reason in reasons):
        found.append(_KEY)
    if any(
        reason.code in ("EVENT_ROLE", "DUTY_NOT_REGISTRAR") and reason.expected == REGISTRAR
        for reason in reasons
    ):
        found.append(_REGISTRAR)
    return tuple(found)


def _named(reason: Reason, *, zh: bool) -> Reason:
    names = _names(reason.code)
    expected, found = (_with_names(told, names, zh=zh) for told in (reason.expected, reason.found))
    return Reason(reason.code, reason.at, expected, found)


def _with_names(told: str, names: dict[str, Words], *, zh: bool) -> str:
    """As it stands, if it is not codes of this table from end to end."""
    codes = told.split()
    if not codes or any(code not in names for code in codes):
        return told
    shown = [names[code].zh if zh else names[code].en for code in codes]
    pairs = zip(shown, codes, strict=True)
    return ("、" if zh else ", ").join(
        f"{name}({code})" if zh else f"{name} ({code})" for name, code in pairs
    )


def _names(code: str) -> dict[str, Words]:
    if code == "CUSTODY_DUTY":
        return dict(duty_words())
    for table in tables().tables:
        if table.code == code:
            return dict(table.states)
    return {}
