"""A new key and certificate for an identity of the network: made aside, and put in place when they count."""

from __future__ import annotations

import shutil
from pathlib import Path

from cryptography import x509

from network.ca import IDENTITIES
from network.certificates import Authority, certificate_pem, issue_node, key_pem
from network.files import write_file, write_key

_NEXT = "next"
_OLD = "replaced.pem"


def pending_successor(
    folder: Path, authority: Authority, identity: str, msp: str
) -> tuple[Path, x509.Certificate]:
    """The folder of the identity's successor, and the certificate that it replaces. Made now, unless one was
    made before and not yet discarded: then it is that one, so that who is interrupted goes on."""
    made = folder / _NEXT
    if not (made / "certificate.pem").exists():
        pair = issue_node(authority, f"{identity}.{msp}", IDENTITIES[identity])
        write_file(made / _OLD, (folder / "certificate.pem").read_bytes())
        write_key(made / "key.pem", key_pem(pair.key))
        # Last: where there is a certificate, the rest is there.
        write_file(made / "certificate.pem", certificate_pem(pair.certificate))
    return made, x509.load_pem_x509_certificate((made / _OLD).read_bytes())


def put_in_place(folder: Path, successor: Path) -> x509.Certificate:
    """The successor's key and certificate, written over the old ones."""
    write_key(folder / "key.pem", (successor / "key.pem").read_bytes())
    certificate = (successor / "certificate.pem").read_bytes()
    write_file(folder / "certificate.pem", certificate)
    return x509.load_pem_x509_certificate(certificate)


def discard(folder: Path) -> None:
    """What lies aside is no longer needed."""
    shutil.rmtree(folder / _NEXT)
