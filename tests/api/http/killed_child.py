"""A service that is killed, as by a power cut, at one moment of giving a file out."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from api.http import file_out
from tests.api.http.house import open_house

MOMENTS = {"before the statement": "state", "before the first octet": "closing_chunks"}


def main(home: str, moment: str) -> None:
    def killed(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(file_out, MOMENTS[moment], killed)
    with open_house(Path(home), Path(home)) as house:
        sys.stdout.write(f"{house.url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
