"""What was typed, before anything is looked up."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from api.errors import CommandError
from verifier.catalogue import EventSpec, catalogue, event


@dataclass(frozen=True)
class Request:
    """The options of `event`, as text. `claims`: basis, late, outcome, reason, state, due where given."""

    spec: EventSpec
    records: tuple[str, ...]
    fields: dict[str, str]
    claims: dict[str, str]
    files: tuple[str, ...]
    answers: tuple[str, ...]
    erased: tuple[str, ...]
    pages: int | None
    version: int | None
    occurred_at: str
    list_id: str | None
    subject: str | None
    carrier: str
    copy: str
    hide_digests: bool
    keep: bool


def named_event(name: str) -> EventSpec:
    """The event of this name, in code or in Chinese. Raises CommandError EVENT_UNKNOWN."""
    known = catalogue().events
    by_words = {spec.words.zh: spec for spec in known.values()}
    spec = event(name) or by_words.get(name)
    if spec is not None:
        return spec
    near = difflib.get_close_matches(name, [*known, *by_words], 3, 0.5)
    hint_zh, hint_en = (
        (f"相近的有:{'、'.join(near)}。", f" Did you mean {', '.join(near)}?") if near else ("", "")
    )
    raise CommandError(
        "EVENT_UNKNOWN",
        f"没有“{name}”这个行为。{hint_zh}全部行为见 archive-ledger events。",
        f"There is no event '{name}'.{hint_en} See all: archive-ledger events",
    )


def read_fields(given: Sequence[str]) -> dict[str, str]:
    """`name=value` pairs. Raises CommandError FIELD_FORM, FIELD_UNKNOWN."""
    # A file's own disclosures come with the file.
    known = [name for name in catalogue().fields if not name.startswith("file.")]
    fields: dict[str, str] = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        if not sign or not value or name in fields:
            raise CommandError(
                "FIELD_FORM",
                f"--field 应写作 名称=内容,每项一次,内容不能为空;现为“{pair}”。",
                f"--field is NAME=VALUE, each name once, the value not empty; found '{pair}'.",
            )
        if name not in known:
            raise CommandError(
                "FIELD_UNKNOWN",
                f"没有附项“{name}”。可用:{'、'.join(known)}。",
                f"There is no field '{name}'. There are: {', '.join(known)}.",
            )
        if not value.replace("\n", " ").isprintable():
            raise CommandError(
                "FIELD_FORM",
                f"--field {name} 的内容含控制字符或不可见字符。请去掉。",
                f"The value of --field {name} holds control or invisible characters. Remove them.",
            )
        fields[name] = value
    return fields
