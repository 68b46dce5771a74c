"""The person CA copies nothing from a request but its public key, and lists all it has issued."""

import stat
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from network.ca import LISTENERS, make_organisation
from network.consortium import Organisation, Words
from network.errors import NetworkError
from network.layout import Layout
from network.people import issue_person_certificate, issued

MSP = "QingheTownship"
AGENT = "5f0c9f7e-6f8a-4f41-9f3b-0d6a1c2b3d4e"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home").resolve()
    organisation = Organisation(MSP, Words("青禾镇人民政府", "Qinghe"), Words("经办", "keeps"))
    make_organisation(Layout(folder), organisation, dict.fromkeys(LISTENERS, "127.4.5.6"))
    return folder


def request(key: ec.EllipticCurvePrivateKey, digest: hashes.SHA512 | None = None) -> bytes:
    """A request that asks for more than it is entitled to: a role on the network, and to be a CA."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "admin"),
            x509.NameAttribute(NameOID.COMMON_NAME, "root"),
        ]
    )
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, digest or hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("role", ["person", "service", "registrar"])
def test_the_certificate_is_exactly_what_the_ca_says(home: Path, role: str) -> None:
    key = p256()
    pem = issue_person_certificate(home, MSP, request(key), AGENT, role, 365)
    found = x509.load_pem_x509_certificate(pem)
    assert [(one.oid, one.value) for one in found.subject] == [
        (NameOID.COMMON_NAME, AGENT),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, role),
    ]
    assert found.public_key() == key.public_key()
    authority = x509.load_pem_x509_certificate((Layout(home).authority(MSP) / "person.pem").read_bytes())
    found.verify_directly_issued_by(authority)
    assert {one.oid for one in found.extensions} == {
        x509.BasicConstraints.oid,
        x509.KeyUsage.oid,
        x509.SubjectKeyIdentifier.oid,
        x509.AuthorityKeyIdentifier.oid,
    }
    basic = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca) == (True, False)
    usage = found.extensions.get_extension_for_class(x509.KeyUsage)
    only_signing = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    assert (usage.critical, usage.value) == (True, only_signing)
    now = datetime.now(UTC)
    assert timedelta(minutes=4) < now - found.not_valid_before_utc < timedelta(minutes=6)
    assert timedelta(days=364, hours=23) < found.not_valid_after_utc - now < timedelta(days=365)


def test_every_certificate_is_on_the_issued_list(home: Path) -> None:
    before = issued(home, MSP)
    agent = str(uuid.uuid4())
    pem = issue_person_certificate(home, MSP, request(p256()), agent, "person", 1)
    after = issued(home, MSP)
    assert after[: len(before)] == before
    assert [(one["agent"], one["role"], one["certificate"]) for one in after[len(before) :]] == [
        (agent, "person", pem.decode())
    ]
    assert stat.S_IMODE((Layout(home).authority(MSP) / "person.key").stat().st_mode) == 0o600


def forged() -> bytes:
    """A request whose signature was made for another one."""
    good = x509.load_pem_x509_csr(request(p256())).public_bytes(serialization.Encoding.DER)
    broken = good[:-1] + bytes([good[-1] ^ 1])
    return x509.load_der_x509_csr(broken).public_bytes(serialization.Encoding.PEM)


def other_key(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: b"", "one PEM certificate request"),
        (lambda: b"hello", "one PEM certificate request"),
        (lambda: request(p256()) + request(p256()), "one PEM certificate request"),
        (lambda: b"x" * 20000, "one PEM certificate request"),
        (lambda: request(p256())[:200] + b"\n-----END CERTIFICATE REQUEST-----\n", "cannot be read"),
        (lambda: request(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (lambda: other_key(rsa.generate_private_key(65537, 2048)), "P-256"),
        (lambda: other_key(ed25519.Ed25519PrivateKey.generate()), "P-256"),
        (lambda: request(p256(), hashes.SHA512()), "SHA-256"),
        (forged, "signature does not hold"),
    ],
)
def test_a_bad_request_is_refused_in_words(home: Path, make: Callable[[], bytes], says: str) -> None:
    before = issued(home, MSP)
    with pytest.raises(NetworkError, match=says):
        issue_person_certificate(home, MSP, make(), AGENT, "person", 365)
    assert issued(home, MSP) == before


@pytest.mark.parametrize("agent", ["", "王五", AGENT.upper(), AGENT.replace("-", ""), str(uuid.UUID(int=1))])
def test_an_agent_is_a_version_four_uuid(home: Path, agent: str) -> None:
    with pytest.raises(NetworkError, match="version 4 UUID"):
        issue_person_certificate(home, MSP, request(p256()), agent, "person", 365)


@pytest.mark.parametrize("role", ["", "client", "admin", "peer", "ledger", "Person"])
def test_no_network_role_can_be_had_from_the_person_ca(home: Path, role: str) -> None:
    with pytest.raises(NetworkError, match="role must be one of"):
        issue_person_certificate(home, MSP, request(p256()), AGENT, role, 365)


@pytest.mark.parametrize("days", [-1, 0, 1827, 10_000])
def test_a_life_is_bounded(home: Path, days: int) -> None:
    with pytest.raises(NetworkError, match="1 to 1826 days"):
        issue_person_certificate(home, MSP, request(p256()), AGENT, "person", days)


def test_an_organisation_without_a_ca_is_named(home: Path) -> None:
    with pytest.raises(NetworkError, match="Nobody"):
        issue_person_certificate(home, "Nobody", request(p256()), AGENT, "person", 1)
