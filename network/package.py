"""The chaincode package an organisation installs: not code but the address of its own chaincode process.

Deterministic tar and gzip (no times, no owners), so that the same address and certificates always give
the same package id.
"""

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass

from network.layout import Kind, Layout
from network.site import Site


@dataclass(frozen=True)
class Package:
    """`identifier` is what Fabric calls it: label, colon, SHA-256 of the package."""

    identifier: str
    content: bytes


def make_package(layout: Layout, site: Site, label: str) -> Package:
    client = layout.identity(site.msp, "chaincode-client")
    connection = {
        "address": site.at(Kind.CHAINCODE),
        "domain": site.chaincode,
        "dial_timeout": "3s",
        "tls_required": True,
        "client_auth_required": True,
        "client_key": (client / "tls.key").read_text(),
        "client_cert": (client / "tls.pem").read_text(),
        "root_cert": (layout.authority(site.msp) / "tls.pem").read_text(),
    }
    code = _archive({"connection.json": json.dumps(connection, sort_keys=True).encode()})
    metadata = json.dumps({"label": label, "path": "", "type": "service"}, separators=(",", ":")).encode()
    content = _archive({"metadata.json": metadata, "code.tar.gz": code})
    return Package(f"{label}:{hashlib.sha256(content).hexdigest()}", content)


def _archive(files: dict[str, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), compresslevel=6, mtime=0)
