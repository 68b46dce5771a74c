"""The certificate authorities of each organisation, and what they issue when a network is made.

Three self-signed CAs an organisation, each for one thing:

- *node* issues what acts on the network: orderer, peer, admin and clients. All four NodeOU identifiers
  of the MSP carry its certificate, so that only what it issued can have a role.
- *person* issues to people and services that sign statements. It is a root of the MSP, so that its
  certificate stands in the channel's configuration, yet nothing it issues has a role there.
- *tls* only secures connections. A root of its own, because TLS keys lie on every machine that listens:
  a stolen one must not chain to a root of the MSP, and rolling it must not touch a node's identity.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from network.certificates import (
    Authority,
    Pair,
    certificate_pem,
    issue_node,
    issue_tls,
    key_pem,
    make_authority,
    pinned_client,
)
from network.consortium import Organisation
from network.errors import NetworkError
from network.files import write_file, write_key
from network.layout import Layout

AUTHORITIES = ("node", "person", "tls")
# Identity name -> organisational units, in the certificate's order. The unit `ledger` is the role that
# may anchor; `reader` is a plain client.
IDENTITIES: dict[str, tuple[str, ...]] = {
    "orderer": ("orderer",),
    "peer": ("peer",),
    "admin": ("admin",),
    "ledger": ("client", "ledger"),
    "reader": ("client",),
}
LISTENERS = ("orderer", "peer", "chaincode")
# Who may call an orderer's admin endpoint, and who a chaincode: one pinned certificate each.
PINNED = ("orderer-admin", "chaincode-client")


@dataclass(frozen=True)
class Certificates:
    """An organisation's CA certificates, PEM."""

    node: bytes
    person: bytes
    tls: bytes


def make_organisation(layout: Layout, organisation: Organisation, hosts: Mapping[str, str]) -> None:
    """Makes all CAs, identities and TLS certificates of one organisation. `hosts` gives each
    listener's host, for its SAN."""
    msp = organisation.msp
    made: dict[str, Authority] = {}
    for kind in AUTHORITIES:
        made[kind] = make_authority(organisation.name.zh, f"{msp} {kind} CA")
        folder = layout.authority(msp)
        write_file(folder / f"{kind}.pem", made[kind].pem)
        write_key(folder / f"{kind}.key", key_pem(made[kind].key))
    for identity, units in IDENTITIES.items():
        pair = issue_node(made["node"], f"{identity}.{msp}", units)
        _write_pair(layout.identity(msp, identity), "certificate.pem", "key.pem", pair)
    for listener in LISTENERS:
        _write_pair(
            layout.identity(msp, listener),
            "tls.pem",
            "tls.key",
            issue_tls(made["tls"], f"{listener}.{msp}", hosts[listener]),
        )
    for client in PINNED:
        _write_pair(layout.identity(msp, client), "tls.pem", "tls.key", pinned_client(f"{client}.{msp}"))


def certificates(layout: Layout, msp: str) -> Certificates:
    folder = layout.authority(msp)
    return Certificates(*((folder / f"{kind}.pem").read_bytes() for kind in AUTHORITIES))


def person_authorities(layout: Layout, msp: str) -> tuple[bytes, ...]:
    """The organisation's person CAs, PEM: its own, then those added to it as `ca/person-*.pem`, by name.

    Raises NetworkError when a file is not one self-signed CA certificate.
    """
    folder = layout.authority(msp)
    found = []
    for path in (folder / "person.pem", *sorted(folder.glob("person-*.pem"))):
        try:
            (certificate,) = x509.load_pem_x509_certificates(path.read_bytes())
            certificate.verify_directly_issued_by(certificate)
            if not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                raise ValueError("not a CA")
        except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as error:
            raise NetworkError(
                f"{path} 不是一张自签的人员证书机构证书(PEM):{error}。请换成正确的证书,或移走该文件。",
                f"{path} is not one self-signed person CA certificate (PEM): {error}. "
                "Put the right one there, or move the file away.",
            ) from error
        found.append(certificate_pem(certificate))
    return tuple(found)


_KINDS = {"node": "节点", "person": "人员", "tls": " TLS "}


def load_authority(layout: Layout, msp: str, kind: str) -> Authority:
    """Raises NetworkError when the CA's files are not there or do not hold a P-256 key."""
    folder = layout.authority(msp)
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{kind}.pem").read_bytes())
        return Authority(certificate, load_key(folder / f"{kind}.key"))
    except FileNotFoundError as error:
        raise NetworkError(
            f"这里没有机构 {msp} 的{_KINDS[kind]}证书机构({folder})。"
            "请先建网络(archive-ledger network up),或从备份恢复该目录。",
            f"The {kind} CA of {msp} is not here ({folder}). "
            "Bring the network up first (archive-ledger network up), or restore that folder from a back-up.",
        ) from error
    except (OSError, ValueError) as error:
        raise NetworkError(
            f"读不出机构 {msp} 的{_KINDS[kind]}证书机构({folder}):{error}。请先建网络,或从备份恢复该目录。",
            f"Cannot read the {kind} CA of {msp} in {folder}: {error}. "
            "Bring the network up first, or restore that folder from a back-up.",
        ) from error


def load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Raises OSError, or ValueError when it is not an unencrypted EC key."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} is not an elliptic-curve key")
    return key


def _write_pair(folder: Path, certificate: str, key: str, pair: Pair) -> None:
    write_file(folder / certificate, certificate_pem(pair.certificate))
    write_key(folder / key, key_pem(pair.key))
