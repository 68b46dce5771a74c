"""Room on the disk, looked at before anything is started: Fabric's databases do not survive their first
writes on a full disk, and a node that dies there cannot even log why."""

import shutil

from network.errors import NetworkError
from network.layout import Layout

# MiB. A network takes a fifth of it before the first batch.
LEAST_SPACE = 128


def need_space(layout: Layout) -> None:
    """Raises NetworkError."""
    there = next(folder for folder in (layout.home, *layout.home.parents) if folder.exists())
    left = shutil.disk_usage(there).free >> 20
    if left < LEAST_SPACE:
        raise NetworkError(
            f"{there} 所在磁盘只剩 {left} MiB,至少须有 {LEAST_SPACE} MiB 才能启动网络。"
            "请先腾出空间,再执行 network up。",
            f"The disk of {there} has {left} MiB left; at least {LEAST_SPACE} are needed to start the "
            "network. Make room, then run 'network up' again.",
        )
