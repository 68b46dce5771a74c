"""Acts: what a statement, or an item of a list statement, says of its subject. docs/formats.md section 5.

"An item means: the list statement's claims, with the item's own in place of or beside them."
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from verifier.claims import Claims
from verifier.disclosure import Disclosure, is_bound
from verifier.entry import Entry
from verifier.item import Item
from verifier.parts import OpenEntry, OpenItem, OpenStatement, Parts
from verifier.statement import Statement

ERASE = "disclosure.erase"


@dataclass(frozen=True)
class Act:
    """`record`: whom it is about, None for a list statement's own act. `entry`: None while it is pending.

    `shown`: the disclosures, by name, of the statement and the item together. `role`: of the signer's
    certificate.
    """

    at: str
    statement: Statement
    item: Item | None
    record: str | None
    claims: Claims
    shown: Mapping[str, Disclosure]
    entry: Entry | None
    role: str | None = None

    @property
    def key(self) -> tuple[bytes, int | None]:
        return self.statement.digests.sha256, self.item.number if self.item else None


def act_of(statement: Statement, item: Item | None = None, role: str | None = None) -> Act:
    """What a statement, or this item of it, says, while it is in no log; what it discloses is left out."""
    claims = statement.claims if item is None else _together(statement.claims, item.claims)
    return Act(
        at=f"items[{item.number}]" if item else "statement",
        statement=statement,
        item=item,
        record=item.record if item else statement.record,
        claims=claims,
        shown={},
        entry=None,
        role=role,
    )


def acts_of(parts: Parts) -> tuple[Act, ...]:
    """Every act, logged ones in log order, then pending ones by when they are said to have happened."""
    entries = {entry_key(e.entry): e for e in parts.entries}
    acts: list[Act] = []
    for opened in parts.statements:
        signer = parts.signers.get(opened.statement.certificate_sha256)
        own = replace(_own_act(opened, entries), role=signer.role if signer else None)
        acts.append(own)
        acts += [_item_act(own, item, entries) for item in opened.items]
    return tuple(sorted(acts, key=_order))


def entry_key(entry: Entry) -> tuple[bytes, int | None]:
    """What the entry is derived from: statement, item number."""
    return entry.statement.sha256, entry.item.number if entry.item else None


def _order(act: Act) -> tuple[bool, int, str, bytes, int]:
    number = act.item.number if act.item else -1
    index = act.entry.index if act.entry else 0
    return act.entry is None, index, act.claims.occurred_at or "", act.key[0], number


def _own_act(opened: OpenStatement, entries: Mapping[tuple[bytes, int | None], OpenEntry]) -> Act:
    statement = opened.statement
    found = entries.get((opened.sha256, None))
    return Act(
        at=opened.at,
        statement=statement,
        item=None,
        record=statement.record,
        claims=statement.claims,
        shown=_bound(statement.claims, opened.disclosures),
        entry=found.entry if found else None,
    )


def _item_act(listing: Act, part: OpenItem, entries: Mapping[tuple[bytes, int | None], OpenEntry]) -> Act:
    """`listing`: the list statement's own act."""
    found = entries.get((listing.key[0], part.item.number))
    own = part.item.claims
    over = {name: shown for name, shown in listing.shown.items() if name not in own.fields}
    return Act(
        at=part.at,
        statement=listing.statement,
        item=part.item,
        record=part.item.record,
        claims=_together(listing.claims, own),
        shown={**over, **_bound(own, part.disclosures)},
        entry=found.entry if found else None,
        role=listing.role,
    )


def _bound(claims: Claims, shown: Iterable[Disclosure]) -> dict[str, Disclosure]:
    """Only what the statement or item commits to; the disclosure check reports the rest."""
    return {d.name: d for d in shown if is_bound(claims, d)}


def _together(over: Claims, own: Claims) -> Claims:
    """The list statement's claims with the item's own in place of or beside them. `sd` binds nothing here."""
    return replace(
        own,
        answers=tuple(sorted({*over.answers, *own.answers})),
        basis=own.basis or over.basis,
        fields=tuple(sorted({*over.fields, *own.fields})),
        late=own.late or over.late,
        occurred_at=own.occurred_at or over.occurred_at,
        outcome=own.outcome or over.outcome,
        reason=own.reason or over.reason,
    )


class Subjects:
    """Acts by their subject, in the same order: each record's, and each list's own."""

    def __init__(self, acts: Iterable[Act]) -> None:
        self.records: dict[str, list[Act]] = {}
        self.lists: dict[str, list[Act]] = {}
        for act in acts:
            if act.record is not None:
                self.records.setdefault(act.record, []).append(act)
            elif act.item is None and act.statement.list is not None:
                self.lists.setdefault(act.statement.list.id, []).append(act)


Erasures: TypeAlias = Mapping[tuple[str, bytes], frozenset[str]]


def erasures(acts: Iterable[Act]) -> Erasures:
    """What the logged erasure statements name, by (record, statement answered). docs/formats.md section 4.

    One that is pending has erased nothing yet: until it is in the log, the field is only withheld.
    """
    found: dict[tuple[str, bytes], frozenset[str]] = {}
    for act in acts:
        if act.statement.event == ERASE and act.record is not None and act.entry is not None:
            for answered in act.claims.answers:
                key = act.record, answered
                found[key] = found.get(key, frozenset()).union(act.statement.erased)
    return found


def erased_fields(act: Act, erased: Erasures) -> frozenset[str]:
    """Fields of `act` that an erasure statement of the same record names."""
    named = erased.get((act.record, act.key[0]), frozenset()) if act.record is not None else frozenset()
    return named.intersection(act.claims.fields)
