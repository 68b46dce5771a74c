"""What each figure is called on the page, its unit, and the aim it has: data in words.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FigureWords:
    """`aim`: "≥ 10000" or "≤ 1", empty where none was set."""

    zh: str
    en: str
    unit: str
    aim: str

    def met(self, value: float) -> bool | None:
        """None where there is no aim."""
        if not self.aim:
            return None
        relation, limit = self.aim.split()
        return value >= float(limit) if relation == "≥" else value <= float(limit)


@dataclass(frozen=True)
class PartWords:
    zh: str
    en: str
    note_zh: str
    note_en: str
    figures: Mapping[str, FigureWords]


def _read() -> dict[str, PartWords]:
    body = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
    return {
        name: PartWords(
            zh=part["zh"],
            en=part["en"],
            note_zh=part["note_zh"],
            note_en=part["note_en"],
            figures={key: FigureWords(*words) for key, words in part["figures"].items()},
        )
        for name, part in body.items()
    }


WORDS: Mapping[str, PartWords] = _read()
