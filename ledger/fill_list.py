"""Acts on lists, filled in: who acts says what is decided; list, items and what is answered stand here.

What comes out is an act as docs/api.md describes it. Whether it may be done, the ledger says when it is
signed: a wrong turn is refused there, by its rule, and kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from ledger.handle import Ledger
from ledger.handling import acts_before
from ledger.list_query import LIST_NUMBER, LIST_TITLE, list_row
from ledger.list_view import FREEZE, ITEM_BACK, ListView, list_view
from ledger.store.engine import reading
from verifier.custody import past_of
from verifier.custody_tables import tables
from verifier.errors import CallerError

# An act, or what was decided of one, as JSON.
Said: TypeAlias = Mapping[str, Any]

# What a list statement says in its items only.
OF_ITEMS = ("pages", "state", "version")
_NOT_MEANT = ("record", "records")


def fill_freeze(ledger: Ledger, records: Sequence[str], said: Said) -> dict[str, Any]:
    """A new list of these records. What stands on another list that goes on answers it, as the rules ask.

    Raises CallerError RECORD_UNKNOWN.
    """
    with reading(ledger.engine) as connection:
        before = acts_before(connection, records)
    items = []
    for record in records:
        if record not in before:
            raise CallerError("RECORD_UNKNOWN", record)
        listing = past_of(before[record]).listing
        last = [
            one for one in before[record] if listing and one.statement.digests.sha256 in listing.statements
        ]
        answers = [last[-1].statement.digests.sha256.hex()] if last else []
        items.append({"record": record, **({"answers": answers} if answers else {})})
    return {**_meant(said), "event": FREEZE, "list": {"items": items}}


def fill_on_list(ledger: Ledger, list_id: str, said: Said) -> dict[str, Any]:
    """`said["event"]`: an act on the list, on one item of it (`record`), or `list.freeze`: what is left of it
    goes on under a new list.

    Raises CallerError LIST_UNKNOWN, FILL_EVENT, FILL_RECORD.
    """
    view, event = list_view(ledger, list_id), str(said["event"])
    answers = [view.steps[-1].statement]
    if event == FREEZE:
        left = [one for one in view.items if one.on_list]
        if not left:
            raise CallerError("FILL_RECORD", FREEZE, "an item that is still on the list", view.summary.status)
        items = [{"record": one.record} for one in left]
        return {**_titled(ledger, said, list_id), "answers": answers, "list": {"items": items}}
    if event in tables().of_list:
        return {**_meant(said), "record": _of(view, said), "answers": answers}
    if event not in tables().on_list:
        may = " ".join(sorted(tables().on_list | tables().of_list | {FREEZE}))
        raise CallerError("FILL_EVENT", "event", may, event)
    own = {name: said[name] for name in OF_ITEMS if said.get(name) is not None}
    items = [{"record": one.record, **own} for one in view.items]
    meant = {name: value for name, value in _meant(said).items() if name not in own}
    return {**meant, "answers": answers, "list": {"id": list_id, "items": items}}


def _meant(said: Said) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in _NOT_MEANT and value not in (None, {})}


def _titled(ledger: Ledger, said: Said, list_id: str) -> dict[str, Any]:
    """A list that goes on bears the old one's title and number, unless it is given others."""
    row = list_row(ledger, list_id)
    old = {name: value for name, value in ((LIST_TITLE, row.title), (LIST_NUMBER, row.number)) if value}
    return {**_meant(said), "fields": {**old, **(said.get("fields") or {})}}


def _of(view: ListView, said: Said) -> str:
    record = said.get("record")
    if record not in {one.record for one in view.items}:
        raise CallerError("FILL_RECORD", "record", " or ".join(ITEM_BACK), str(record or "none"))
    return str(record)
