"""The certificate revocation list of an organisation's node CA, in the channel's configuration."""

from __future__ import annotations

import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from network.certificates import Authority

CRL_DAYS = 3650


def list_serial(fabric: Any, authority: Authority, serial: int) -> None:
    """Edits a FabricMSPConfig: one CRL of this CA, which holds whatever its earlier ones held (each CRL is
    complete: RFC 5280 section 5), and this serial number."""
    ours: dict[int, datetime.datetime] = {}
    others, number = [], 0
    for pem in fabric.revocation_list:
        crl = x509.load_pem_x509_crl(pem)
        if crl.issuer != authority.certificate.subject:
            others.append(pem)
            continue
        number = max(number, crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
        ours.update({one.serial_number: one.revocation_date_utc for one in crl})
    if serial in ours:
        return
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now)
        .next_update(now + datetime.timedelta(days=CRL_DAYS))
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
        .add_extension(x509.CRLNumber(number + 1), critical=False)
    )
    for one, since in sorted({**ours, serial: now}.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(one).revocation_date(since).build()
        builder = builder.add_revoked_certificate(entry)
    crl = builder.sign(authority.key, hashes.SHA256())
    del fabric.revocation_list[:]
    fabric.revocation_list.extend([*others, crl.public_bytes(Encoding.PEM)])
