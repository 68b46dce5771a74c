"""State secrets never enter: what a table, a folder or a file name declares is asked first.

A record so marked is refused before any of its files is opened, and the report does not repeat its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

GRADES = ("绝密", "机密", "秘密", "工作秘密")
_ENGLISH = re.compile(r"top[ -]?secret|secret|confidential|classified", re.IGNORECASE)
# As papers are marked: 机密★10年, or the grade alone in brackets. The bare word inside a title
# (保密工作总结, 商业秘密保护) is not a marking.
_STAR = re.compile(r"(绝密|机密|秘密)\s*[★☆✩✭⭐*＊]")
_BRACKETS = re.compile(r"[\[【((〔〖<《]\s*(绝密|机密|秘密|工作秘密|内部工作秘密)\s*[\]】))〕〗>》]")
_AT_START = re.compile(r"\s*(绝密|机密|工作秘密|秘密)(?:[\s_::、-]|\Z)")


# A marking stands on the first page.
_HEAD = 65_536
_TEXT_SUFFIXES = frozenset([".txt", ".csv", ".md", ".htm", ".html", ".xml", ".json", ".tsv"])


def declared(value: str) -> bool:
    """Whether the value of a column that states the grade names one of the secret grades."""
    return any(grade in value for grade in GRADES) or bool(_ENGLISH.search(value))


def marked(texts: Iterable[str]) -> bool:
    """Whether any of the texts (titles, names of folders and files) bears a secrecy marking."""
    return any(_STAR.search(t) or _BRACKETS.search(t) or _AT_START.match(t) for t in texts)


def marked_inside(path: Path) -> bool:
    """Whether a text file bears a marking such as 机密★ near its beginning; no other format is looked into.

    Raises OSError when it cannot be read.
    """
    return path.suffix.lower() in _TEXT_SUFFIXES and marked_head(path)


def marked_head(path: Path) -> bool:
    """The same of a file whose format is not known. Raises OSError when it cannot be read."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    return any(_STAR.search(head.decode(name, "replace")) for name in ("utf-8", "gb18030", "utf-16"))
