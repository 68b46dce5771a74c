"""Renders each process's own folder: MSP, orderer.yaml or core.yaml, and the chaincode's environment.

Rendered anew at every `up`, so that a data folder that was moved works from its new place. Nothing here
is kept: keys and certificates are copied from the organisation's identities, so that a process needs to see
no folder but its own (and the chaincode its policy and replica).
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from network.ca import certificates
from network.files import write_file, write_key
from network.layout import Kind, Layout, Node
from network.site import Site

_TEMPLATES = Path(__file__).with_name("templates")
Tree = dict[str, object]


def render_orderer(layout: Layout, site: Site) -> Path:
    """Writes the orderer's folder and returns it."""
    folder = layout.node(Node(site.msp, Kind.ORDERER))
    _write_msp(folder / "msp", layout, site.msp, "orderer")
    tls = _write_tls(folder, layout, site.msp, "orderer", "orderer-admin")
    served: Tree = {"PrivateKey": tls.key, "Certificate": tls.certificate}
    pinned: Tree = {**served, "ClientRootCAs": [tls.client]}
    ports = site.ports
    operations: Tree = {"Enabled": False} if site.contained else pinned
    overlay: Tree = {
        "General": {
            "ListenAddress": site.listen,
            "ListenPort": ports.orderer,
            "TLS": {**served, "RootCAs": [tls.authority]},
            "Cluster": {
                "ClientCertificate": tls.certificate,
                "ClientPrivateKey": tls.key,
                "RootCAs": [tls.authority],
            },
            "LocalMSPDir": str(folder / "msp"),
            "LocalMSPID": site.msp,
        },
        "FileLedger": {"Location": str(folder / "data")},
        "Consensus": {"WALDir": str(folder / "wal"), "SnapDir": str(folder / "snapshots")},
        "Operations": {"ListenAddress": f"{site.operations}:{ports.orderer_operations}", "TLS": operations},
        "Admin": {"ListenAddress": f"{site.listen}:{ports.orderer_admin}", "TLS": pinned},
    }
    _write_settings(folder / "orderer.yaml", _TEMPLATES / "orderer.yaml", overlay)
    return folder


def render_peer(layout: Layout, site: Site) -> Path:
    """Writes the peer's folder, its builder scripts included, and returns it."""
    folder = layout.node(Node(site.msp, Kind.PEER))
    _write_msp(folder / "msp", layout, site.msp, "peer")
    _write_builder(folder / "builder")
    tls = _write_tls(folder, layout, site.msp, "peer", "orderer-admin")
    certificate, key = {"file": tls.certificate}, {"file": tls.key}
    pinned: Tree = {"cert": certificate, "key": key, "clientRootCAs": {"files": [tls.client]}}
    operations: Tree = {"enabled": False} if site.contained else pinned
    reached, listens = site.at(Kind.PEER), f"{site.listen}:{site.ports.peer}"
    overlay: Tree = {
        "peer": {
            "id": f"peer.{site.msp}",
            "networkId": "archive-ledger",
            "listenAddress": listens,
            "address": reached,
            "chaincodeListenAddress": f"{site.listen}:{site.ports.peer_callback}",
            "chaincodeAddress": f"{site.peer}:{site.ports.peer_callback}",
            "gossip": {"bootstrap": reached, "endpoint": reached, "externalEndpoint": reached},
            "tls": {
                "cert": certificate,
                "key": key,
                "rootcert": {"file": tls.authority},
                "clientCert": certificate,
                "clientKey": key,
            },
            "fileSystemPath": str(folder / "data"),
            "mspConfigPath": str(folder / "msp"),
            "localMspId": site.msp,
        },
        "chaincode": {"externalBuilders": [{"name": "service", "path": str(folder / "builder")}]},
        "ledger": {"snapshots": {"rootDir": str(folder / "snapshots")}},
        "operations": {
            "listenAddress": f"{site.operations}:{site.ports.peer_operations}",
            "tls": operations,
        },
    }
    _write_settings(folder / "core.yaml", _TEMPLATES / "core.yaml", overlay)
    return folder


