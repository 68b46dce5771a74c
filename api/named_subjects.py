"""People, units and records by name, where all that a fact or an act bears is their uuid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from api.output import printable
from verifier.catalogue import Words

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.handle import Ledger

# By uuid, what a person reads in its place.
Names: TypeAlias = Mapping[str, Words]
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def uuids_in(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(uuid for text in texts for uuid in _UUID.findall(text))


def with_names(told: str, names: Names, *, zh: bool) -> str:
    """What has no name stands as it is."""

    def name(found: re.Match[str]) -> str:
        words = names.get(found[0])
        return found[0] if words is None else words.zh if zh else words.en

    return _UUID.sub(name, told)


def names_here(home: Path, texts: Iterable[str]) -> Names:
    """Of every uuid in these texts that the ledger at `home` knows; none where there is no ledger to ask."""
    from ledger.handle import open_ledger
    from verifier.errors import ArchiveError

    wanted = uuids_in(texts)
    if not wanted:
        return {}
    try:
        ledger = open_ledger(home)
    except ArchiveError:
        # What went wrong is told all the same; this only was to make it easier to read.
        return {}
    try:
        return names_in(ledger, home, wanted)
    finally:
        ledger.close()


def names_in(ledger: Ledger, home: Path, wanted: Iterable[str]) -> Names:
    from ledger.store.engine import reading
    from ledger.unit_store import unit_names

    wanted = frozenset(wanted)
    found = {
        one.id: Words(f"{one.zh}({one.code})", f"{one.en} ({one.code})")
        for one in unit_names(ledger).values()
        if one.id in wanted
    }
    found |= people_named(ledger, home, wanted - found.keys())
    with reading(ledger.engine) as connection:
        for record in sorted(wanted - found.keys()):
            named = _record(connection, record)
            found |= {record: Words(named, named)} if named else {}
    return found


def people_named(ledger: Ledger, home: Path, agents: Iterable[str]) -> dict[str, Words]:
    """Those of these people of whom a name is known: as they last signed, else as this machine has them.
    Two may be called the same, so the beginning of the uuid stands behind."""
    from ledger.people import list_people
    from ledger.people_view import name_in
    from ledger.store.engine import reading

    here = {person.agent: person.name for person in list_people(home)}
    with reading(ledger.engine) as connection:
        known = {agent: printable(name_in(connection, agent) or here.get(agent, "")) for agent in set(agents)}
    return {
        agent: Words(f"{name}({agent[:8]})", f"{name} ({agent[:8]})") for agent, name in known.items() if name
    }


def person(agent: str, names: Names) -> str:
    """In the language of the output; of somebody without a name the beginning of the uuid."""
    from api.language import text

    words = names.get(agent)
    return text(words.zh, words.en) if words is not None else agent[:8]


def _record(connection: Connection, record: str) -> str:
    """Its number, else its title; empty where it is none, or where neither is shown."""
    from ledger.query import acts_on, record_row

    if not acts_on(connection, record):
        return ""
    row = record_row(connection, record)
    return printable(row.number or (f"{row.title}({record[:8]})" if row.title else ""))
