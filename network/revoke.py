"""Revoking a certificate of the network itself (a node's or a service's), and putting another in its place.

The serial number goes into the organisation's CRL in the channel's configuration, by a real configuration
update; from then on no peer and no orderer takes what that key signs. A person's key is revoked otherwise:
by statements of two organisations.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network import protos
from network.ca import IDENTITIES, load_authority
from network.callers import caller
from network.calls import Caller
from network.configuration import Change, in_msp, reconfigure
from network.consortium import read_consortium
from network.errors import NetworkError
from network.layout import Kind, Layout, Node, layout
from network.locking import locked
from network.marker import Marker, read_marker
from network.plans import STOP_SECONDS
from network.policies import consenter_quorum
from network.processes import running, stop
from network.progress import Progress, Step, silent
from network.revocation_list import list_serial
from network.signing import load_signer
from network.site import COMPOSE, sites
from network.successor import discard, pending_successor, put_in_place
from network.up import LOCK_SECONDS, up


@dataclass(frozen=True)
class Revoked:
    """`serial` is that of the certificate that no longer counts, `successor` that of the one in its place."""

    msp: str
    identity: str
    serial: int
    successor: int


def revoke(home: Path, msp: str, identity: str, progress: Progress = silent) -> Revoked:
    """Revokes the certificate that `identity` has, gives it a new key and certificate, restarts its process.

    Broken off at any point it can be run again, and goes on. A new *orderer* certificate also takes the old
    one's place among the channel's consenters, for which the administrators of all organisations sign; for
    the others their own organisation's suffices.
    Raises NetworkError: no such organisation or identity, no network here, or the update is not taken.
    """
    places = layout(home)
    marker = _embedded(places)
    waiting = Step("另一个进程正在操作此网络,等待", "another process is working on this network; waiting")
    with locked(places.lock, LOCK_SECONDS, lambda: progress(waiting)):
        members = {one.msp: one for one in sites(read_consortium(places.consortium), marker.address)}
        _need(msp, members, "机构", "organisation")
        _need(identity, IDENTITIES, "身份", "identity")
        folder = places.identity(msp, identity)
        authority = load_authority(places, msp, "node")
        progress(Step("正在签发新证书", "issuing the new certificate"))
        successor, old = pending_successor(folder, authority, identity, msp)
        admins = {one.msp: caller(places, one) for one in members.values()}
        if identity == "admin":
            admins[msp] = _with_signer(admins[msp], successor)
        progress(Step("正在把旧证书列入通道配置", "listing the old one in the channel's configuration"))
        change = in_msp(msp, functools.partial(list_serial, authority=authority, serial=old.serial_number))
        signers, awaited = [msp], [one for one in admins if one != msp or identity not in ("peer", "orderer")]
        if identity == "orderer":
            new = (successor / "certificate.pem").read_bytes()
            change, signers = _both(change, _consenter(msp, new)), list(admins)
        reconfigure(marker.channel, admins, change, signers, awaited)
        fresh = put_in_place(folder, successor)
        _stop(places, msp, identity)
    progress(Step("正在用新证书重新启动", "starting again with the new certificate"))
    up(home, progress)
    discard(folder)
    return Revoked(msp, identity, old.serial_number, fresh.serial_number)


def _embedded(places: Layout) -> Marker:
    marker = read_marker(places)
    if marker is None or marker.address == COMPOSE:
        raise NetworkError(
            f"{places.home} 中没有内置网络,不能在这里撤销节点证书。请在建立网络的数据目录中执行。",
            f"There is no embedded network in {places.home}: node certificates cannot be revoked from here. "
            "Run this in the data folder in which the network was made.",
        )
    return marker


def _need(name: str, known: Any, zh: str, en: str) -> None:
    if name not in known:
        names = " ".join(known)
        raise NetworkError(
            f"没有名为 {name} 的{zh}。可用:{names}", f"There is no {en} named {name}. There are: {names}"
        )


def _with_signer(one: Caller, folder: Path) -> Caller:
    return Caller(one.site, load_signer(folder, one.msp), one.tls_ca, one.orderer_admin)


def _consenter(msp: str, certificate: bytes) -> Change:
    """The organisation's consenter signs with this certificate from now on. The policy BlockValidation names
    all consenters, and the orderers insist that it is the one that follows from them."""

    def changed(root: Any) -> None:
        group = root.groups["Orderer"]
        orderers = protos.channel_configuration.Orderers.FromString(group.values["Orderers"].value)
        for one in orderers.consenter_mapping:
            if one.msp_id == msp:
                one.identity = certificate
        group.values["Orderers"].value = orderers.SerializeToString()
        identities = [(one.msp_id, one.identity) for one in orderers.consenter_mapping]
        group.policies["BlockValidation"].policy.CopyFrom(consenter_quorum(identities))

    return changed


def _both(first: Change, second: Change) -> Change:
    def changed(root: Any) -> None:
        first(root)
        second(root)

    return changed


def _stop(places: Layout, msp: str, identity: str) -> None:
    """A node reads its certificate when it starts."""
    nodes = {Node(msp, kind) for kind in Kind if kind == identity}
    stop([one for one in running(places) if one.node in nodes], STOP_SECONDS)
