"""A service in a process of its own, that waits for little: `python -m tests.api.http.served_child HOME`."""

from __future__ import annotations

import sys
from pathlib import Path

from api.http.limits import KIB, MIB, Limits
from tests.api.http.house import open_house

LIMITS = Limits(
    upload=4 * MIB,
    uploads=3,
    statement=64 * KIB,
    json=16 * KIB,
    bulk=MIB,
    bulk_line=64 * KIB,
    silence=2.0,
    denials=10_000,
)


def main(home: Path) -> None:
    with open_house(home, home, LIMITS) as house:
        print(house.url, flush=True)
        # Until whoever started it closes our standard input.
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
