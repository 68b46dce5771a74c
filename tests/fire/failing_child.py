"""Run by test_system_calls: does once, when told to, all that writes; says what came of it."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from api.failure import problem_of
from ledger.files import store_file
from tests.ledger.ledger_world import TOWN, World, make_world, new_uuid


def say(line: str) -> None:
    data = f"{line}\n".encode()
    try:
        os.write(1, data)
    except OSError:
        # The fault, which comes once, has struck what is not under test.
        os.write(1, data)


def main(folder: Path) -> None:
    world = make_world(folder)
    (folder / "ca.der").write_bytes(world.cas[TOWN].certificate.public_bytes(Encoding.DER))
    # Once before, so that everything is loaded and what fails is not an import.
    work(world, folder, b"before")
    world.clock.step(1)
    world.anchor()
    say("ready")
    sys.stdin.readline()
    try:
        work(world, folder, b"under fire")
        world.ledger.close()
    except Exception as error:  # noqa: BLE001  told apart below
        problem = problem_of(error)
        say(f"error {problem.code}" if problem else f"traceback {traceback.format_exc()!r}")
    say("done")


def work(world: World, folder: Path, content: bytes) -> None:
    path = folder / f"{content.hex()}.pdf"
    path.write_bytes(content)
    say(f"file {store_file(world.ledger, path).digests.sha256.hex()}")
    key = world.person()
    made = [world.receive(key, new_uuid()), world.receive_list(key, [new_uuid() for _ in range(2)])]
    for accepted in world.accept(made):
        say(f"accepted {accepted.statement.hex()}")
    sealed = world.seal()
    say(f"sealed {sealed.number if sealed else '-'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
