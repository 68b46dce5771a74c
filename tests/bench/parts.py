"""Every measurement, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.bench import accept, batch, check, digests, latency, peers, proof, size
from tests.bench.figures import Part
from tests.bench.setting import Setting

PARTS: Mapping[str, Callable[[Part, Setting], None]] = {
    "accept": accept.measure,
    "batch": batch.measure,
    "latency": latency.measure,
    "proof": proof.measure,
    "check": check.measure,
    "digests": digests.measure,
    "size": size.measure,
    "peers": peers.measure,
}
