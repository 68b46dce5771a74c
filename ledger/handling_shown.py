"""What acts disclose, where a rule compares it: of a new one, and of the taking in that a deposit ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Connection, select

from ledger.examined import Examined
from ledger.store.portions import portions
from ledger.store.tables import NO_ITEM, disclosure
from verifier.acts import Act
from verifier.custody_deposit import GIVE, TAKE
from verifier.custody_tables import tables
from verifier.disclosure import Disclosure, parse_disclosure

# (statement id, item number or NO_ITEM)
Key = tuple[int, int]


def with_shown(act: Act, one: Examined, number: int) -> Act:
    """An act that is handed in. An item's own stand over the list statement's, as `verifier.acts` has it."""
    if act.statement.event not in {GIVE, TAKE, *tables().differ}:
        return act
    return _together(
        act, [(of, name, text) for of, name, text, _ in one.disclosures if of in (NO_ITEM, number)]
    )


def with_kept(connection: Connection, acts: Mapping[Key, Act]) -> dict[Key, Act]:
    """The same of kept acts, as far as it is still held."""
    taken = {key for key, act in acts.items() if act.statement.event == TAKE}
    rows: dict[int, list[tuple[int, str, str]]] = {}
    for some in portions(sorted({key for key, _ in taken})):
        query = select(
            disclosure.c.statement_id, disclosure.c.item_number, disclosure.c.name, disclosure.c.text
        ).where(disclosure.c.statement_id.in_(some))
        for row in connection.execute(query):
            rows.setdefault(row.statement_id, []).append((row.item_number, row.name, row.text))
    found = dict(acts)
    for key in taken:
        own = [one for one in rows.get(key[0], ()) if one[0] in (NO_ITEM, key[1])]
        found[key] = _together(acts[key], own)
    return found


def _together(act: Act, rows: Iterable[tuple[int, str, str]]) -> Act:
    shown: dict[str, Disclosure] = {}
    for _, name, text in sorted(rows):  # the statement's first: NO_ITEM is below every number
        shown[name] = parse_disclosure(text)
    return replace(act, shown=shown)
