"""Certificates of people by the wrong authority, or by the right one at the wrong time."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from typing import Any

import pytest

from tests.verifier.evidence_attacks import Attacks, assert_refused
from tests.verifier.fabric.forge import seal
from tests.verifier.fabric.forge_channel import config_envelope
from tests.verifier.fabric.forge_keys import END, START, certificate, name, new_key, orgs
from tests.verifier.forge_evidence import Script
from tests.verifier.forge_people import Person, person

DAY = datetime.timedelta(days=1)
LOGGED = datetime.datetime(2026, 1, 12, tzinfo=datetime.UTC)


def _signed_by(start: datetime.datetime, end: datetime.datetime) -> Script:
    """The township's person CA is in date from `start` to `end`; what it issued, long before and after."""
    town = orgs()[0]
    key, subject = new_key(), name(town.title, "person CA of a time")
    authority = certificate(subject, key, subject, key, ca=True, start=start, end=end)

    @functools.cache
    def of(who: str, role: str) -> Person:
        known = person(who, role=role)
        issued = known.holder.certificate.subject
        holder = certificate(issued, new_key(), subject, key, ca=False, start=START, end=END)
        return dataclasses.replace(known, holder=holder)

    changed = (dataclasses.replace(town, person_ca=authority), *orgs()[1:])
    block = seal(9, b"\x09" * 32, [config_envelope(changed, 2, town)], 9)
    return Script(
        people={
            "clerk": of("clerk", "person"),
            "committee": of("committee", "person"),
            "service": of("service", "service"),
            "registrar": of("registrar 0", "registrar"),
        },
        configurations=lambda blocks: blocks.__setitem__(1, block),
    )


def _clerk(**changes: Any) -> Script:
    return Script(people={"clerk": person("clerk", **changes)})


def _for_another(issuing: int) -> Script:
    """A certificate by another organisation's person CA, for a statement in the township's name."""
    theirs = person("clerk", issuing)
    return Script(people={"clerk": dataclasses.replace(theirs, msp=orgs()[0].msp)})


ATTACKS: Attacks = {
    "a person CA that had expired": (
        _signed_by(START, LOGGED - DAY),
        {"signature CERTIFICATE_ISSUER_DATE"},
    ),
    "a person CA that was not yet in date": (
        _signed_by(LOGGED + DAY, END),
        {"signature CERTIFICATE_ISSUER_DATE"},
    ),
    "another organisation's person CA": (_for_another(1), {"signature CERTIFICATE_ISSUER"}),
    "the node CA": (_clerk(issuer="node_ca"), {"signature CERTIFICATE_ISSUER"}),
    "a node's role": (_clerk(role="peer"), {"signature CERTIFICATE_SUBJECT"}),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused(attack: str) -> None:
    script, expected = ATTACKS[attack]
    assert_refused(script, expected)
