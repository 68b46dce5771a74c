"""Statements handed in at one moment by processes of their own: none sees another's before it asks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import PIPE

from cryptography.x509 import load_der_x509_certificate

from api.intake.submission_bytes import read_submission, submission_bytes
from ledger.accept import SubmissionsRefusedError, accept
from ledger.handle import open_ledger
from ledger.membership import ders
from ledger.submission import Submission
from tests.ledger.ledger_world import START, World

ACCEPTED = "accepted"


def handed_in_at_once(world: World, folder: Path, submissions: Sequence[Submission]) -> list[str]:
    """What came of them, sorted: ACCEPTED, or the first reason's code. `folder`: for what they read."""
    cas = {msp: [der.hex() for der in of] for msp, of in ders(world.person_cas(world.ledger)).items()}
    (folder / "cas.json").write_text(json.dumps(cas), encoding="utf-8")
    children = []
    for number, submission in enumerate(submissions):
        kept = folder / f"{number}.submission"
        kept.write_bytes(submission_bytes(submission))
        child = [sys.executable, "-m", "tests.ledger.at_once", str(kept), str(world.ledger.paths.home)]
        children.append(subprocess.Popen(child, stdin=PIPE, stdout=PIPE, text=True))
    for one in children:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in children:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    return sorted(one.communicate(timeout=600)[0].strip() for one in children)


def hand_in_when_told(kept: Path, home: Path) -> None:
    cas = json.loads((kept.parent / "cas.json").read_text(encoding="utf-8"))
    known = {
        msp: tuple(load_der_x509_certificate(bytes.fromhex(der)) for der in of) for msp, of in cas.items()
    }
    ledger = open_ledger(home, lambda: START)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        accept(ledger, [read_submission(kept.read_bytes())], lambda _: known)
    except SubmissionsRefusedError as error:
        print(error.refusals[0].reasons[0].code)
    else:
        print(ACCEPTED)
    ledger.close()


if __name__ == "__main__":
    hand_in_when_told(Path(sys.argv[1]), Path(sys.argv[2]))
