"""Real updates of a running channel's configuration, signed by the organisations' administrators."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from network import protos
from network.ca import load_authority
from network.callers import caller
from network.calls import Caller
from network.configuration import Change, in_msp, reconfigure
from network.consortium import read_consortium
from network.layout import Node, layout
from network.locking import locked
from network.marker import read_marker
from network.processes import running, start, stop
from network.revocation_list import list_serial
from network.site import sites

ONE_AT_A_TIME = 300


def callers(home: Path) -> dict[str, Caller]:
    """Each organisation's administrator, by MSP id."""
    places = layout(home)
    marker = read_marker(places)
    assert marker is not None
    consortium = read_consortium(places.consortium)
    return {site.msp: caller(places, site) for site in sites(consortium, marker.address)}


def reconfigured(home: Path, change: Change, signers: Sequence[str], without: Sequence[str] = ()) -> None:
    """Returns once every peer and orderer has the new configuration, those of `without` apart."""
    marker = read_marker(layout(home))
    assert marker is not None
    admins = callers(home)
    with locked(home / "configuration-update.lock", ONE_AT_A_TIME, lambda: None):
        awaited = [msp for msp in admins if msp not in without]
        assert reconfigure(marker.channel, admins, change, signers, awaited)


def revoke(home: Path, msp: str, serial: int, without: Sequence[str] = ()) -> None:
    """Lists one serial number in a CRL of the organisation's node CA, and leaves everything else as it is."""
    listing = functools.partial(
        list_serial, authority=load_authority(layout(home), msp, "node"), serial=serial
    )
    reconfigured(home, in_msp(msp, listing), [msp], without)


def add_person_ca(home: Path, msp: str, pem: bytes) -> None:
    """One more root of the organisation's MSP. Its own administrator may."""
    reconfigured(home, in_msp(msp, lambda fabric: fabric.root_certs.append(pem)), [msp])


def change_orderer_times(home: Path, signers: Sequence[str], complain: str) -> None:
    """How long an orderer waits before it complains of the leader. A majority of administrators must sign."""

    def change(root: Any) -> None:
        value = root.groups["Orderer"].values["ConsensusType"]
        kind = protos.orderer_configuration.ConsensusType.FromString(value.value)
        options = protos.smartbft.Options.FromString(kind.metadata)
        options.request_complain_timeout = complain
        kind.metadata = options.SerializeToString()
        value.value = kind.SerializeToString()

    reconfigured(home, change, signers)


def restart(home: Path, node: Node) -> None:
    """Stops one process and starts it again as it was."""
    (one,) = [one for one in running(layout(home)) if one.node == node]
    command, environment = tuple(one.process.cmdline()), one.process.environ()
    stop([one], 5)
    start(layout(home), node, one.digest, command, environment, layout(home).node(node))
