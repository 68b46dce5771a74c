"""X.509 as this network uses it: P-256, ECDSA with SHA-256, random serial numbers, exact subjects."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_YEARS = 20
NODE_YEARS = 5
# Clocks of organisations differ a little: a certificate just issued must hold everywhere at once.
BACKDATED = timedelta(minutes=5)


@dataclass(frozen=True)
class Authority:
    """A self-signed CA."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return certificate_pem(self.certificate)


@dataclass(frozen=True)
class Pair:
    """A certificate and the private key to it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """PKCS8, unencrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def name(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def make_authority(organisation: str, common_name: str) -> Authority:
    """A self-signed root, subject `C=CN, O=<organisation>, CN=<common name>`, path length 0, 20 years."""
    key = new_key()
    subject = name(
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.COMMON_NAME, common_name),
    )
    certificate = (
        _builder(
            subject, subject, key.public_key(), timedelta(days=365 * AUTHORITY_YEARS + AUTHORITY_YEARS // 4)
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign=True, certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def issue_node(authority: Authority, common_name: str, units: Sequence[str]) -> Pair:
    """A signing certificate for the network, with exactly these organisational units, in this order."""
    key = new_key()
    subject = name(
        *((NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units), (NameOID.COMMON_NAME, common_name)
    )
    builder = _leaf(authority, subject, key.public_key(), timedelta(days=365 * NODE_YEARS))
    builder = builder.add_extension(_usage(sign=True), critical=True)
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def issue_tls(authority: Authority, common_name: str, host: str) -> Pair:
    """A TLS certificate for server and client, valid for this address or host name."""
    key = new_key()
    builder = _leaf(
        authority,
        name((NameOID.COMMON_NAME, common_name)),
        key.public_key(),
        timedelta(days=365 * NODE_YEARS),
    )
    builder = builder.add_extension(_usage(sign=True), critical=True)
    builder = builder.add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
        critical=False,
    )
    builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def pinned_client(common_name: str) -> Pair:
    """A self-signed TLS client certificate, for a server that trusts this one certificate and no CA:
    nobody else of the organisation gets in."""
    key = new_key()
    subject = name((NameOID.COMMON_NAME, common_name))
    certificate = (
        _builder(subject, subject, key.public_key(), timedelta(days=365 * NODE_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def issue_person(
    authority: Authority, agent: str, role: str, public_key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.Certificate:
    """Subject exactly `CN=<agent>, OU=<role>`; may sign and nothing else."""
    subject = name((NameOID.COMMON_NAME, agent), (NameOID.ORGANIZATIONAL_UNIT_NAME, role))
    builder = _leaf(authority, subject, public_key, life).add_extension(_usage(sign=True), critical=True)
    return builder.sign(authority.key, hashes.SHA256())


def _leaf(
    authority: Authority, subject: x509.Name, public_key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    issuer = authority.certificate
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _builder(subject, issuer.subject, public_key, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
        )
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
    )


def _usage(sign: bool, certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
