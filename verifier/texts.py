"""The words of pages and reasons, as data: `data/texts.json` and `data/reasons.json`, Chinese and English."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from verifier.catalogue import DATA, Words, code_words, event, field_words
from verifier.duties import duty_words
from verifier.printable import printable

LANGUAGES = ("zh", "en")
# failed: a rule is broken. cannot: this verifier cannot judge it. missing: something needed is absent.
# note: to be kept in mind, decides nothing.
REASON_KINDS = ("failed", "cannot", "missing", "note")


@dataclass(frozen=True)
class ReasonSpec:
    """What a reason code says, and its kind, one of REASON_KINDS."""

    words: Words
    kind: str


@dataclass(frozen=True)
class Speech:
    """Texts in one language, `zh` or `en`."""

    language: str

    def say(self, key: str, **values: str | int) -> str:
        """The text `key` with its places filled; English chooses between one and other by `n`."""
        text = _texts()[key][self.language]
        if isinstance(text, dict):
            text = text["one" if values.get("n") == 1 else "other"]
        return text.format_map(values)

    def word(self, words: Words) -> str:
        return words.zh if self.language == "zh" else words.en

    def join(self, items: Iterable[str]) -> str:
        return self.say("list.joint").join(items)

    def clauses(self, items: Iterable[str]) -> str:
        return self.say("clause.joint").join(items)

    def reason(self, code: str) -> str:
        """A reason code in words; a code that is not in the table stands for itself."""
        spec = reasons().get(code)
        return self.word(spec.words) if spec else self.say("steps.unknown_code", code=printable(code))

    def event(self, name: str) -> str:
        spec = event(name)
        return self.word(spec.words) if spec else self.say("steps.unknown_code", code=printable(name))

    def code(self, claim: str, code: str) -> str:
        words = code_words(claim, code)
        return self.word(words) if words else self.say("steps.unknown_code", code=printable(code))

    def duty(self, name: str) -> str:
        words = duty_words().get(name)
        return self.word(words) if words else self.say("steps.unknown_code", code=printable(name))

    def field(self, name: str) -> str:
        words = field_words(name)
        return self.word(words) if words else printable(name)


@functools.cache
def reasons() -> Mapping[str, ReasonSpec]:
    table: dict[str, dict[str, str]] = json.loads((DATA / "reasons.json").read_bytes())
    return {code: ReasonSpec(Words(v["zh"], v["en"]), v["kind"]) for code, v in table.items()}


@functools.cache
def _texts() -> Mapping[str, Mapping[str, str | dict[str, str]]]:
    table: dict[str, dict[str, str | dict[str, str]]] = json.loads((DATA / "texts.json").read_bytes())
    return table
