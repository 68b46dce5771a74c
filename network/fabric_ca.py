"""An organisation's person CA as a Hyperledger Fabric CA server: registering a person, and enrolling them.

The server's REST interface: https://hyperledger-fabric-ca.readthedocs.io (swagger-fabric-ca.json). Its
identity is the agent's uuid, its identity *type* becomes the certificate's OU, and no attribute is asked for,
so that the certificate has the one form that a signer's has. The person's key never leaves their device.
"""

from __future__ import annotations

import base64
import json
import ssl
from dataclasses import dataclass
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from network.errors import NetworkError
from network.signing import low_s

_SECONDS = 30.0
_MOST = 1024 * 1024


@dataclass(frozen=True)
class Server:
    """`url` has no path; `tls` is the certificate (PEM) of the CA behind the server's TLS certificate."""

    url: str
    tls: bytes


@dataclass(frozen=True)
class Registrar:
    """Who may register people at the server: an identity of its own, with its certificate (PEM)."""

    certificate: bytes
    key: ec.EllipticCurvePrivateKey


def enrol(server: Server, identity: str, secret: str, request: bytes) -> bytes:
    """The certificate (PEM) that answers a certificate request (PEM), for the identity's one-time secret.

    Raises NetworkError: not reached, or refused, with the server's own words.
    """
    body = json.dumps({"certificate_request": request.decode(), "attr_reqs": []}).encode()
    word = base64.b64encode(f"{identity}:{secret}".encode()).decode()
    result = _post(server, "/api/v1/enroll", body, f"Basic {word}")
    try:
        pem = base64.b64decode(result["Cert"], validate=True)
        x509.load_pem_x509_certificate(pem)
    except (KeyError, TypeError, ValueError) as error:
        raise _strange(server, str(error)) from error
    return pem


def enrol_registrar(server: Server, name: str, secret: str) -> Registrar:
    """The server's own registrar (an identity of its configuration), with a key made now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return Registrar(enrol(server, name, secret, request.public_bytes(serialization.Encoding.PEM)), key)


def register(server: Server, registrar: Registrar, agent: str, role: str) -> str:
    """Makes an agent known to the server; returns the secret with which it can be enrolled, once.

    Raises NetworkError as `enrol`.
    """
    wish = {"id": agent, "type": role, "affiliation": "", "max_enrollments": 1, "attrs": []}
    body, path = json.dumps(wish).encode(), "/api/v1/register"
    result = _post(server, path, body, _token(registrar, path, body))
    secret = result.get("secret")
    if not isinstance(secret, str) or not secret:
        raise _strange(server, "secret")
    return secret


def _token(registrar: Registrar, path: str, body: bytes) -> str:
    """`base64(certificate).base64(signature)` over method, path, body and certificate, as Fabric CA's clients
    sign (util.GenECDSAToken)."""
    parts = [base64.b64encode(part).decode() for part in (path.encode(), body, registrar.certificate)]
    signature = low_s(registrar.key.sign(".".join(("POST", *parts)).encode(), ec.ECDSA(hashes.SHA256())))
    return f"{parts[2]}.{base64.b64encode(signature).decode()}"


def _post(server: Server, path: str, body: bytes, authorization: str) -> dict[str, Any]:
    """The answer's `result`. Raises NetworkError."""
    try:
        trusted = ssl.create_default_context(cadata=server.tls.decode())
        with (
            # A proxy meant for the web must not see these calls.
            httpx.Client(verify=trusted, timeout=_SECONDS, trust_env=False) as client,
            client.stream(
                "POST", server.url + path, content=body, headers={"Authorization": authorization}
            ) as answer,
        ):
            read = b""
            for part in answer.iter_bytes():
                read += part
                if len(read) > _MOST:
                    raise _strange(server, f"> {_MOST}")
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, ValueError) as error:
        raise NetworkError(
            f"连不上证书服务器 {server.url}:{error}。请核对地址和它的 TLS 证书,确认服务器在运行。",
            f"The certificate server {server.url} cannot be reached: {error}. "
            "Check the address and its TLS certificate, and that it runs.",
        ) from error
    return _result(server, answer.status_code, read)


def _result(server: Server, status: int, read: bytes) -> dict[str, Any]:
    try:
        tree = json.loads(read)
        done, result, errors = tree["success"], tree["result"], tree["errors"]
    except (ValueError, KeyError, TypeError) as error:
        raise _strange(server, f"HTTP {status}: {read[:200]!r}") from error
    if done is True and isinstance(result, dict):
        return result
    said = "; ".join(str(one.get("message", one)) for one in errors or [] if isinstance(one, dict))
    raise NetworkError(
        f"证书服务器 {server.url} 未予办理(HTTP {status}):{said or '没有说明'}。"
        "请核对编号和一次性口令;口令只能用一次,用过须由登记员重新登记。",
        f"The certificate server {server.url} refused (HTTP {status}): {said or 'no reason given'}. "
        "Check the id and the one-time secret; a secret works once, then a registrar registers anew.",
    )


def _strange(server: Server, found: str) -> NetworkError:
    return NetworkError(
        f"{server.url} 的答复不是 Fabric CA 的格式({found})。请核对地址。",
        f"What {server.url} answered is not Fabric CA's form ({found}). Check the address.",
    )
