"""Destructions that were carried out and wait for whoever saw it to say so (监销见证)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.act_pages import MOST_LOOKED_AT, acts
from ledger.handle import Ledger
from ledger.handling import acts_before
from ledger.list_pages import Who
from ledger.query import record_row
from ledger.store.engine import reading
from verifier.custody import past_of
from verifier.custody_keeping import DESTROY, ELECTRONIC, WITNESS
from verifier.custody_tables import tables


@dataclass(frozen=True)
class DestructionRow:
    """`statement`: SHA-256 (hex) of the carrying out, which the witness answers; `outcome`: of what copies.
    `agent`: who carried it out, in the name of `iss`."""

    record: str
    number: str
    title: str
    statement: str
    outcome: str
    agent: str
    iss: str
    occurred_at: str


def unwitnessed(ledger: Ledger, who: Who) -> Iterator[DestructionRow]:
    """Those of this person's house that he may witness: with the duty, and with no part in it till now.

    Newest first; of the records that were last destroyed or witnessed, so many are looked at.
    """
    if who.duties.isdisjoint(tables().wanted(WITNESS, None)):
        return
    with reading(ledger.engine) as connection:
        seen: set[str] = set()
        for key in acts(connection, {DESTROY, WITNESS}):
            if key.record in seen:
                continue
            if len(seen) == MOST_LOOKED_AT:
                return
            seen.add(key.record)
            if key.event == WITNESS:
                continue
            on_record = acts_before(connection, [key.record]).get(key.record, [])
            past = past_of(on_record)
            done = next(act for act in reversed(on_record) if act.statement.event == DESTROY)
            outcome = done.claims.outcome or ""
            took_part = any(who.agent in past.marks.get(mark, ()) for mark in tables().apart[WITNESS])
            # Files go when their destruction is witnessed: not while they are held for a dispute.
            held = bool(past.holds) and outcome == ELECTRONIC
            if past.states["destruction"] != "carried_out" or done.statement.iss != who.iss:
                continue
            if took_part or held:
                continue
            named = record_row(connection, key.record)
            yield DestructionRow(
                record=key.record,
                number=named.number,
                title=named.title,
                statement=done.statement.digests.sha256.hex(),
                outcome=outcome,
                agent=done.statement.agent,
                iss=done.statement.iss,
                occurred_at=done.claims.occurred_at or done.statement.occurred_at,
            )
