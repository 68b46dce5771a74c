"""Killed while a person is enrolled or a key replaced: the person can sign, or can be enrolled."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ledger.keys import load_key
from ledger.people import Person, enrol, install_certificate, pending_request, renew, signing_key
from tests.fire.killing import Say, Scenario
from tests.ledger.ledger_world import TOWN, Authority, new_authority, new_uuid

PASSPHRASE = b"for tests only"
WHO = Person(new_uuid(), TOWN, "person", "王五", "档案员")


def _certified(ca: Authority, request: bytes) -> bytes:
    key = x509.load_pem_x509_csr(request).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return ca.certify(key, WHO.agent, WHO.role, 365).public_bytes(Encoding.PEM)


def _install(ca: Authority, home: Path, request: bytes) -> None:
    install_certificate(home, WHO.agent, _certified(ca, request))


def _enrol(ca: Authority, folder: Path, say: Say) -> None:
    request = enrol(folder, WHO, PASSPHRASE)
    say("enrolled")
    _install(ca, folder, request)
    say("certified")


def _with_ca(folder: Path) -> Authority:
    return new_authority(TOWN)


def _after_enrol(ca: Authority, folder: Path, said: list[str]) -> None:
    own = folder / "people" / WHO.agent
    if not (own / "person.json").exists():
        assert not said
        _install(ca, folder, enrol(folder, WHO, PASSPHRASE))
    _goes_on(ca, folder)


def _with_person(folder: Path) -> Authority:
    ca = _with_ca(folder)
    _install(ca, folder, enrol(folder, WHO, PASSPHRASE))
    return ca


def _renew(ca: Authority, folder: Path, say: Say) -> None:
    before = signing_key(folder, WHO.agent, PASSPHRASE).certificate_der
    request = renew(folder, WHO.agent, PASSPHRASE, new_key=True)
    # Until the answer comes the old key signs.
    assert signing_key(folder, WHO.agent, PASSPHRASE).certificate_der == before
    # Begun again with the present key: what was asked for before must never be answered with.
    assert renew(folder, WHO.agent, PASSPHRASE, new_key=False) != request
    _install(ca, folder, renew(folder, WHO.agent, PASSPHRASE, new_key=True))
    say("renewed")


def _goes_on(ca: Authority, folder: Path) -> None:
    """What was asked for can be answered; key and certificate belong together; nothing else is left."""
    own = folder / "people" / WHO.agent
    if (own / "key.pem").exists():
        load_key(own / "key.pem", PASSPHRASE)
    request = pending_request(folder, WHO.agent)
    if request is not None:
        _install(ca, folder, request)
    signing_key(folder, WHO.agent, PASSPHRASE)
    kept = (own / "certificate.pem").read_bytes()
    if (own / "next").exists() and not any((own / "next").iterdir()):
        # Handed in once more after the interruption, the certificate is simply in use.
        install_certificate(folder, WHO.agent, kept)
        assert not (own / "next").exists()
    _install(ca, folder, renew(folder, WHO.agent, PASSPHRASE, new_key=True))
    signing_key(folder, WHO.agent, PASSPHRASE)
    left = {path.name for path in own.iterdir() if not path.name.endswith(".new")}
    assert left == {"certificate.pem", "key.pem", "person.json"}


ENROL = Scenario(_enrol, _after_enrol, _with_ca)
RENEW = Scenario(_renew, lambda ca, folder, said: _goes_on(ca, folder), _with_person)
