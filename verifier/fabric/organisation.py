"""An organisation as the channel's configuration defines it: its MSP. docs/formats.md sections 9 and 13.

Roots: one *node* CA, the certificate that all four NodeOU identifiers carry, and any number of *person* CAs.
Fabric gives a node role only to what that one CA issued. Any other shape cannot be checked here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from verifier.errors import EvidenceError, found_text
from verifier.fabric.certificates import UNREADABLE, public_key, read_authority
from verifier.fabric.config_messages import FabricMSPConfig, FabricNodeOUs, MSPConfig
from verifier.fabric.wire import read
from verifier.shape import MSP_ID

ROLES = ("admin", "client", "orderer", "peer")


@dataclass(frozen=True)
class Organisation:
    """`name`: the O of the node CA's subject. `revoked`: serial numbers that the node CA's CRLs list."""

    msp: str
    name: str
    node_ca: x509.Certificate
    person_cas: tuple[x509.Certificate, ...]
    revoked: frozenset[int]


def read_organisation(value: bytes, at: str) -> Organisation:
    """`value`: an MSPConfig, as the configuration's value "MSP" holds it.

    Raises EvidenceError WIRE_…, CONFIG_MSP, CONFIG_NODE_OU, CONFIG_CRL, AUTHORITY_FORM.
    """
    kind = read(MSPConfig, value, at)
    if kind.type != 0:
        raise EvidenceError("CONFIG_MSP", f"{at}.type", "0", str(kind.type))
    msp = read(FabricMSPConfig, kind.config, at)
    _check_plain(msp, at)
    roots = [read_authority(pem, f"{at}.root_certs[{n}]") for n, pem in enumerate(msp.root_certs)]
    if len(set(msp.root_certs)) != len(msp.root_certs):
        raise EvidenceError("CONFIG_MSP", f"{at}.root_certs", "no repeats")
    node_pem = _node_certificate(msp.fabric_node_ous, at)
    if node_pem not in msp.root_certs:
        raise EvidenceError("CONFIG_NODE_OU", at, "a certificate among the roots")
    node_ca = roots.pop(msp.root_certs.index(node_pem))
    return Organisation(
        msp=msp.name,
        name=_display_name(node_ca, msp.name),
        node_ca=node_ca,
        person_cas=tuple(roots),
        revoked=_revoked(msp.revocation_list, node_ca, at),
    )


def _check_plain(msp: FabricMSPConfig, at: str) -> None:
    if not MSP_ID.match(msp.name):
        raise EvidenceError("CONFIG_MSP", f"{at}.name", MSP_ID.pattern, found_text(msp.name))
    if msp.intermediate_certs or msp.organizational_unit_identifiers or msp.signing_identity:
        raise EvidenceError("CONFIG_MSP", at, "no intermediate CA, no other OU rule, no signing identity")
    crypto = msp.crypto_config
    if crypto is None or crypto.signature_hash_family != "SHA2":
        raise EvidenceError("CONFIG_MSP", f"{at}.crypto_config", "SHA2")


def _node_certificate(units: FabricNodeOUs | None, at: str) -> bytes:
    """The PEM that all four identifiers carry."""
    if units is None or not units.enable:
        raise EvidenceError("CONFIG_NODE_OU", at, "NodeOUs enabled")
    identifiers = {
        "admin": units.admin_ou_identifier,
        "client": units.client_ou_identifier,
        "orderer": units.orderer_ou_identifier,
        "peer": units.peer_ou_identifier,
    }
    certificates = set()
    for role, identifier in identifiers.items():
        if identifier is None or identifier.organizational_unit_identifier != role:
            raise EvidenceError("CONFIG_NODE_OU", at, f"an identifier for the OU {role}")
        certificates.add(identifier.certificate)
    # An identifier without a certificate would let every root of the MSP, person CAs too, make nodes.
    if len(certificates) != 1 or b"" in certificates:
        raise EvidenceError("CONFIG_NODE_OU", at, "one certificate in all four identifiers")
    return certificates.pop()


def _display_name(node_ca: x509.Certificate, msp: str) -> str:
    names = [str(a.value) for a in node_ca.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    # Whatever is not plainly printable could pose as another organisation's name on paper.
    return names[0] if len(names) == 1 and names[0].isprintable() and len(names[0]) <= 100 else msp


def _revoked(lists: tuple[bytes, ...], node_ca: x509.Certificate, at: str) -> frozenset[int]:
    """Fabric takes every listed serial number as revoked, at once and for every reason."""
    serials: set[int] = set()
    key = node_ca.public_key()
    for n, pem in enumerate(lists):
        place = f"{at}.revocation_list[{n}]"
        try:
            crl = x509.load_pem_x509_crl(pem)
            listed = [entry.serial_number for entry in crl]
            issuer = crl.issuer
            signed = isinstance(key, ec.EllipticCurvePublicKey) and crl.is_signature_valid(key)
        except UNREADABLE as error:
            raise EvidenceError("CONFIG_CRL", place, found=found_text(str(error))) from None
        if issuer != node_ca.subject:
            continue
        if not signed:
            raise EvidenceError("CONFIG_CRL", place, "signed by the node CA")
        serials.update(listed)
    return frozenset(serials)


def check_distinct_authorities(organisations: Iterable[Organisation], at: str) -> None:
    """Raises EvidenceError CONFIG_SHARED_AUTHORITY if one CA key stands for two CAs.

    Then a person CA could make nodes, or one organisation could sign for another.
    """
    keys = [(public_key(ca), o.msp) for o in organisations for ca in (o.node_ca, *o.person_cas)]
    keys.sort()
    for (first, one), (second, other) in itertools.pairwise(keys):
        if first == second:
            raise EvidenceError("CONFIG_SHARED_AUTHORITY", at, "a key for each CA", f"{one} {other}")
