"""The bare costs that everything else is measured against: ES256 verification, hashing, on these cores."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from verifier.canonical import base64url_bytes
from verifier.digests import both

# (signed octets, signature in DER): all conversion is done beforehand.
Signed = tuple[bytes, bytes]


def signed(statements: Sequence[bytes]) -> list[Signed]:
    found = []
    for one in statements:
        data, _, text = one.rpartition(b".")
        raw = base64url_bytes(text.decode(), "signature")
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        found.append((data, encode_dss_signature(r, s)))
    return found


def verify_rate(key: ec.EllipticCurvePublicKey, work: Sequence[Signed]) -> float:
    """Signatures a second that `cryptography` alone verifies on all cores, a process each.

    Each core verifies all of them; what counts is the time in which they verify, not the start.
    """
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        spent = list(pool.map(_verify_all, [(der, list(work))] * cores))
    return cores * len(work) / max(spent)


def _verify_all(job: tuple[bytes, list[Signed]]) -> float:
    der, work = job
    key = load_der_public_key(der)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return verify_seconds(key, work)


def verify_seconds(key: ec.EllipticCurvePublicKey, work: Sequence[Signed]) -> float:
    """One core."""
    begin = time.perf_counter()
    for data, signature in work:
        key.verify(signature, data, ec.ECDSA(SHA256()))
    return time.perf_counter() - begin


def hash_seconds(texts: Sequence[bytes]) -> float:
    """SHA-256 and SM3 of each, one core."""
    begin = time.perf_counter()
    for text in texts:
        both(text)
    return time.perf_counter() - begin
