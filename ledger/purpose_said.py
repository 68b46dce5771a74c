"""What a record is used for is told to the ledger: an audit of uses is asked why, and must not find a blank.

A rule of the ledger's door: a verifier sees that the field is there, and may be shown nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.examined import Examined
from ledger.store.tables import NO_ITEM
from verifier.custody_approval import APPLY
from verifier.custody_tables import tables
from verifier.disclosure import parse_disclosure
from verifier.printable import likeness
from verifier.report import Reason

PURPOSE, CODE = "purpose", "USE_PURPOSE"


def purpose_reasons(examined: Sequence[Examined]) -> list[list[Reason]]:
    """USE_PURPOSE for each use, or application for one, that discloses no purpose of some record."""
    asked = tables().asked | {APPLY}
    return [list(_reasons(one)) if one.statement[5] in asked else [] for one in examined]


def _reasons(one: Examined) -> Iterator[Reason]:
    said = {number for number, name, text, _ in one.disclosures if name == PURPOSE and _says_something(text)}
    places = [number for number, *_ in one.items] or [NO_ITEM]
    if NO_ITEM not in said and not said.issuperset(places):
        yield Reason(CODE, PURPOSE, "the purpose, disclosed", "none")


def _says_something(text: str) -> bool:
    value = parse_disclosure(text).value
    return isinstance(value, str) and bool(likeness(value))
