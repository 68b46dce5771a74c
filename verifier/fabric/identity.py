"""Who signed: a serialized identity judged under a configuration at a time. docs/formats.md section 13.

Fabric's rule: the issuing CA is one of the MSP's roots, not revoked, and exactly one OU of the certificate is
one of the four node roles. Ours: that root is the *node* CA, and certificate and CA are in date at the time
in question, which the network does not ask of everyone.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from verifier.certificate import issued_by
from verifier.errors import EvidenceError, found_text
from verifier.fabric.certificates import is_authority, read_certificate
from verifier.fabric.messages import SerializedIdentity
from verifier.fabric.organisation import ROLES, Organisation
from verifier.fabric.wire import read
from verifier.shape import datetime_of


@dataclass(frozen=True)
class NodeIdentity:
    """`role`: admin, client, orderer or peer. `units`: all OUs of the certificate, `role` among them."""

    msp: str
    role: str
    units: tuple[str, ...]
    certificate: x509.Certificate


def read_node_identity(
    serialized: bytes, organisations: dict[str, Organisation], when: str, at: str
) -> NodeIdentity:
    """`serialized`: a SerializedIdentity; `when`: an instant.

    Raises EvidenceError WIRE_…, NODE_MSP_UNKNOWN, NODE_CERTIFICATE_FORM, NODE_CERTIFICATE_ISSUER,
    NODE_CERTIFICATE_REVOKED, NODE_CERTIFICATE_ROLE, NODE_CERTIFICATE_DATE.
    """
    identity = read(SerializedIdentity, serialized, at)
    organisation = organisations.get(identity.mspid)
    if organisation is None:
        raise EvidenceError("NODE_MSP_UNKNOWN", at, " ".join(organisations), found_text(identity.mspid))
    certificate = read_certificate(identity.id_bytes, at)
    role = check_node(certificate, organisation, at)
    if certificate.serial_number in organisation.revoked:
        raise EvidenceError("NODE_CERTIFICATE_REVOKED", at, found=f"{certificate.serial_number:x}")
    for held in (certificate, organisation.node_ca):
        check_in_date(held, when, at)
    return NodeIdentity(identity.mspid, role, _units(certificate), certificate)


def check_node(certificate: x509.Certificate, organisation: Organisation, at: str) -> str:
    """The node role of a certificate that the organisation's node CA issued. Date and CRL are not looked at.

    Raises EvidenceError NODE_CERTIFICATE_ISSUER, NODE_CERTIFICATE_ROLE.
    """
    if is_authority(certificate) or not issued_by(certificate, organisation.node_ca):
        raise EvidenceError("NODE_CERTIFICATE_ISSUER", at, f"issued by the node CA of {organisation.msp}")
    roles = [unit for unit in _units(certificate) if unit in ROLES]
    if len(roles) != 1:
        raise EvidenceError("NODE_CERTIFICATE_ROLE", at, f"one of {' '.join(ROLES)}", " ".join(roles))
    return roles[0]


def check_role(identity: NodeIdentity, role: str, at: str) -> None:
    """Raises EvidenceError NODE_CERTIFICATE_ROLE."""
    if identity.role != role:
        raise EvidenceError("NODE_CERTIFICATE_ROLE", at, role, identity.role)


def check_in_date(certificate: x509.Certificate, when: str, at: str) -> None:
    """Raises EvidenceError NODE_CERTIFICATE_DATE."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    instant: datetime.datetime = datetime_of(when)
    if not first <= instant <= last:
        span = f"{first.isoformat()} … {last.isoformat()}"
        raise EvidenceError("NODE_CERTIFICATE_DATE", at, span, when)


def _units(certificate: x509.Certificate) -> tuple[str, ...]:
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return tuple(str(attribute.value) for attribute in found)
