"""Facts beside a reason (where, expected, found) in Chinese. Rules say them in English, in few phrases."""

from __future__ import annotations

import functools
import importlib.resources
import json
import re


def in_chinese(words: str) -> str:
    """The phrase in Chinese; what is no phrase (a path, a digest, a number, a name) as it stands."""
    table, patterns = _phrases()
    if words in table:
        return table[words]
    for pattern, chinese in patterns:
        found = pattern.fullmatch(words)
        if found:
            return chinese.replace("{}", found[1])
    return words


@functools.cache
def _phrases() -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    file = importlib.resources.files("api") / "data" / "phrases.json"
    table: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    patterns = tuple(
        (re.compile(re.escape(english).replace(r"\{\}", "(.+)"), re.DOTALL), chinese)
        for english, chinese in table.items()
        if "{}" in english
    )
    return table, patterns
