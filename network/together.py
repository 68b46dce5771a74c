"""What follows once all processes run: nodes join the channel, the chaincode comes in force, and every
organisation's gateway can gather an endorsement by all."""

import functools
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from network.callers import caller, reader
from network.calls import (
    Caller,
    CallError,
    join_orderer,
    join_peer,
    orderer_height,
    peer_channels,
    reached,
)
from network.connection import CHAINCODE
from network.errors import NetworkError
from network.gateway import endorsed_by_all
from network.layout import Kind, Layout, Node
from network.lifecycle import Installation, deploy
from network.package import Package, make_package
from network.processes import log_tail, running
from network.progress import Progress, Step
from network.site import Site


@dataclass(frozen=True)
class Watch:
    """What must be so by when; `deadline` by time.monotonic(). Only the processes of an `embedded`
    network are ours to look after: under docker compose the engine starts and restarts them."""

    layout: Layout
    deadline: float
    embedded: bool

    @property
    def seconds_left(self) -> float:
        return max(1.0, self.deadline - time.monotonic())


def make_packages(layout: Layout, where: tuple[Site, ...], version: str) -> dict[str, Package]:
    """Each organisation's chaincode package, by msp."""
    return {site.msp: make_package(layout, site, f"{CHAINCODE}_{version}") for site in where}


def assemble_network(
    watch: Watch,
    channel: str,
    where: tuple[Site, ...],
    packages: Mapping[str, Package],
    version: str,
    progress: Progress,
) -> None:
    """Does whatever of it is not yet so. Raises NetworkError naming what failed, at the deadline or as
    soon as a process has died."""
    callers = tuple(caller(watch.layout, site) for site in where)
    progress(Step("各节点加入通道", "the nodes join the channel"))
    _join(watch, channel, callers)
    progress(Step("各机构核准链码", "the organisations approve the chaincode"))
    installations = tuple(Installation(one, packages[one.msp]) for one in callers)
    try:
        deploy(installations, channel, CHAINCODE, version, watch.seconds_left)
    except CallError as error:
        raise _failed(watch, "链码部署未完成", "the chaincode could not be deployed", str(error)) from error
    progress(Step("等待各机构都能共同签署", "waiting until all organisations endorse together"))
    _endorse(watch, channel, callers)
    progress(Step("网络已就绪", "the network is ready"))


def _join(watch: Watch, channel: str, callers: tuple[Caller, ...]) -> None:
    genesis = watch.layout.genesis.read_bytes()

    def orderer(one: Caller) -> None:
        if orderer_height(one, channel) is None:
            join_orderer(one, genesis)
        # It answers its administrator before it takes transactions.
        reached(one, Kind.ORDERER)

    def peer(one: Caller) -> None:
        if channel not in peer_channels(one):
            join_peer(one, genesis)

    with ThreadPoolExecutor(2 * len(callers)) as pool:
        jobs = [
            pool.submit(_until, watch, Node(one.msp, kind), functools.partial(step, one))
            for kind, step in ((Kind.ORDERER, orderer), (Kind.PEER, peer))
            for one in callers
        ]
        for job in jobs:
            job.result()


def _endorse(watch: Watch, channel: str, callers: tuple[Caller, ...]) -> None:
    """Every organisation's gateway gathers an endorsement by all: the discovery of each knows each."""
    everyone = tuple(one.msp for one in callers)

    def gather(one: Caller) -> None:
        client = reader(watch.layout, one.msp)
        endorsed_by_all(one, client, channel, CHAINCODE, everyone)

    with ThreadPoolExecutor(len(callers)) as pool:
        jobs = [
            pool.submit(_until, watch, Node(one.msp, Kind.PEER), functools.partial(gather, one))
            for one in callers
        ]
        for job in jobs:
            job.result()


def _until(watch: Watch, node: Node, step: Callable[[], None]) -> None:
    """Repeats `step` of a node until it does not raise CallError. Raises NetworkError when any process
    of the network died, or at the deadline."""
    checked = time.monotonic()
    while True:
        try:
            step()
            return
        except CallError as error:
            now = time.monotonic()
            if now > watch.deadline:
                raise _failed(
                    watch, f"{node.name} 未能就绪", f"{node.name} did not become ready", str(error)
                ) from error
            if now > checked + 1:
                checked = now
                _all_alive(watch, str(error))
            time.sleep(0.1)


def _all_alive(watch: Watch, reason: str) -> None:
    if _dead(watch):
        raise _failed(watch, "启动中断", "starting was broken off", reason)


def _dead(watch: Watch) -> list[Node]:
    if not watch.embedded:
        return []
    alive = {one.node for one in running(watch.layout)}
    folders = sorted((watch.layout.root / "nodes").glob("*/*"))
    nodes = [Node(folder.parent.name, Kind(folder.name)) for folder in folders]
    return [node for node in nodes if node not in alive]


def _failed(watch: Watch, zh: str, en: str, reason: str) -> NetworkError:
    """Names every process that has died, with the end of its log; else what the live ones answered."""
    dead = _dead(watch)
    tails = [
        "\n".join((f"--- {node.name} ({watch.layout.log(node)})", *log_tail(watch.layout, node)))
        for node in dead
    ]
    names = "、".join(node.name for node in dead)
    gone_zh = f"已退出的进程:{names}。" if dead else ""
    gone_en = f"Processes that ended: {', '.join(node.name for node in dead)}. " if dead else ""
    return NetworkError(
        f"网络未能启动:{zh}。{gone_zh}最后的答复:{reason}。"
        f"可再次执行 network up(接着做),或执行 network status 查看。",
        f"The network did not start: {en}. {gone_en}Last answer: {reason}. "
        f"Run 'network up' again (it goes on from here) or look with 'network status'.",
        "\n".join(tails),
    )
