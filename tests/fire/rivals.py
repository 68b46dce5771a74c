"""A process that anchors what is in flight the moment it is told to: run twice at once, by test_rivals. With
`seal` it does no more than that, and waits."""

from __future__ import annotations

import sys
from pathlib import Path

from ledger.anchor import anchor
from ledger.attest import attest
from ledger.fabric.connection import read_connection
from ledger.fabric.gateway import close, connect
from ledger.handle import open_ledger
from ledger.seal import seal


def main(home: Path, *, only_seal: bool) -> None:
    ledger = open_ledger(home)
    chain = connect(read_connection(ledger.settings.connection_path(home)))
    print("ready", flush=True)
    sys.stdin.readline()
    sealed = seal(ledger)
    if only_seal:
        print("sealed", flush=True)
        sys.stdin.readline()
    anchored = anchor(ledger, chain)
    attest(ledger, chain)
    print(sealed is not None, anchored.anchor.txid.hex() if anchored else "-", flush=True)
    close(chain)
    ledger.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), only_seal="seal" in sys.argv[2:])
