"""How each process is to be started, and starting those that do not yet run that way."""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from network.address import busy, need_interface
from network.binaries import Chaincode, Fabric
from network.errors import NetworkError
from network.files import canonical_json
from network.layout import Kind, Layout, Node
from network.package import Package
from network.processes import running, start, stop
from network.settings import chaincode_environment, render_orderer, render_peer
from network.site import Site

STOP_SECONDS = 4.0
# Waited only while a port is held: on a loaded machine a process that was ended takes its time to go.
_PORT_SECONDS = 20.0
# Warnings and worse: a block a second would otherwise fill the disk with its history.
_LOGGING = {
    "FABRIC_LOGGING_SPEC": "warning",
    "FABRIC_LOGGING_FORMAT": "%{time:2006-01-02T15:04:05.000Z07:00} %{level} %{module}: %{message}",
}
# The Go runtime's soft limit: a batch in transient data makes a peer grow; this makes it give back.
_PEER_MEMORY = {"GOMEMLIMIT": "256MiB"}


@dataclass(frozen=True)
class Plan:
    """`digest` changes with anything that would make a running process another one."""

    node: Node
    site: Site
    command: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    digest: str


def make_plans(
    layout: Layout, site: Site, fabric: Fabric, chaincode: Chaincode, package: Package
) -> tuple[Plan, ...]:
    """Renders one organisation's folders; a plan for its orderer, chaincode and peer, in that order."""
    orderer, peer = render_orderer(layout, site), render_peer(layout, site)
    settings = {"FABRIC_CFG_PATH": str(orderer)} | _LOGGING
    peer_settings = {"FABRIC_CFG_PATH": str(peer)} | _LOGGING | _PEER_MEMORY
    service = chaincode_environment(layout, site, package.identifier)
    return (
        _plan(layout, site, Kind.ORDERER, (str(fabric.orderer),), settings, orderer / "orderer.yaml"),
        _plan(layout, site, Kind.CHAINCODE, (str(chaincode.program),), service, layout.policy(site.msp)),
        _plan(
            layout, site, Kind.PEER, (str(fabric.peer), "node", "start"), peer_settings, peer / "core.yaml"
        ),
    )


def start_plans(layout: Layout, plans: tuple[Plan, ...]) -> None:
    """Starts what does not run. What runs in another way than planned is stopped first, as is a second
    process of the same node. Raises NetworkError when another program has a port."""
    wanted = {plan.node: plan for plan in plans}
    kept: set[Node] = set()
    surplus = []
    for one in running(layout):
        if one.node in kept or one.node not in wanted or wanted[one.node].digest != one.digest:
            surplus.append(one)
        else:
            kept.add(one.node)
    stop(surplus, STOP_SECONDS)
    missing = [plan for plan in plans if plan.node not in kept]
    if missing:
        need_interface()
    for plan in missing:
        _need_port(plan)
    for plan in missing:
        start(layout, plan.node, plan.digest, plan.command, plan.environment, plan.folder)


def _plan(
    layout: Layout, site: Site, kind: Kind, command: tuple[str, ...], environment: dict[str, str], read: Path
) -> Plan:
    """`read` is the file that the process reads at its start."""
    node = Node(site.msp, kind)
    decides = canonical_json([list(command), environment]) + read.read_bytes()
    return Plan(node, site, command, environment, layout.node(node), hashlib.sha256(decides).hexdigest())


def _need_port(plan: Plan) -> None:
    """A process just ended may hold its port a moment longer: its threads end one after the other."""
    deadline = time.monotonic() + _PORT_SECONDS
    while taken := busy(plan.site.listen, (plan.site.ports.of(plan.node.kind),)):
        if time.monotonic() < deadline:
            time.sleep(0.05)
            continue
        where = f"{plan.site.listen}:{taken[0]}"
        raise NetworkError(
            f"{plan.node.name} 要用的 {where} 已被别的程序占用。"
            "请用 ss -ltnp 找到并停掉它,再执行 network up。",
            f"{where}, which {plan.node.name} needs, is used by another program. "
            "Find it with ss -ltnp, stop it, then run 'network up' again.",
        )
