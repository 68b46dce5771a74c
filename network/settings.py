"""Renders each process's own folder: MSP, orderer.yaml or core.yaml, and the chaincode's environment.

Rendered anew at every `up`, so that a data folder that was moved works from its new place. Nothing here
is kept: keys and certificates are copied from the organisation's identities.
"""

import shutil
from pathlib import Path

import yaml

from network.ca import certificates
from network.files import write_file
from network.layout import Kind, Layout, Node
from network.site import Site

_TEMPLATES = Path(__file__).with_name("templates")
Tree = dict[str, object]


def render_orderer(layout: Layout, site: Site) -> Path:
    """Writes the orderer's folder and returns it."""
    folder = layout.node(Node(site.msp, Kind.ORDERER))
    identity = layout.identity(site.msp, "orderer")
    admin = layout.identity(site.msp, "orderer-admin")
    _write_msp(folder / "msp", layout, site.msp, "orderer")
    certificate, key = str(identity / "tls.pem"), str(identity / "tls.key")
    authority = str(layout.authority(site.msp) / "tls.pem")
    served: Tree = {"PrivateKey": key, "Certificate": certificate}
    pinned: Tree = {**served, "ClientRootCAs": [str(admin / "tls.pem")]}
    ports = site.ports
    overlay: Tree = {
        "General": {
            "ListenAddress": site.listen,
            "ListenPort": ports.orderer,
            "TLS": {**served, "RootCAs": [authority]},
            "Cluster": {"ClientCertificate": certificate, "ClientPrivateKey": key, "RootCAs": [authority]},
            "LocalMSPDir": str(folder / "msp"),
            "LocalMSPID": site.msp,
        },
        "FileLedger": {"Location": str(folder / "data")},
        "Consensus": {"WALDir": str(folder / "wal"), "SnapDir": str(folder / "snapshots")},
        "Operations": {"ListenAddress": f"{site.listen}:{ports.orderer_operations}", "TLS": pinned},
        "Admin": {"ListenAddress": f"{site.listen}:{ports.orderer_admin}", "TLS": pinned},
    }
    _write_settings(folder / "orderer.yaml", _TEMPLATES / "orderer.yaml", overlay)
    return folder


def render_peer(layout: Layout, site: Site) -> Path:
    """Writes the peer's folder, its builder scripts included, and returns it."""
    folder = layout.node(Node(site.msp, Kind.PEER))
    identity = layout.identity(site.msp, "peer")
    admin = layout.identity(site.msp, "orderer-admin")
    _write_msp(folder / "msp", layout, site.msp, "peer")
    _write_builder(folder / "builder")
    certificate, key = {"file": str(identity / "tls.pem")}, {"file": str(identity / "tls.key")}
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
                "rootcert": {"file": str(layout.authority(site.msp) / "tls.pem")},
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
            "listenAddress": f"{site.listen}:{site.ports.peer_operations}",
            "tls": {"cert": certificate, "key": key, "clientRootCAs": {"files": [str(admin / "tls.pem")]}},
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
    identity = layout.identity(site.msp, "chaincode")
    return {
        "CHAINCODE_SERVER_ADDRESS": f"{site.listen}:{site.ports.chaincode}",
        "CHAINCODE_ID": package_id,
        "CHAINCODE_TLS_KEY": str(identity / "tls.key"),
        "CHAINCODE_TLS_CERT": str(identity / "tls.pem"),
        "CHAINCODE_CLIENT_CA_CERT": str(layout.identity(site.msp, "chaincode-client") / "tls.pem"),
        "ARCHIVE_POLICY": str(layout.policy(site.msp)),
        "ARCHIVE_REPLICA": str(layout.replica(site.msp)),
    }


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
