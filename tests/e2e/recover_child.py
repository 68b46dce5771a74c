"""Run by test_recover: recovers, and kills itself at the seam that it is told."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from ledger import recover as recovery
from ledger import restore_batch
from ledger.anchor import anchor as settle
from ledger.fabric.connection import read_connection
from ledger.fabric.gateway import Chain, connect
from ledger.handle import Ledger, open_ledger
from ledger.recover import recover
from ledger.settle_anchor import Anchored


def main(seam: str, home: Path, replicas: list[Path]) -> None:
    ledger = open_ledger(home)
    chain = connect(read_connection(ledger.settings.connection_path(home)))

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def die_settled(of: Ledger, on: Chain) -> Anchored | None:
        done = settle(of, on)
        die()
        return done

    seams = {
        "written": (restore_batch, "reread_in", die),
        "restored": (recovery, "anchor", die),
        "settled": (recovery, "anchor", die_settled),
    }
    module, name, patched = seams[seam]
    setattr(module, name, patched)
    list(recover(ledger, chain, replicas))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), [Path(one) for one in sys.argv[3:]])
