"""People and services whose keys lie on this machine, each in home/people/<agent>/.

`person.json`, `key.pem` (encrypted), `certificate.pem`. While a certificate is being renewed, `next/` holds
the request and, for a new key, that key.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ledger.durable import sync_folder, write_durably
from ledger.keys import (
    SigningKey,
    certificate_of,
    certificate_request,
    create_key,
    load_key,
    load_signing_key,
    public_octets,
    read_certificate,
)
from verifier.canonical import encode, parse
from verifier.certificate import ROLES, Signer
from verifier.errors import CallerError, EvidenceError
from verifier.shape import MSP_ID, UUID, members

_MEMBERS = ("agent", "duty", "msp", "name", "role")


@dataclass(frozen=True)
class Person:
    """`role`: person, registrar or service. `name` and `duty` never leave this machine but as disclosures."""

    agent: str
    msp: str
    role: str
    name: str
    duty: str


def enrol(home: Path, person: Person, passphrase: bytes) -> bytes:
    """Make the person's folder and key; the certificate request (PEM) to hand to the person CA.

    Raises CallerError PERSON_EXISTS, PERSON_FORM, and those of `create_key`.
    """
    folder = _folder(home, person.agent)
    if (folder / "person.json").exists():
        raise CallerError("PERSON_EXISTS", person.agent)
    data = encode({name: getattr(person, name) for name in _MEMBERS})
    try:
        _read(data)
    except EvidenceError as error:
        raise CallerError("PERSON_FORM", error.at, error.expected, error.found) from error
    (folder / "next").mkdir(parents=True, exist_ok=True, mode=0o700)
    # What an interrupted enrolment left was never certified.
    for name in ("key.pem", "next/key.pem"):
        (folder / name).unlink(missing_ok=True)
    key = create_key(folder / "next" / "key.pem", passphrase)
    request = _request(folder, key, person.agent)
    write_durably(folder / "person.json", data)
    sync_folder(folder.parent)
    sync_folder(home)
    return request


def renew(home: Path, agent: str, passphrase: bytes, *, new_key: bool) -> bytes:
    """A certificate request (PEM) for the present key or for a new one; until then the old one signs.

    Raises CallerError PERSON_UNKNOWN and those of `load_key` and `create_key`.
    """
    read_person(home, agent)
    folder = _folder(home, agent)
    key = load_key(folder / "key.pem", passphrase)
    _begin_next(folder)
    if new_key:
        key = create_key(folder / "next" / "key.pem", passphrase)
    return _request(folder, key, agent)


def replace_lost(home: Path, agent: str, passphrase: bytes) -> bytes:
    """A certificate request (PEM) for a new key, where nobody can open the old one any more.

    Raises CallerError PERSON_UNKNOWN and those of `create_key`.
    """
    read_person(home, agent)
    folder = _folder(home, agent)
    _begin_next(folder)
    return _request(folder, create_key(folder / "next" / "key.pem", passphrase), agent)


def _begin_next(folder: Path) -> None:
    (folder / "next").mkdir(exist_ok=True, mode=0o700)
    # The request first: a certificate that answers it would be of a key that is gone.
    for name in ("request.pem", "key.pem"):
        (folder / "next" / name).unlink(missing_ok=True)


def pending_request(home: Path, agent: str) -> bytes | None:
    """The certificate request (PEM) that no certificate has answered yet."""
    path = _folder(home, agent) / "next" / "request.pem"
    return path.read_bytes() if path.exists() else None


def install_certificate(home: Path, agent: str, pem: bytes) -> Signer:
    """Take the certificate that answers the last request into use, and a new key with it. May be repeated.

    Raises CallerError PERSON_UNKNOWN, CERTIFICATE_UNREADABLE, CERTIFICATE_NOT_REQUESTED.
    """
    person = read_person(home, agent)
    folder = _folder(home, agent)
    signer = certificate_of(pem, "certificate")
    if (signer.agent, signer.role) != (agent, person.role):
        raise CallerError(
            "CERTIFICATE_NOT_REQUESTED", agent, f"{agent} {person.role}", f"{signer.agent} {signer.role}"
        )
    next_ = folder / "next"
    try:
        request = x509.load_pem_x509_csr((next_ / "request.pem").read_bytes())
    except FileNotFoundError:
        present = certificate(home, agent)
        if not next_.exists() or present is None or present.der != signer.der:
            raise CallerError("CERTIFICATE_NOT_REQUESTED", agent, "a request") from None
        # Only the tidying up was interrupted.
        shutil.rmtree(next_)
        return signer
    requested = request.public_key()
    if not isinstance(requested, ec.EllipticCurvePublicKey) or public_octets(requested) != public_octets(
        signer.key
    ):
        raise CallerError("CERTIFICATE_NOT_REQUESTED", agent, "the requested key")
    # Between the two renames key and certificate differ; the request is still there, so this can be repeated.
    if (next_ / "key.pem").exists():
        (next_ / "key.pem").rename(folder / "key.pem")
    write_durably(folder / "certificate.pem", pem)
    # With whatever a process killed while it wrote there has left.
    shutil.rmtree(next_)
    return signer


def signing_key(home: Path, agent: str, passphrase: bytes) -> SigningKey:
    """Raises CallerError PERSON_UNKNOWN and those of `load_signing_key`."""
    person, folder = read_person(home, agent), _folder(home, agent)
    return load_signing_key(folder / "key.pem", folder / "certificate.pem", passphrase, person.msp)


def certificate(home: Path, agent: str) -> Signer | None:
    """The certificate in use; None while the first one has not come."""
    path = _folder(home, agent) / "certificate.pem"
    return read_certificate(path) if path.exists() else None


def list_people(home: Path) -> tuple[Person, ...]:
    """By organisation and name."""
    root = home / "people"
    found = [read_person(home, p.parent.name) for p in root.glob("*/person.json")] if root.is_dir() else []
    return tuple(sorted(found, key=lambda person: (person.msp, person.name, person.agent)))


def read_person(home: Path, agent: str) -> Person:
    """Raises CallerError PERSON_UNKNOWN, PERSON_FORM."""
    try:
        return _read((_folder(home, agent) / "person.json").read_bytes())
    except FileNotFoundError:
        raise CallerError("PERSON_UNKNOWN", agent) from None
    except EvidenceError as error:
        raise CallerError("PERSON_FORM", error.at, error.expected, error.found) from error


def find_person(home: Path, text: str) -> Person:
    """The one person with this name, or whose agent uuid begins so.

    Raises CallerError PERSON_UNKNOWN, PERSON_SEVERAL.
    """
    people = list_people(home)
    found = [p for p in people if p.name == text] or [p for p in people if text and p.agent.startswith(text)]
    if len(found) != 1:
        code = "PERSON_SEVERAL" if found else "PERSON_UNKNOWN"
        raise CallerError(code, text, found=", ".join(f"{p.name} {p.agent[:8]}" for p in found))
    return found[0]


def _folder(home: Path, agent: str) -> Path:
    """An agent's uuid is a plain file name; anything else is nobody's."""
    if not UUID.match(agent):
        raise CallerError("PERSON_UNKNOWN", agent, UUID.pattern)
    return home / "people" / agent


def _request(folder: Path, key: ec.EllipticCurvePrivateKey, agent: str) -> bytes:
    pem = certificate_request(key, agent)
    write_durably(folder / "next" / "request.pem", pem)
    return pem


def _read(data: bytes) -> Person:
    m = members(parse(data, "person.json"), "person.json", _MEMBERS)
    return Person(
        agent=m.text("agent", UUID),
        msp=m.text("msp", MSP_ID),
        role=m.one_of("role", ROLES),
        name=m.text("name"),
        duty=m.text("duty"),
    )
