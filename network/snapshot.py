"""A network's folder copied as of one moment: its processes stand still while it is copied.

Blocks, state and write-ahead logs of twelve processes belong together; copied while they are written they
would be torn, and nodes that each come back at another height may decide another block at the same number.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from network.consortium import read_consortium
from network.down import LOCK_SECONDS
from network.errors import NetworkError
from network.layout import Layout, layout
from network.locking import locked
from network.marker import read_marker
from network.plans import STOP_SECONDS, Plan, start_plans
from network.processes import running, stop
from network.progress import Progress, Step, silent
from network.site import Site, sites
from network.status import status

_POLL_SECONDS = 0.2


@contextmanager
def held_still(home: Path, progress: Progress = silent) -> Iterator[int]:
    """Ends the network's processes and, however the block is left, starts the same ones again, as they ran:
    nothing is built or upgraded by it. Nobody else can start or stop the network meanwhile.

    Yields how many ran. Raises NetworkError; after one that came at the end the network is down.
    """
    places = layout(home)
    waiting = Step("另一个进程正在操作此网络,等待", "another process is working on this network; waiting")
    with locked(places.lock, LOCK_SECONDS, lambda: progress(waiting)):
        plans = _as_they_run(places)
        if plans:
            progress(Step("网络暂停片刻", "the network pauses for a moment"))
            stop(running(places), STOP_SECONDS)
        try:
            yield len(plans)
        finally:
            if plans:
                progress(Step("网络继续运行", "the network goes on"))
                start_plans(places, plans)


def copy_network(home: Path, target: Path) -> None:
    """Copies the network's folder to `target`, all but its logs. The network must stand still."""
    places = layout(home)
    logs = str(places.root / "logs")

    def left_out(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if f"{folder}/{name}" == logs]

    shutil.copytree(places.root, target, ignore=left_out)


def wait_until_advancing(home: Path, seconds: float) -> bool:
    """Whether blocks can be added again; asked until they can, at most `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if status(home).advancing:
                return True
        except NetworkError:
            return False
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)


def _as_they_run(places: Layout) -> tuple[Plan, ...]:
    """How to start what runs now, exactly as it was started."""
    marker = read_marker(places)
    found = running(places)
    if marker is None or not found:
        return ()
    by_msp: dict[str, Site] = {
        site.msp: site for site in sites(read_consortium(places.consortium), marker.address)
    }
    plans = []
    for one in found:
        try:
            command = tuple(one.process.cmdline())
            environment = one.process.environ()
        except psutil.Error:
            # It ended by itself between being found and being asked: not one to start again.
            continue
        plans.append(
            Plan(one.node, by_msp[one.node.msp], command, environment, places.node(one.node), one.digest)
        )
    return tuple(plans)
