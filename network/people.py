"""The person CA: issues a certificate for a request and copies nothing from it but the public key."""

import json
import os
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import SignatureAlgorithmOID

from network.ca import load_authority
from network.certificates import certificate_pem, issue_person
from network.errors import NetworkError
from network.layout import layout
from network.locking import locked

ROLES = ("person", "service", "registrar")
# A person's key is renewed within five years; a shorter life is the office's choice.
MOST_DAYS = 1826
_LARGEST_REQUEST = 16 * 1024
_LABEL = rb"(?:NEW )?CERTIFICATE REQUEST-----"
_PEM = re.compile(rb"-----BEGIN " + _LABEL + rb"\s[A-Za-z0-9+/=\s]+-----END " + _LABEL + rb"\s*")


def issue_person_certificate(
    home: Path, msp: str, csr_pem: bytes, agent_uuid: str, role: str, days: int
) -> bytes:
    """A certificate (PEM) from the person CA of `msp`, subject exactly `CN=<agent uuid>, OU=<role>`.

    Whoever calls answers for who the agent is. Every certificate is on the CA's issued list before it
    leaves this function. Raises NetworkError for a request, agent, role or life that is not acceptable.
    """
    _check_agent(agent_uuid)
    if role not in ROLES:
        raise NetworkError(
            f"证书角色须为 {'、'.join(ROLES)} 之一,现为“{role}”。",
            f"The certificate's role must be one of {', '.join(ROLES)}; found '{role}'.",
        )
    public_key = _requested_key(csr_pem)
    places = layout(home)
    authority = load_authority(places, msp, "person")
    life = timedelta(days=days)
    ends = authority.certificate.not_valid_after_utc
    if not 1 <= days <= MOST_DAYS or datetime.now(UTC) + life > ends:
        raise NetworkError(
            f"证书有效期须为 1 至 {MOST_DAYS} 天,且不晚于该 CA 的有效期({ends:%Y-%m-%d});现为 {days} 天。",
            f"A certificate lasts 1 to {MOST_DAYS} days, not beyond its CA ({ends:%Y-%m-%d}); found {days}.",
        )
    certificate = issue_person(authority, agent_uuid, role, public_key, life)
    _record(places.authority(msp), certificate, agent_uuid, role)
    return certificate_pem(certificate)


def issued(home: Path, msp: str) -> tuple[dict[str, str], ...]:
    """The person CA's issued list, oldest first; each with serial (hex), agent, role, not_before,
    not_after, certificate (PEM)."""
    path = layout(home).authority(msp) / "issued.jsonl"
    if not path.exists():
        return ()
    return tuple(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def _check_agent(agent: str) -> None:
    try:
        parsed = uuid.UUID(agent)
    except ValueError:
        parsed = None
    if parsed is None or str(parsed) != agent or parsed.version != 4 or parsed.variant != uuid.RFC_4122:
        sample = uuid.UUID(int=0, version=4)
        raise NetworkError(
            f"人员标识须为小写的第 4 版 UUID,如 {sample};现为“{agent}”。",
            f"The agent must be a version 4 UUID in lower case, such as {sample}; found '{agent}'.",
        )


def _requested_key(csr_pem: bytes) -> ec.EllipticCurvePublicKey:
    if len(csr_pem) > _LARGEST_REQUEST or not _PEM.fullmatch(csr_pem.strip() + b"\n"):
        raise _refused(
            "须是一份 PEM 格式的证书请求(CERTIFICATE REQUEST)", "it must be one PEM certificate request"
        )
    try:
        request = x509.load_pem_x509_csr(csr_pem.strip() + b"\n")
        key = request.public_key()
        held = request.is_signature_valid
    except (ValueError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise _refused(f"读不出:{error}", f"cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _refused("公钥须为 P-256 椭圆曲线", "its public key must be on the curve P-256")
    if request.signature_algorithm_oid != SignatureAlgorithmOID.ECDSA_WITH_SHA256:
        raise _refused("须以 ECDSA-SHA256 签名", "it must be signed with ECDSA and SHA-256")
    if not held:
        raise _refused(
            "请求自身的签名不成立,申请人未证明持有私钥",
            "its own signature does not hold: the key is not proved to be held",
        )
    return key


def _refused(zh: str, en: str) -> NetworkError:
    return NetworkError(
        f"不能签发,证书请求有误:{zh}。请重新生成请求。", f"The request is refused: {en}. Make a new request."
    )


def _record(folder: Path, certificate: x509.Certificate, agent: str, role: str) -> None:
    line = json.dumps(
        {
            "serial": f"{certificate.serial_number:x}",
            "agent": agent,
            "role": role,
            "not_before": certificate.not_valid_before_utc.isoformat(),
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "certificate": certificate_pem(certificate).decode(),
        },
        sort_keys=True,
    )
    with (
        locked(folder / "issued.lock", 30, lambda: None),
        (folder / "issued.jsonl").open("a", encoding="utf-8") as out,
    ):
        out.write(line + "\n")
        out.flush()
        os.fsync(out.fileno())
