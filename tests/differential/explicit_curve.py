"""P-256 written out as parameters (SEC 1 appendix C.2, SEC 2 section 2.4.2) instead of by its name."""

from __future__ import annotations

from tests.differential.forge_certificate import BIT_STRING, INTEGER, OCTET_STRING, SEQUENCE, oid, tlv
from verifier.statement import P256_ORDER

_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_B = "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"
_G = (
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
_SEED = "c49d360886e704936a6678e1139d26b7819f7e90"


def _integer(number: int) -> bytes:
    return tlv(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _parameters(*seed: bytes) -> bytes:
    field = tlv(SEQUENCE, oid("1.2.840.10045.1.1"), _integer(_P))
    a = tlv(OCTET_STRING, (_P - 3).to_bytes(32, "big"))
    curve = tlv(SEQUENCE, a, tlv(OCTET_STRING, bytes.fromhex(_B)), *seed)
    point = tlv(OCTET_STRING, bytes.fromhex(_G))
    return tlv(SEQUENCE, _integer(1), field, curve, point, _integer(P256_ORDER), _integer(1))


EXPLICIT_P256 = _parameters()
EXPLICIT_P256_WITH_SEED = _parameters(tlv(BIT_STRING, b"\x00", bytes.fromhex(_SEED)))
