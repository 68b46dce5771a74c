"""State secrets never enter: markings as papers bear them, found in texts. Pure.

A marking is a grade with its star (机密★10年), a grade that a label names (密级:秘密), or a grade that stands
alone: in brackets or in front of a title, on a line of its own at the head of a text. Spaced, full-width and
traditional forms and every kind of star count. The bare word within a sentence (保密工作总结, 商业秘密保护)
does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Flag, auto

from ledger.examined import Examined
from ledger.store.tables import NO_ITEM
from verifier.disclosure import parse_disclosure
from verifier.report import Reason


class Bears(Flag):
    """What a text bears: a grade that bars it, or the lesser 内部资料 注意保存, of which is only warned."""

    NOTHING = 0
    SECRET = auto()
    INTERNAL = auto()


# What stands between the characters of a marking: blanks of every width, and what nobody sees.
_GAP = r"[\s\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]{0,8}"
STARS = "★☆✩✪✫✬✭✮✯✰⭐🌟⋆✦✧﹡\uff0a*"
_END = "密"
_GRADE = f"(?:[绝絕]{_GAP}密|[机機]{_GAP}密|(?<!业)[秘祕]{_GAP}密)"
_OPEN, _CLOSE = r"[\[【(\uff08〔〖<《\uff3b「『]", r"[\]】)\uff09〕〗>》\uff3d」』]"
# One asterisk; two make bold type in many a text.
_STARRED = re.compile(f"{_GRADE}{_GAP}(?:[{STARS[:-1]}]|\\*(?!\\*))")
_LABELLED = re.compile(
    f"(?:密{_GAP}级|密{_GAP}級|保密等级|涉密等级){_GAP}[:\uff1a]{_GAP}(?:工作)?{_GRADE}(?![\\w])"
)
_BRACKETED = re.compile(f"{_OPEN}{_GAP}(?:内部)?(?:工作)?{_GRADE}{_GAP}{_CLOSE}")
_AT_START = re.compile(f"{_GAP}(?:工作)?{_GRADE}(?:[\\s_:\uff1a、.-]|\\Z)")
_OWN_LINE = re.compile(rf"(?m)^[ \t\u3000]*(?:工作)?{_GRADE}[ \t\u3000]*$")
_HEAD = 2000
_ENGLISH = re.compile(r"top[ -]?secret|secret|confidential|classified", re.IGNORECASE)
_NOT = re.compile(f"(?:非|不|无|未).{{0,4}}{_GRADE}")
_DECLARED = re.compile(_GRADE.replace("(?<!业)", ""))
_KINDS = "|".join(_GAP.join(word) for word in ("资料", "文件", "材料", "刊物", "資料"))
_INTERNAL = re.compile(
    f"内{_GAP}部{_GAP}(?:{_KINDS})[\\s,\uff0c、·\u3000]*(?:请{_GAP})?注{_GAP}意{_GAP}保{_GAP}[存管密]"
)

# Of these fields a grade in front or in brackets counts; of the others what no sentence holds by chance.
_NAMES = frozenset(["title", "number", "volume", "list_title", "category", "fonds"])
GRADE = "grade"


def declared(value: str) -> bool:
    """Whether the value of a column or field that states the grade names one of the secret grades."""
    return bool(_DECLARED.search(_NOT.sub("", value)) or _ENGLISH.search(value))


def marked(texts: Iterable[str]) -> bool:
    """Whether any of the texts (titles, names of folders and files) bears a secrecy marking."""
    return any(
        _END in text and bool(_BRACKETED.search(text) or _AT_START.match(text) or _in_running(text))
        for text in texts
    )


def borne(text: str, *, head: bool = False) -> Bears:
    """What a running text bears. `head`: it is a document's beginning."""
    found = Bears.NOTHING
    if _END in text and (_in_running(text) or (head and _OWN_LINE.search(text[:_HEAD]))):
        found |= Bears.SECRET
    if "内" in text and _INTERNAL.search(text):
        found |= Bears.INTERNAL
    return found


def _in_running(text: str) -> bool:
    return bool(_STARRED.search(text) or _LABELLED.search(text))


def field_is_secret(name: str, value: str) -> bool:
    """Whether a disclosure may not be kept: it declares a grade, or bears a marking."""
    if name == GRADE:
        return declared(value)
    if _END not in value:
        return False
    return marked([value]) if name in _NAMES or name.endswith(".name") else _in_running(value)


def secrecy_reasons(examined: Sequence[Examined]) -> list[list[Reason]]:
    """Why each of these may not be kept; of what it says nothing but the place is repeated."""
    return [list(_reasons(one)) for one in examined]


def _reasons(one: Examined) -> Iterator[Reason]:
    for number, name, text, value in one.disclosures:
        if value is None:
            shown = parse_disclosure(text).value
            if not isinstance(shown, str):
                continue
            value = shown
        if field_is_secret(name, value):
            at = name if number == NO_ITEM else f"items[{number}] {name}"
            yield Reason("SECRET_DECLARED" if name == GRADE else "SECRET_MARKED", at)
