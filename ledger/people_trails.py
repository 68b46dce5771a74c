"""The trails `keys` and `duties` as the store has them: what was logged, then what is pending.

Statements are logged in the order of acceptance, so a statement's place here is its id: what stands at a
lower one will stand at a lower index.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, exists, func, select, text

from ledger.store.portions import portions
from ledger.store.rows import AnyRow
from ledger.store.tables import ABOUT_PEOPLE, certificate, entry, link, set_aside, statement
from verifier.certificate import Signer, read_signer
from verifier.duties import DutyAct, duty_act
from verifier.errors import EvidenceError
from verifier.keys import REGISTRAR, KeyAct, Keys, key_act
from verifier.people import KEYS
from verifier.statement import Statement, parse_statement
from verifier.trail import trail

PeopleAct: TypeAlias = KeyAct | DutyAct

# Above every id: as everything accepted leaves it.
AFTER_ALL = 2**62


def people_act(parsed: Statement, role: str, place: int, time: str) -> PeopleAct | None:
    """None if the statement is about nobody's key or duty. `time`: when it was accepted."""
    return key_act(parsed, role, place, time) or duty_act(parsed, role, place, time)


def acts_about(
    connection: Connection, kind: str, subjects: Iterable[str], before: int
) -> dict[str, list[PeopleAct]]:
    """The acts on each subject's trail of this kind (`verifier.people`), of statements below id `before`.

    What was set aside will never be on a trail.
    """
    keys = {bytes.fromhex(trail(kind, subject).key): subject for subject in subjects}
    found: dict[str, list[PeopleAct]] = {subject: [] for subject in keys.values()}
    for some in portions(keys):
        logged = (
            _query()
            .join(entry, entry.c.statement_id == statement.c.id)
            .join(link, link.c.idx == entry.c.idx)
            .where(link.c.trail_key.in_(some), statement.c.id < before)
            .order_by(link.c.trail_key, link.c.seq)
        )
        for row in connection.execute(logged):
            _put(found, row, kind)
    last = connection.execute(select(func.max(entry.c.statement_id))).scalar() or 0
    aside = exists().where(set_aside.c.statement_id == statement.c.id)
    waiting = _query().where(statement.c.id > last, statement.c.id < before, text(ABOUT_PEOPLE), ~aside)
    for row in connection.execute(waiting.order_by(statement.c.id)):
        _put(found, row, kind)
    return found


def counts(connection: Connection, row: AnyRow) -> bool:
    """Whether the statement's key is enrolled at its place. `row`: id, agent, iss, der (its certificate)."""
    signer = signer_of(row.der)
    acts = acts_about(connection, KEYS, [row.agent], row.id)[row.agent]
    try:
        Keys(act for act in acts if isinstance(act, KeyAct)).check(signer.key_sha256, row.iss, row.id)
    except EvidenceError:
        return False
    return True


class Unsettled:
    """People of whose keys something is not in the log yet, or was set aside and never will be.

    What they signed was accepted by the order of acceptance as it was then. An act that is set aside is gone
    from it, and one that is taken up again comes later: so whether a statement counts is asked once more
    before it is sealed.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._gone: set[int] = set()
        self._keys: dict[str, Keys] = {}
        last = connection.execute(select(func.max(entry.c.statement_id))).scalar() or 0
        about_people = select(statement.c.data).where(text(ABOUT_PEOPLE))
        # Each by its ids: a join would walk through all that was ever said of people's keys.
        found = list(connection.execute(about_people.where(statement.c.id > last)).scalars())
        for some in portions(connection.execute(select(set_aside.c.statement_id)).scalars().all()):
            found += connection.execute(about_people.where(statement.c.id.in_(some))).scalars()
        self._agents = {
            about.subject
            for data in found
            if (about := _parsed(data).people) is not None and about.trail == KEYS
        }

    def lose(self, place: int) -> None:
        """The statement with this id is set aside now."""
        self._gone.add(place)
        self._keys.clear()

    def check(self, row: AnyRow, signer: Signer) -> None:
        """Raises EvidenceError, as `Keys.check` does, if the statement does not count any more."""
        if row.agent not in self._agents or signer.role == REGISTRAR:
            return
        if row.agent not in self._keys:
            acts = acts_about(self._connection, KEYS, [row.agent], AFTER_ALL)[row.agent]
            left = (act for act in acts if isinstance(act, KeyAct) and act.place not in self._gone)
            self._keys[row.agent] = Keys(left)
        self._keys[row.agent].check(signer.key_sha256, row.iss, row.id)


def _query() -> Select[Any]:
    return select(statement.c.id, statement.c.data, statement.c.accepted_at, certificate.c.der).join(
        certificate, certificate.c.sha256 == statement.c.certificate
    )


def _put(found: dict[str, list[PeopleAct]], row: AnyRow, kind: str) -> None:
    act = people_act(_parsed(row.data), signer_of(row.der).role, row.id, row.accepted_at)
    if act is not None and isinstance(act, KeyAct) == (kind == KEYS) and act.subject in found:
        found[act.subject].append(act)


@functools.lru_cache(maxsize=1024)
def _parsed(data: bytes) -> Statement:
    return parse_statement(data)


@functools.lru_cache(maxsize=1024)
def signer_of(der: bytes) -> Signer:
    return read_signer(der)


def all_acts(connection: Connection) -> list[PeopleAct]:
    """Everything ever accepted about people's keys and duties, in order, but for what was set aside."""
    aside = exists().where(set_aside.c.statement_id == statement.c.id)
    rows = connection.execute(_query().where(text(ABOUT_PEOPLE), ~aside).order_by(statement.c.id))
    found = (people_act(_parsed(r.data), signer_of(r.der).role, r.id, r.accepted_at) for r in rows)
    return [act for act in found if act is not None]
