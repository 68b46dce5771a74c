"""A process that hands in one statement the moment it is told to: run twice at once, by test_number_taken."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cryptography.x509 import load_der_x509_certificate

from api.intake.submission_bytes import read_submission
from ledger.accept import SubmissionsRefusedError, accept
from ledger.handle import open_ledger
from tests.ledger.ledger_world import START


def main(kept: Path, home: Path) -> None:
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
        print("accepted")
    ledger.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
