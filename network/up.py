"""Bringing a network up: made if it is not there, resumed if it is, left alone where it already runs."""

import time
from pathlib import Path

from network.binaries import Chaincode, Fabric, chaincode_program, fabric_programs
from network.consortium import Consortium
from network.layout import Layout, layout
from network.locking import locked
from network.make import ensure_made, write_contracts
from network.marker import Marker
from network.plans import make_plans, start_plans
from network.progress import Progress, Step, silent
from network.site import sites
from network.space import need_space
from network.status import NetworkStatus, status
from network.together import Watch, assemble_network, make_packages

LOCK_SECONDS = 300.0
# A process that dies ends the waiting at once; nodes that are only slow are waited for.
START_SECONDS = 300.0


def up(
    home: Path,
    progress: Progress = silent,
    *,
    consortium: Path | None = None,
    chaincode_source: Path | None = None,
) -> NetworkStatus:
    """Brings the network of a data folder up and returns its status once all organisations endorse.
    Whatever runs already, and runs as it should, is left alone.

    Raises NetworkError; what was started by then keeps running until `down`.
    """
    places = layout(home)
    waiting = Step("另一个进程正在操作此网络,等待", "another process is working on this network; waiting")
    need_space(places)
    with locked(places.lock, LOCK_SECONDS, lambda: progress(waiting)):
        fabric = fabric_programs(progress)
        chaincode = chaincode_program(chaincode_source, progress)
        members, marker = ensure_made(places, consortium, progress)
        write_contracts(places, members, marker)
        _start(places, members, marker, fabric, chaincode, progress)
        return status(home)


def _start(
    places: Layout,
    consortium: Consortium,
    marker: Marker,
    fabric: Fabric,
    chaincode: Chaincode,
    progress: Progress,
) -> None:
    where = sites(consortium, marker.address)
    packages = make_packages(places, where, chaincode.version)
    progress(Step("正在启动各机构的节点", "starting every organisation's nodes"))
    plans = [make_plans(places, site, fabric, chaincode, packages[site.msp]) for site in where]
    start_plans(places, tuple(plan for of_one in plans for plan in of_one))
    watch = Watch(places, time.monotonic() + START_SECONDS, embedded=True)
    assemble_network(watch, marker.channel, where, packages, chaincode.version, progress)
