"""What each process of a network is doing, asked of the process table and of the nodes themselves."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from network.callers import caller
from network.calls import CallError, orderer_height, peer_height, reached
from network.consortium import Consortium, Words, read_consortium
from network.layout import Kind, Layout, Node, layout
from network.marker import Marker, read_marker
from network.policies import quorum
from network.processes import Running, log_tail, running
from network.site import COMPOSE, Site, sites

# A block under way reaches nodes milliseconds apart, and an orderer that was started again fetches a single
# block that it missed only when the next one is made: one behind is still level.
MOST_LAG = 1


@dataclass(frozen=True)
class ProcessStatus:
    """One process; under docker compose its `pid` is not ours to know. `height` is its number of blocks
    (orderer and peer), None when it did not say, and then `trouble` is what it said. `lag` is how many
    blocks it is behind the highest. `log` holds the last lines of one that is dead or does not answer."""

    msp: str
    name: Words
    kind: Kind
    pid: int | None
    alive: bool
    address: str
    height: int | None
    lag: int | None
    trouble: str | None
    log: tuple[str, ...]


@dataclass(frozen=True)
class NetworkStatus:
    """`made` is False where no network was made yet; then there are no processes. `height` is the
    highest any node has. `advancing` is True when a quorum of orderers and a majority of peers live,
    answer and are level: then the next block can be made; None when nothing runs."""

    home: Path
    made: bool
    channel: str | None
    address: str | None
    connection: Path | None
    height: int | None
    advancing: bool | None
    processes: tuple[ProcessStatus, ...]

    @property
    def healthy(self) -> bool:
        """Every process lives, answers and is level."""
        return self.made and all(
            one.alive and one.trouble is None and (one.lag or 0) <= MOST_LAG for one in self.processes
        )


def status(home: Path) -> NetworkStatus:
    """Raises NetworkError only when the data folder does not hold what it should."""
    places = layout(home)
    marker = read_marker(places)
    if marker is None:
        return NetworkStatus(places.home, False, None, None, None, None, None, ())
    consortium = read_consortium(places.consortium)
    alive = {one.node: one for one in running(places)}
    jobs = [
        (site, kind)
        for site in sites(consortium, marker.address)
        for kind in (Kind.ORDERER, Kind.PEER, Kind.CHAINCODE)
    ]
    with ThreadPoolExecutor(len(jobs)) as pool:
        asked = list(pool.map(lambda job: _ask(places, marker, consortium, alive, job[0], job[1]), jobs))
    heights = [one.height for one in asked if one.height is not None]
    top = max(heights, default=None)
    processes = tuple(_with_lag(one, top) for one in asked)
    return NetworkStatus(
        places.home,
        True,
        marker.channel,
        marker.address,
        places.connection if places.connection.exists() else None,
        top,
        _advancing(processes) if any(one.alive for one in processes) else None,
        processes,
    )


def _ask(
    places: Layout, marker: Marker, consortium: Consortium, alive: dict[Node, Running], site: Site, kind: Kind
) -> ProcessStatus:
    node = Node(site.msp, kind)
    process = alive.get(node)
    composed = marker.address == COMPOSE
    height, trouble = _probe(places, marker, site, kind) if process or composed else (None, None)
    lives = trouble is None if composed else process is not None
    return ProcessStatus(
        site.msp,
        consortium.organisation(site.msp).name,
        kind,
        process.pid if process else None,
        lives,
        site.at(kind),
        height,
        None,
        trouble,
        () if lives and trouble is None else log_tail(places, node),
    )


def _probe(places: Layout, marker: Marker, site: Site, kind: Kind) -> tuple[int | None, str | None]:
    """Height and trouble of a live process, asked of itself."""
    one = caller(places, site)
    try:
        if kind is Kind.CHAINCODE:
            reached(one, kind)
            return None, None
        if kind is Kind.PEER:
            return peer_height(one, marker.channel), None
        height = orderer_height(one, marker.channel)
    except CallError as error:
        return None, str(error)
    return height, None if height is not None else "not on the channel"


def _with_lag(one: ProcessStatus, top: int | None) -> ProcessStatus:
    if top is None or one.height is None:
        return one
    return replace(one, lag=top - one.height)


def _advancing(processes: tuple[ProcessStatus, ...]) -> bool:
    def level(kind: Kind) -> int:
        return sum(one.kind is kind and one.lag is not None and one.lag <= MOST_LAG for one in processes)

    organisations = len({one.msp for one in processes})
    return level(Kind.ORDERER) >= quorum(organisations) and level(Kind.PEER) > organisations // 2
