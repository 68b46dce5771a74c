"""What was typed, before anything is looked up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from api.codes import listed, near, read_field_name
from api.errors import CommandError
from verifier.catalogue import EventSpec, catalogue, event
from verifier.disclosure import file_field

# The second is what a Chinese keyboard gives.
_EQUALS = re.compile("[=\uff1d]")


@dataclass(frozen=True)
class Request:
    """The options of `event`, as text. `claims`: those of one word each (basis, due, duty …), where given."""

    spec: EventSpec
    records: tuple[str, ...]
    fields: dict[str, str]
    claims: dict[str, str]
    files: tuple[str, ...]
    answers: tuple[str, ...]
    erased: tuple[str, ...]
    pages: int | None
    version: int | None
    uses: int | None
    occurred_at: str
    list_id: str | None
    subject: str | None
    carrier: str
    copy: str
    hide_digests: bool
    keep: bool


def option_of(claim: str) -> str:
    """The option by which a claim is written."""
    return {"erased": "--erase", "files": "--file"}.get(claim, f"--{claim.replace('_', '-')}")


def event_named(name: str) -> EventSpec | None:
    """The event of this name, in code, Chinese or English."""
    known = catalogue().events
    said = name.strip().lower()
    by_words = (spec for spec in known.values() if said in (spec.words.zh, spec.words.en.lower()))
    return event(said) or next(by_words, None)


def named_event(name: str) -> EventSpec:
    """The same. Raises CommandError EVENT_UNKNOWN."""
    spec = event_named(name)
    if spec is not None:
        return spec
    zh, en = listed(near(name, {code: spec.words for code, spec in catalogue().events.items()}))
    hint_zh, hint_en = (f"相近的有:{zh}。", f" Did you mean: {en}?") if en else ("", "")
    raise CommandError(
        "EVENT_UNKNOWN",
        f"没有“{name}”这个行为。{hint_zh}全部行为见 archive-ledger events。",
        f"There is no event '{name}'.{hint_en} See all: archive-ledger events",
    )


def read_fields(given: Sequence[str]) -> dict[str, str]:
    """`name=value` pairs, the name in code or in words. Raises CommandError FIELD_FORM, FIELD_UNKNOWN."""
    # A file's own disclosures come with the file.
    known = [name for name in catalogue().fields if not name.startswith("file.")]
    fields: dict[str, str] = {}
    for pair in given:
        written, *rest = _EQUALS.split(pair, maxsplit=1)
        name = read_field_name("--field", written.strip(), known) if rest else ""
        value = rest[0] if rest else ""
        if not name or not value.strip() or name in fields:
            raise CommandError(
                "FIELD_FORM",
                f"--field 应写作 名称=内容,每项一次,内容不能为空;现为“{pair}”。",
                f"--field is NAME=VALUE, each name once, the value not empty; found '{pair}'.",
            )
        if not value.replace("\n", " ").isprintable():
            raise CommandError(
                "FIELD_FORM",
                f"--field {name} 的内容含控制字符或不可见字符。请去掉。",
                f"The value of --field {name} holds control or invisible characters. Remove them.",
            )
        fields[name] = value
    return fields


def read_erased(given: Sequence[str]) -> tuple[str, ...]:
    """Names of the disclosures to erase, in code or in words. Raises CommandError FIELD_UNKNOWN."""
    known = [name for name in catalogue().fields if not name.startswith("file.")]
    return tuple(name if file_field(name) else read_field_name("--erase", name, known) for name in given)
