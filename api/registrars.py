"""Registrars of a network whose organisations all lie on this machine: the sample consortium.

There one person plays all four organisations, and every CA's key lies in the network's folder; the
registrars' keys lie beside them, with their passphrase. Where organisations are apart, each registrar has a
key of their own and signs by `archive-ledger key`.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.accept import accept
from ledger.appoint import DutyChange, duty_statement
from ledger.durable import create_durably
from ledger.enrol_key import KeyChange, by_both, keys_of
from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.people import Person, certificate, enrol, install_certificate, list_people, signing_key
from ledger.submission import Submission
from verifier.people import ENROL, REVOKE

NAME = "登记员"
_DAYS = 1825


@dataclass(frozen=True)
class Newcomer:
    """Whose key is to be enrolled. `replaced`: keys of theirs that are then revoked, for `reason`.
    `duties`: to be appointed to, in department or village `unit` if one is named."""

    agent: str
    msp: str
    key: bytes
    replaced: tuple[bytes, ...] = ()
    reason: str = "replaced"
    duties: tuple[str, ...] = ()
    unit: str | None = None


def two_registrars(ca: Path, msp: str) -> tuple[SigningKey, SigningKey] | None:
    """Of `msp` and of another organisation; None where the network at `ca` has not both CAs."""
    from network.layout import layout

    places = layout(ca)
    folders = places.authority(msp).parent.parent.glob("*/ca/person.key")
    others = sorted({path.parent.parent.name for path in folders})
    if msp not in others or len(others) < 2:
        return None
    other = next(one for one in others if one != msp)
    return _registrar(ca, msp), _registrar(ca, other)


def _registrar(ca: Path, msp: str) -> SigningKey:
    from network.layout import layout
    from network.people import issue_person_certificate

    folder = layout(ca).root / "registrars"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret_path = folder / "passphrase"
    if not secret_path.exists():
        create_durably(secret_path, secrets.token_hex(32).encode())
    secret = secret_path.read_bytes()
    known = [person.agent for person in list_people(folder) if person.msp == msp]
    agent = next((one for one in known if certificate(folder, one) is not None), None)
    if agent is None:
        agent = str(uuid.uuid4())
        request = enrol(folder, Person(agent, msp, "registrar", NAME, ""), secret)
        pem = issue_person_certificate(ca, msp, request, agent, "registrar", _DAYS)
        install_certificate(folder, agent, pem)
    return signing_key(folder, agent, secret)


def enrol_by_both(ledger: Ledger, ca: Path, newcomers: Sequence[Newcomer]) -> bool:
    """In one call: whose keys these are, by registrars of two organisations, and the duties; what is enrolled
    stays so.

    False where the network at `ca` has not all these organisations' CAs: then their registrars must say it
    themselves.
    """
    registrars = {msp: two_registrars(ca, msp) for msp in sorted({one.msp for one in newcomers})}
    said: list[Submission] = []
    for one in newcomers:
        both = registrars[one.msp]
        if both is None:
            return False
        for change in _changes(ledger, one):
            said += by_both(ledger, both, NAME, change)
        said += [
            duty_statement(ledger, both[0], NAME, DutyChange(one.agent, duty, one.unit))
            for duty in one.duties
        ]
    if said:
        accept(ledger, said)
    return True


def _changes(ledger: Ledger, one: Newcomer) -> list[KeyChange]:
    known = keys_of(ledger, one.agent).enrolments
    changes = [KeyChange(ENROL, one.agent, one.key)] if one.key not in known else []
    standing = [key for key in one.replaced if key in known and known[key].revoked is None]
    return [*changes, *(KeyChange(REVOKE, one.agent, key, one.reason) for key in standing if key != one.key)]
