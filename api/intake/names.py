"""File names that an archive cannot keep for decades, whatever system wrote them."""

from __future__ import annotations

import re
import unicodedata

# Windows refuses paths above 260 units; the reader's own folder needs room in front.
MAX_NAME = 240
# Written by systems and office programs beside the real files; never records.
_JUNK = frozenset([".ds_store", "thumbs.db", "desktop.ini", ".spotlight-v100", ".trashes", "__macosx"])
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = frozenset('<>:"|?*\\')
# Unicode's explicit direction marks and overrides: they can make `gpj.exe` read as `exe.jpg`.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is a system's leftover, to be passed over with a note."""
    return name.lower() in _JUNK or name.startswith(("~$", "._"))


def kept_name(name: str) -> str:
    """The form of a relative name that is recorded: NFC, as Chinese and accented names differ by system."""
    return unicodedata.normalize("NFC", name)


def name_faults(name: str) -> tuple[str, ...]:
    """Codes of what is wrong with a relative name, parts joined by '/'. NAME_NOT_NFC alone is only a note."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return ("NAME_NOT_UTF8",)
    found = []
    if any(ch in _DIRECTION for ch in name):
        found.append("NAME_DIRECTION")
    if any(unicodedata.category(ch) in ("Cc", "Cf", "Zl", "Zp") and ch not in _DIRECTION for ch in name):
        found.append("NAME_CONTROL")
    parts = name.split("/")
    if any(part != part.strip() or part.endswith(".") for part in parts):
        found.append("NAME_ENDS")
    if any(_RESERVED.fullmatch(part) or _FORBIDDEN & set(part) for part in parts):
        found.append("NAME_RESERVED")
    if len(name.encode("utf-16-le")) // 2 > MAX_NAME:
        found.append("NAME_LONG")
    if kept_name(name) != name:
        found.append("NAME_NOT_NFC")
    return tuple(found)
