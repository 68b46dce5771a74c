"""Resident memory of every process that keeps the ledger."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import psutil

from network.layout import layout
from network.processes import running


def resident(home: Path) -> Mapping[str, int]:
    """Octets by kind: this process, and the largest orderer, peer and chaincode of the network in `home`."""
    found: dict[str, int] = {"ledger": psutil.Process(os.getpid()).memory_info().rss}
    for one in running(layout(home)):
        kind = str(one.node.kind.value)
        found[kind] = max(found.get(kind, 0), psutil.Process(one.pid).memory_info().rss)
    return found
