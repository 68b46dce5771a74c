"""The language of what people read: Chinese first, English second."""

from __future__ import annotations

import os

LANGUAGES = ("zh", "en")
_chosen: list[str] = []


def choose_language(asked: str | None) -> None:
    """Fixes the language for this run: as asked (`--lang`), else ARCHIVE_LEDGER_LANG, else the locale's."""
    _chosen[:] = [asked] if asked in LANGUAGES else []


def language() -> str:
    if _chosen:
        return _chosen[0]
    own = os.environ.get("ARCHIVE_LEDGER_LANG", "")
    if own in LANGUAGES:
        return own
    locale = next((v for n in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(n))), "")
    return "en" if locale.lower().startswith("en") else "zh"


def text(zh: str, en: str) -> str:
    """`zh` or `en`, as the current language is."""
    return zh if language() == "zh" else en
