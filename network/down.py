"""Stopping a network, and removing it."""

import shutil
from pathlib import Path

from network.address import release
from network.errors import NetworkError
from network.layout import layout
from network.locking import locked
from network.marker import read_marker
from network.plans import STOP_SECONDS
from network.processes import running, stop
from network.progress import Progress, Step, silent

LOCK_SECONDS = 300.0


def down(home: Path, progress: Progress = silent) -> int:
    """Ends every process of the network; returns how many there were. The data stays."""
    places = layout(home)
    if not places.home.is_dir():
        return 0
    with locked(places.lock, LOCK_SECONDS, lambda: progress(_WAITING)):
        found = running(places)
        if found:
            progress(Step(f"正在停止 {len(found)} 个进程", f"stopping {len(found)} processes"))
        stop(found, STOP_SECONDS)
        return len(found)


def reset(home: Path, progress: Progress = silent) -> bool:
    """Ends every process and removes the network folder for good; False when there is none.

    Raises NetworkError for a folder that carries no marker of ours: it is left alone.
    """
    places = layout(home)
    if not places.root.exists():
        return False
    if places.root.is_symlink() or not places.root.is_dir():
        raise _not_ours(places.root)
    marker = read_marker(places)
    if marker is None:
        raise _not_ours(places.root)
    down(home, progress)
    with locked(places.lock, LOCK_SECONDS, lambda: progress(_WAITING)):
        progress(Step("正在删除网络数据", "removing the network's data"))
        release(places.home, marker.address)
        # Renamed first: a removal that breaks off leaves no half network behind under its name.
        doomed = places.root.rename(places.home / ".network-removing")
        shutil.rmtree(doomed)
    return True


_WAITING = Step("另一个进程正在操作此网络,等待", "another process is working on this network; waiting")


def _not_ours(root: Path) -> NetworkError:
    return NetworkError(
        f"{root} 不是本程序建立的网络(没有 network.json),不予删除。确需删除请自行处理。",
        f"{root} is not a network that this program made (no network.json); it is not removed. "
        "Remove it yourself if you mean to.",
    )
