"""A volume is closed as a whole, and nothing goes into one that is closed.

Rules of the ledger's door, like that of archival numbers: a record's trail shows no other members, and a
volume is known by a disclosed name, so no verifier can judge them. What is withheld from the ledger it does
not see. Who closes more members of a volume that is closed already makes good what was left out then.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from ledger.examined import Examined
from ledger.store.tables import NO_ITEM
from ledger.volume_query import ADD, CLOSE, CLOSED, CREATE, OPEN, REMOVE, volume_named
from verifier.report import Reason

_EVENTS = frozenset([CREATE, ADD, REMOVE, CLOSE])
_TOLD = 5


def volume_reasons(connection: Connection, examined: Sequence[Examined]) -> list[list[Reason]]:
    """VOLUME_CLOSED for each act that would put a record into a closed volume, VOLUME_NOT_WHOLE for each that
    would close one without some of its members. Without the volume's name, which may be a household's: what
    is refused is kept. Asked under the write lock; what is handed in together is taken one after another."""
    known: dict[str, tuple[str, set[str]]] = {}
    return [_judge(connection, one, known) for one in examined]


def _judge(connection: Connection, one: Examined, known: dict[str, tuple[str, set[str]]]) -> list[Reason]:
    event, found = one.statement[5], list[Reason]()
    for name, records in _named(one).items() if event in _EVENTS else ():
        if name not in known:
            there = volume_named(connection, name)
            known[name] = (there.state, set(there.records)) if there else (OPEN, set())
        state, members = known[name]
        if event in (CREATE, ADD):
            if state == CLOSED and not records <= members:
                found.append(Reason("VOLUME_CLOSED", "volume", OPEN, CLOSED))
            known[name] = state, members | records
        elif event == REMOVE:
            known[name] = state, members - records
        else:
            left = sorted(members - records)
            if state == OPEN and left:
                more = " …" if len(left) > _TOLD else ""
                found.append(
                    Reason("VOLUME_NOT_WHOLE", "volume", str(len(members)), " ".join(left[:_TOLD]) + more)
                )
            known[name] = CLOSED, members | records
    return found


def _named(one: Examined) -> dict[str, set[str]]:
    """The records that the statement is about, by the volume that is disclosed for them."""
    own = one.statement[8]
    items = {number: record for number, record, *_ in one.items}
    found: dict[str, set[str]] = {}
    for number, name, _, value in one.disclosures:
        if name != "volume" or value is None:
            continue
        if number != NO_ITEM:
            found.setdefault(value, set()).add(items[number])
        else:
            found.setdefault(value, set()).update([own] if own is not None else items.values())
    return found
