"""People, units and records by name, where all that a fact or an act bears is a uuid, or a unit's code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from api.output import printable
from verifier.catalogue import Words

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.handle import Ledger

# By uuid, what a person reads in its place; by the code of a unit, its name, which stands before it.
Names: TypeAlias = Mapping[str, Words]
_UNIT = re.compile(r"\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\b")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def marks_in(texts: Iterable[str]) -> frozenset[str]:
    """Every uuid, and whatever may be the code of a unit."""
    return frozenset(mark for text in texts for mark in (*_UUID.findall(text), *_UNIT.findall(text)))


def unit_codes(names: Names) -> Names:
    return {mark: words for mark, words in names.items() if not _UUID.fullmatch(mark)}


def with_names(told: str, names: Names, *, zh: bool) -> str:
    """What has no name stands as it is."""

    def name(found: re.Match[str]) -> str:
        words = names.get(found[0])
        return found[0] if words is None else words.zh if zh else words.en

    return _UUID.sub(name, told)


def names_here(home: Path, texts: Iterable[str]) -> Names:
    """Of every mark in these texts that the ledger at `home` knows; none where there is no ledger to ask."""
    from sqlalchemy.exc import SQLAlchemyError

    from ledger.handle import open_ledger
    from verifier.errors import ArchiveError

    wanted = marks_in(texts)
    if not wanted:
        return {}
    try:
        with closing(open_ledger(home)) as ledger:
            return names_in(ledger, home, wanted)
    except (ArchiveError, OSError, SQLAlchemyError):
        # What went wrong is told all the same, and may be the store itself: this is for easier reading only.
        return {}


def names_in(ledger: Ledger, home: Path, wanted: Iterable[str]) -> Names:
    from ledger.store.engine import reading
    from ledger.unit_store import unit_names

    wanted, units = frozenset(wanted), unit_names(ledger).values()
    found = {
        one.id: Words(f"{one.zh}({one.code})", f"{one.en} ({one.code})") for one in units if one.id in wanted
    }
    found |= {one.code: Words(one.zh, one.en) for one in units if one.code in wanted}
    left = frozenset(mark for mark in wanted - found.keys() if _UUID.fullmatch(mark))
    found |= people_named(ledger, home, left)
    with reading(ledger.engine) as connection:
        for record in sorted(left - found.keys()):
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
