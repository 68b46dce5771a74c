"""People of a network made on this machine: certified by its CAs, enrolled by its registrars, appointed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from api.registrars import Newcomer, enrol_by_both
from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.people import Person, enrol, install_certificate, signing_key
from network.people import issue_person_certificate
from verifier.certificate import read_signer

PASSPHRASE = b"for tests only"
TOWN, ARCHIVE, AUDIT, JUSTICE = "QingheTownship", "YunlingArchives", "YunlingAudit", "YunlingJustice"
KINDS = {TOWN: "township", ARCHIVE: "archive", AUDIT: "audit", JUSTICE: "justice"}
# What somebody of each organisation is appointed to where a test says nothing else.
USUAL = {
    TOWN: ("village_archivist", "department_reviewer", "township_archivist", "counter_clerk"),
    ARCHIVE: ("authority_reviewer", "counter_clerk"),
    AUDIT: ("auditor",),
    JUSTICE: ("mediator",),
}


def certified(home: Path, ca: Path, msp: str, name: str, role: str = "person", days: int = 365) -> SigningKey:
    """With a key in `home`, certified by `msp`'s person CA of the network at `ca`, and not enrolled."""
    agent = str(uuid.uuid4())
    request = enrol(home, Person(agent, msp, role, name, "档案员"), PASSPHRASE)
    install_certificate(home, agent, issue_person_certificate(ca, msp, request, agent, role, days))
    return signing_key(home, agent, PASSPHRASE)


def enrol_all(
    ledger: Ledger, ca: Path, keys: Sequence[SigningKey], duties: Sequence[str] | None = None
) -> None:
    """In one call. `duties`: of each; None for the usual ones."""
    assert enrol_by_both(
        ledger,
        ca,
        [
            Newcomer(
                key.agent,
                key.iss,
                read_signer(key.certificate_der).key_sha256,
                duties=USUAL[key.iss] if duties is None else tuple(duties),
            )
            for key in keys
        ],
    )