def chaincode_environment(layout: Layout, site: Site, package_id: str) -> dict[str, str]:
    """What the chaincode process is told. Only the organisation's own peer may call it: the client CA
    file is that peer's one certificate."""
    folder = layout.node(Node(site.msp, Kind.CHAINCODE))
    folder.mkdir(parents=True, exist_ok=True)
    layout.replica(site.msp).mkdir(parents=True, exist_ok=True)
    tls = _write_tls(folder, layout, site.msp, "chaincode", "chaincode-client")
    return {
        "CHAINCODE_SERVER_ADDRESS": f"{site.listen}:{site.ports.chaincode}",
        "CHAINCODE_ID": package_id,
        "CHAINCODE_TLS_KEY": tls.key,
        "CHAINCODE_TLS_CERT": tls.certificate,
        "CHAINCODE_CLIENT_CA_CERT": tls.client,
        "ARCHIVE_POLICY": str(layout.policy(site.msp)),
        "ARCHIVE_REPLICA": str(layout.replica(site.msp)),
    }


@dataclass(frozen=True)
class _Tls:
    """Paths, for the settings. `client`: the one certificate that may call where callers must show one."""

    certificate: str
    key: str
    authority: str
    client: str


def _write_tls(folder: Path, layout: Layout, msp: str, listener: str, client: str) -> _Tls:
    identity, target = layout.identity(msp, listener), folder / "tls"
    write_file(target / "certificate.pem", (identity / "tls.pem").read_bytes())
    write_key(target / "key.pem", (identity / "tls.key").read_bytes())
    write_file(target / "authority.pem", certificates(layout, msp).tls)
    write_file(target / "client.pem", (layout.identity(msp, client) / "tls.pem").read_bytes())
    return _Tls(*(str(target / f"{name}.pem") for name in ("certificate", "key", "authority", "client")))


def _write_msp(folder: Path, layout: Layout, msp: str, identity: str) -> None:
    held = certificates(layout, msp)
    source = layout.identity(msp, identity)
    write_file(folder / "cacerts" / "node.pem", held.node)
    write_file(folder / "cacerts" / "person.pem", held.person)
    write_file(folder / "tlscacerts" / "tls.pem", held.tls)
    write_file(folder / "signcerts" / "certificate.pem", (source / "certificate.pem").read_bytes())
    write_file(folder / "keystore" / "key.pem", (source / "key.pem").read_bytes(), 0o600)
    units = {
        f"{role.capitalize()}OUIdentifier": {
            "Certificate": "cacerts/node.pem",
            "OrganizationalUnitIdentifier": role,
        }
        for role in ("client", "peer", "admin", "orderer")
    }
    write_file(folder / "config.yaml", yaml.safe_dump({"NodeOUs": {"Enable": True, **units}}).encode())


def _write_builder(folder: Path) -> None:
    """Fabric's external builder for chaincode that runs as a service: accept, and hand on its address."""
    shutil.rmtree(folder, ignore_errors=True)
    copy = 'set -e\nmkdir -p "$2{0}"\ncp "$1/connection.json" "$2{0}/connection.json"\n'
    scripts = {
        "detect": 'grep -q \'"type": *"service"\' "$2/metadata.json"\n',
        "build": 'set -e\ncp "$1/connection.json" "$3/connection.json"\n',
        "release": copy.format("/chaincode/server"),
    }
    for name, body in scripts.items():
        write_file(folder / "bin" / name, f"#!/bin/sh\n{body}".encode(), 0o700)


def _write_settings(target: Path, template: Path, overlay: Tree) -> None:
    tree: object = yaml.safe_load(template.read_text(encoding="utf-8"))
    write_file(target, yaml.safe_dump(_merged(tree, overlay), allow_unicode=True).encode())


def _merged(below: object, above: object) -> object:
    """Mappings are merged member by member, anything else is replaced."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    result = dict(below)
    for key, value in above.items():
        result[key] = _merged(below.get(key), value)
    return result
