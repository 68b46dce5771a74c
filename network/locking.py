"""One at a time, between processes: a lock that the system lets go of when its holder dies."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from network.errors import NetworkError

if sys.platform != "win32":
    import fcntl


@contextmanager
def locked(path: Path, seconds: float, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the lock file `path` (never removed: a removed lock could be held twice).

    Calls `waiting` once if another holds it; raises NetworkError when it is not free after `seconds`.
    """
    if sys.platform == "win32":
        raise NetworkError(
            "内置网络只能在 Linux 或 macOS 上运行。Windows 上请用 WSL2,或用 docker compose。",
            "The embedded network runs on Linux and macOS only. On Windows use WSL2 or docker compose.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        deadline = time.monotonic() + seconds
        told = False
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if not told:
                    waiting()
                    told = True
                if time.monotonic() > deadline:
                    raise NetworkError(
                        f"另一个进程占用 {path} 已超过 {seconds:.0f} 秒。请等它结束或停止它,再试一次。",
                        f"Another process has held {path} for over {seconds:.0f} s. "
                        "Let it finish or stop it, then try again.",
                    ) from error
                time.sleep(0.1)
        yield
