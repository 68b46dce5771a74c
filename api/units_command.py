"""`units`: the organisations' departments, villages and stations, and who has which duty there."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.language import text
from api.named_subjects import Names, person
from api.names import known_organisations
from api.opened import opened_ledger
from verifier.duties import duty_words
from verifier.shape import UUID

if TYPE_CHECKING:
    from ledger.handle import Ledger
    from ledger.people_view import PersonView, Term
    from ledger.unit_store import TreeVersion
    from ledger.units import Unit, UnitTree

KIND_WORDS = {
    "organisation": ("机构", "organisation"),
    "department": ("部门", "department"),
    "archive_room": ("档案室", "archive room"),
    "village": ("村", "village"),
    "station": ("站所", "station"),
}
_SAMPLE = "units.sample.json"
_NAMED = 30  # at most so many are named


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "units",
        units,
        "机构、部门、村、站所,及现任职责;可换用新的机构表(旧表留存)",
        "Organisations with departments, villages, stations and who has which duty; takes a new tree",
    )


def units(
    call: Call,
    new: Annotated[
        Path | None,
        typer.Option(
            "--set",
            metavar=text("文件", "FILE"),
            help=text("自此按此文件(先用 --file 取得现行的)", "from now on as this file says (see --file)"),
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar=text("文件", "FILE"),
            help=text("把现行机构表写成文件,供修改", "write the present tree to a file, to be edited"),
        ),
    ] = None,
) -> None:
    from api.named_subjects import people_named
    from api.outgoing import write_new
    from ledger.people_view import people
    from ledger.unit_store import tree_versions
    from ledger.units import pretty_units

    with opened_ledger(call) as ledger:
        if new is not None:
            _put(ledger, new)
        versions, known = tree_versions(ledger), people(ledger)
        named = people_named(ledger, call.home, {one.agent for one in known})
    if not versions:
        raise CommandError(
            "UNITS_NONE",
            "本总账还没有机构表。请用 archive-ledger units --set 文件 给出。",
            "This ledger has no tree of units yet. Give it with: archive-ledger units --set FILE",
            Exit.DATA,
        )
    if file is not None:
        write_new(file, pretty_units(versions[-1].tree).encode(), force=False)
    _tell(call, versions, known, named)


def given_or_sample(path: Path | None, organisations: dict[str, tuple[str, str]]) -> UnitTree:
    """What `init` begins with. Raises UnitsRefusedError, CommandError UNITS_FILE."""
    from ledger.units import read_units, sample_units

    if path is not None:
        return read_units(_octets(path), organisations)
    data = (importlib.resources.files("api") / "data" / _SAMPLE).read_bytes()
    sample = read_units(data, _msps(data))
    return sample_units(sample, organisations)


def unit_named(ledger: Ledger, given: str | None) -> str | None:
    """The id of the unit with this code, name or id. Raises CommandError UNIT_NAMED."""
    from ledger.unit_store import current_tree

    if given is None:
        return None
    last = current_tree(ledger)
    found = last.tree.named(given) if last else ()
    if len(found) == 1:
        return found[0].id
    if UUID.match(given):
        # Whether it is one of the tree, the ledger says; a former one may still be released from.
        return given
    fitting = found or (last.tree.units if last else ())
    zh = "、".join(f"{one.zh}({one.code})" for one in fitting[:_NAMED]) or "机构表还没有"
    en = ", ".join(one.code for one in fitting[:_NAMED])
    raise CommandError(
        "UNIT_NAMED",
        f"--unit “{given}”{'有几个单位同名,请写代码' if found else '不是机构表中的单位'}:{zh}。",
        f"--unit '{given}' is {'several units' if found else 'no unit of the tree'}: {en or 'none yet'}.",
    )


def _put(ledger: Ledger, path: Path) -> None:
    from ledger.unit_store import current_tree, put_tree
    from ledger.units import read_units

    organisations = known_organisations(ledger.settings.connection_path(ledger.paths.home))
    former = current_tree(ledger)
    known = set(organisations) or set(ledger.settings.kinds) | {ledger.settings.operator}
    put_tree(ledger, read_units(_octets(path), known, former.tree if former else None))


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(
            "UNITS_FILE",
            f"机构表读不出:{path}:{error.strerror}。请核对路径和权限。",
            f"The file of units cannot be read: {path}: {error.strerror}. Check path and permissions.",
        ) from error


def _msps(data: bytes) -> set[str]:
    import json

    return {one["organisation"] for one in json.loads(data)["units"]}


def _tell(call: Call, versions: tuple[TreeVersion, ...], known: tuple[PersonView, ...], named: Names) -> None:
    last = versions[-1]
    call.out.document(
        {
            "version": last.number,
            "since": last.at,
            "former": [{"version": one.number, "since": one.at} for one in versions[:-1]],
            "units": [
                {
                    "id": one.id,
                    "code": one.code,
                    "kind": one.kind,
                    "organisation": one.organisation,
                    "parent": one.parent,
                    "zh": one.zh,
                    "en": one.en,
                    "holders": [
                        {
                            "agent": person.agent,
                            "name": person.name,
                            "duty": term.duty,
                            "organisation": term.iss,
                            "until": term.until,
                        }
                        for person, term in holders(known, one.id, one.organisation, root=depth == 0)
                    ],
                }
                for depth, one in last.tree.walk()
            ],
        }
    )
    for depth, one in last.tree.walk():
        duties: dict[str, list[str]] = {}
        for who, term in holders(known, one.id, one.organisation, root=depth == 0):
            duties.setdefault(who.agent, []).append(f"{_duty(term)}{_by(call, term, one)}")
        comma = text("、", ", ")
        held = [
            text("{}:{}", "{}: {}").format(person(agent, named), comma.join(of))
            for agent, of in duties.items()
        ]
        words = text(*KIND_WORDS[one.kind])
        name = text(one.zh, one.en)
        line = f"{'  ' * depth}{name}  [{one.code}] {words}"
        call.out.say(line, line)
        for of_one in held:
            line = f"{'  ' * (depth + 2)}{of_one}"
            call.out.say(line, line)


def holders(
    known: tuple[PersonView, ...], unit: str, organisation: str, *, root: bool
) -> list[tuple[PersonView, Term]]:
    """Who has a duty there now; an organisation's own also those who have one for all of it."""
    return [
        (person, term)
        for person in known
        for term in person.now
        if term.unit == unit or (root and term.unit is None and term.iss == organisation)
    ]


def _by(call: Call, term: Term, unit: Unit) -> str:
    """Who appointed, if it was not the unit's own organisation."""
    from api.people_command import named

    if term.iss == unit.organisation:
        return ""
    return text("({}任命)", " (appointed by {})").format(named(call.home, term.iss))


def _duty(term: Term) -> str:
    return text(duty_words()[term.duty].zh, duty_words()[term.duty].en)
