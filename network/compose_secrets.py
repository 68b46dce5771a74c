"""What a container needs to know beside its node's keys: all of it made at the first start, into volumes."""

import json
import secrets
from pathlib import Path

import yaml

from network.ca import load_authority
from network.certificates import certificate_pem, issue_tls, key_pem
from network.compose_file import AUTHORITY_OPERATIONS, AUTHORITY_PORT
from network.files import canonical_json, write_file, write_key
from network.layout import Layout
from network.site import authority_host

REGISTRAR = "registrar"


def write_authority(places: Layout, msp: str) -> None:
    """The folder of the organisation's Fabric CA server, which certifies by the organisation's person CA.

    `registrar.secret` is for `archive-ledger ca register`; the server's identity types are the units of a
    signer's certificate.
    """
    folder = places.root / "nodes" / msp / "ca"
    for suffix, write in (("pem", write_file), ("key", write_key)):
        write(folder / f"ca.{suffix}", (places.authority(msp) / f"person.{suffix}").read_bytes())
    if not (folder / "tls.key").exists():
        pair = issue_tls(load_authority(places, msp, "tls"), f"ca.{msp}", authority_host(msp))
        write_file(folder / "tls.pem", certificate_pem(pair.certificate))
        write_key(folder / "tls.key", key_pem(pair.key))
    secret = _kept_secret(folder / "registrar.secret", 0o600)
    # Inside a container of its own, it may listen on every interface there is.
    settings = authority_settings(msp, secret, "0.0.0.0", AUTHORITY_PORT, f"127.0.0.1:{AUTHORITY_OPERATIONS}")  # noqa: S104
    write_key(folder / "fabric-ca-server-config.yaml", settings)


def authority_settings(msp: str, secret: str, address: str, port: int, operations: str) -> bytes:
    """The server's own settings, YAML; `ca.*` and `tls.*` lie beside them. `operations`: where its health is
    asked, host and port."""
    settings = {
        "port": port,
        "address": address,
        "tls": {"enabled": True, "certfile": "tls.pem", "keyfile": "tls.key"},
        "ca": {"name": msp, "certfile": "ca.pem", "keyfile": "ca.key"},
        "registry": {
            "maxenrollments": -1,
            "identities": [
                {
                    "name": REGISTRAR,
                    "pass": secret,
                    "type": "client",
                    "affiliation": "",
                    "attrs": {"hf.Registrar.Roles": "person,service,registrar"},
                }
            ],
        },
        "db": {"type": "sqlite3", "datasource": "fabric-ca-server.db"},
        "signing": {"default": {"usage": ["digital signature"], "expiry": "17520h"}},
        "operations": {"listenAddress": operations},
    }
    return yaml.safe_dump(settings, allow_unicode=True).encode()


def write_client(places: Layout, operator: str, folder: Path) -> None:
    """The ledger's key, apart from the organisation's others, and connection.json that leads to it."""
    identity = places.identity(operator, "ledger")
    write_key(folder / "key.pem", (identity / "key.pem").read_bytes())
    tree = json.loads(places.connection.read_bytes())
    tree["client"]["key"] = str(folder / "key.pem")
    write_file(places.connection, canonical_json(tree))


def write_database_password(password: Path, login: Path) -> None:
    """`password` is for the server, whose account is another; `login` (PGPASSFILE) for clients."""
    secret = _kept_secret(password, 0o444)
    write_key(login, f"*:*:archive:archive:{secret}\n".encode())


def _kept_secret(path: Path, mode: int) -> str:
    if not path.exists():
        write_file(path, secrets.token_hex(32).encode(), mode)
    return path.read_text(encoding="ascii")
