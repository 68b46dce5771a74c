"""The one form that a signer's certificate has: docs/formats.md section 9, octet by octet."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.der import (
    BIT_STRING,
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    PRINTABLE_STRING,
    SEQUENCE,
    SET,
    UTC_TIME,
    UTF8_STRING,
    Der,
)
from verifier.errors import EvidenceError
from verifier.shape import instant

# In DER: [0] { INTEGER 2 }; the algorithm, without parameters; a P-256 key's all but its two coordinates.
_VERSION_3 = bytes.fromhex("a003020102")
_ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_P256_KEY = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_TRUE = bytes.fromhex("0101ff")
_EXTENSIONS, _KEY_IDENTIFIER = 0xA3, 0x80
_MOST_SERIAL, _MOST_KEY_IDENTIFIER = 20, 64  # octets

_COMMON_NAME, _ORGANIZATIONAL_UNIT = bytes.fromhex("550403"), bytes.fromhex("55040b")
_SUBJECT_KEY, _USAGE = bytes.fromhex("551d0e"), bytes.fromhex("551d0f")
_CONSTRAINTS, _AUTHORITY_KEY = bytes.fromhex("551d13"), bytes.fromhex("551d23")
# A Hyperledger Fabric CA puts its attributes here, even when none is asked for: then {"attrs":{}}.
_ATTRIBUTES = bytes.fromhex("2a03040506070801")
# These may be critical. Not a CA; digitalSignature, alone or with contentCommitment; no attribute.
_VALUES = {
    _CONSTRAINTS: ("3000",),
    _USAGE: ("03020780", "030206c0"),
    _ATTRIBUTES: (b'{"attrs":{}}'.hex(),),
}


@dataclass(frozen=True)
class CertificateForm:
    """`body`: what `signature` (DER) covers. `issuer`: a name, DER. `point`: X9.62, 65 octets.

    `not_before`, `not_after`: instants.
    """

    body: bytes
    signature: bytes
    issuer: bytes
    not_before: str
    not_after: str
    common_name: str
    unit: str
    point: bytes


def read_form(der: bytes, at: str) -> CertificateForm:
    """Raises EvidenceError CERTIFICATE_FORM, CERTIFICATE_SUBJECT."""
    outer = Der(der, at)
    certificate = outer.inner(SEQUENCE)
    outer.end()
    body = certificate.element(SEQUENCE)
    certificate.constant(_ECDSA_WITH_SHA256, "ecdsa-with-SHA256")
    signature = certificate.content(BIT_STRING)
    certificate.end()
    if not signature.startswith(b"\x00"):
        raise certificate.refuse("a signature without unused bits")
    fields = Der(body, at).inner(SEQUENCE)
    fields.constant(_VERSION_3, "version 3")
    _check_serial(fields)
    fields.constant(_ECDSA_WITH_SHA256, "ecdsa-with-SHA256")
    issuer = fields.element(SEQUENCE)
    validity = fields.inner(SEQUENCE)
    not_before, not_after = _time(validity, at), _time(validity, at)
    validity.end()
    subject = fields.element(SEQUENCE)
    key = fields.element(SEQUENCE)
    if not key.startswith(_P256_KEY):
        raise fields.refuse("a P-256 key")
    if fields.more:
        _check_extensions(fields.inner(_EXTENSIONS))
    fields.end()
    common_name, unit = _subject(subject, at)
    return CertificateForm(
        body=body,
        signature=signature[1:],
        issuer=issuer,
        not_before=not_before,
        not_after=not_after,
        common_name=common_name,
        unit=unit,
        point=key[len(_P256_KEY) - 1 :],
    )


def subject_of(body: bytes, at: str) -> bytes:
    """The subject's name, DER, of any certificate's TBSCertificate."""
    fields = Der(body, at).inner(SEQUENCE)
    if fields.next_is(_VERSION_3[0]):
        fields.content(_VERSION_3[0])
    for tag in (INTEGER, SEQUENCE, SEQUENCE, SEQUENCE):
        fields.content(tag)
    return fields.element(SEQUENCE)


def _check_serial(fields: Der) -> None:
    """Positive, in its shortest form."""
    serial = fields.content(INTEGER)
    shortest = serial[:1] != b"\x00" or serial[1:2] >= b"\x80"
    if not 1 <= len(serial) <= _MOST_SERIAL or serial[0] >= 0x80 or not shortest:
        raise fields.refuse(f"a positive serial number of at most {_MOST_SERIAL} octets")


def _time(validity: Der, at: str) -> str:
    """RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on; to the second, in UTC."""
    if validity.next_is(UTC_TIME):
        text = validity.content(UTC_TIME).decode("latin-1")
        text = ("19" if text >= "50" else "20") + text
    else:
        text = validity.content(GENERALIZED_TIME).decode("latin-1")
        if text < "2050":
            raise validity.refuse("UTCTime before 2050")
    if len(text) != len("YYYYMMDDhhmmssZ") or not text.endswith("Z"):
        raise validity.refuse("YYMMDDhhmmssZ or YYYYMMDDhhmmssZ")
    date, clock = f"{text[:4]}-{text[4:6]}-{text[6:8]}", f"{text[8:10]}:{text[10:12]}:{text[12:14]}"
    try:
        return instant(f"{date}T{clock}.000Z", at)
    except EvidenceError:
        raise validity.refuse("a real time") from None


def _check_extensions(wrapped: Der) -> None:
    extensions = wrapped.inner(SEQUENCE)
    wrapped.end()
    seen: set[bytes] = set()
    while extensions.more or not seen:
        extension = extensions.inner(SEQUENCE)
        kind = extension.content(OBJECT_IDENTIFIER)
        critical = extension.next_is(BOOLEAN)
        if critical:
            extension.constant(_TRUE, "critical, or nothing")
        value = extension.content(OCTET_STRING)
        extension.end()
        if kind in seen:
            raise extension.refuse("each extension once")
        seen.add(kind)
        if kind in (_SUBJECT_KEY, _AUTHORITY_KEY) and not critical:
            _check_key_identifier(kind, Der(value, ""), extension)
        elif value.hex() not in _VALUES.get(kind, ()):
            raise extension.refuse(
                "basicConstraints (no CA), keyUsage (signing), key identifiers, no attributes"
            )


def _check_key_identifier(kind: bytes, value: Der, extension: Der) -> None:
    try:
        if kind == _SUBJECT_KEY:
            identifier = value.content(OCTET_STRING)
        else:
            parts = value.inner(SEQUENCE)
            identifier = parts.content(_KEY_IDENTIFIER)
            parts.end()
        value.end()
    except EvidenceError:
        raise extension.refuse("a key identifier alone") from None
    if not 1 <= len(identifier) <= _MOST_KEY_IDENTIFIER:
        raise extension.refuse(f"a key identifier of 1 to {_MOST_KEY_IDENTIFIER} octets")


def _subject(name: bytes, at: str) -> tuple[str, str]:
    """CN and OU, each alone in its RDN, in any order, nothing else."""
    found: dict[bytes, str] = {}
    try:
        names = Der(name, at).inner(SEQUENCE)
        for _ in range(2):
            relative = names.inner(SET)
            attribute = relative.inner(SEQUENCE)
            relative.end()
            kind = attribute.content(OBJECT_IDENTIFIER)
            text = attribute.content(UTF8_STRING if attribute.next_is(UTF8_STRING) else PRINTABLE_STRING)
            attribute.end()
            found[kind] = text.decode("latin-1")
        names.end()
        return found[_COMMON_NAME], found[_ORGANIZATIONAL_UNIT]
    except (EvidenceError, KeyError):
        raise EvidenceError("CERTIFICATE_SUBJECT", at, "one CN and one OU, nothing else") from None
