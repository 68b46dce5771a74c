"""Run by test_crash: accepts, seals and anchors without end, printing what it acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tests.ledger.ledger_world import make_world, new_uuid


def main(folder: Path, database: str) -> None:
    """`database`: the address of an empty one, "" for a file."""
    world = make_world(folder, database)
    key = world.person()
    for msp, ca in world.cas.items():
        (folder / f"{msp}.der").write_bytes(ca.certificate.public_bytes(Encoding.DER))
    while True:
        made = [world.receive(key, new_uuid()), world.receive_list(key, [new_uuid() for _ in range(3)])]
        for accepted in world.accept(made):
            print(accepted.statement.hex(), flush=True)
        world.seal_and_anchor()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
