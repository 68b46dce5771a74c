"""Registrars of a network whose organisations all lie on this machine: the sample consortium.

There one person plays all four organisations, and every CA's key lies in the network's folder; the
registrars' keys lie beside them, with their passphrase. Where organisations are apart, each registrar has a
key of their own and signs by `archive-ledger key`.
"""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

from ledger.durable import create_durably
from ledger.enrol_key import KeyChange, keys_of, state_key
from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.people import Person, certificate, enrol, install_certificate, list_people, signing_key
from verifier.people import ENROL, REVOKE

NAME = "登记员"
_DAYS = 1825


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


def enrol_by_both(
    ledger: Ledger, ca: Path, msp: str, agent: str, key: bytes, instead_of: bytes | None = None
) -> bool:
    """States that the key is the agent's, by registrars of two organisations; what is enrolled stays so.

    `instead_of`: the key that it replaces, which is then revoked. False where the network at `ca` has not
    both organisations' CAs: then their registrars must say it themselves.
    """
    registrars = two_registrars(ca, msp)
    if registrars is None:
        return False
    known = keys_of(ledger, agent).enrolments
    changes = [KeyChange(ENROL, agent, key)] if key not in known else []
    if instead_of is not None and instead_of in known and known[instead_of].revoked is None:
        changes.append(KeyChange(REVOKE, agent, instead_of, "replaced"))
    for change in changes:
        for registrar in registrars:
            state_key(ledger, registrar, NAME, change)
    return True
