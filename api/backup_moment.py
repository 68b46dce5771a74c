"""The one moment that a back-up is of: journal, store and network copied so that they belong together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.backup_manifest import NetworkPart
from network.errors import NetworkError
from network.layout import layout
from network.marker import read_marker
from network.progress import Progress
from network.site import COMPOSE
from network.snapshot import copy_network, held_still

if TYPE_CHECKING:
    from ledger.handle import Ledger

CONSORTIUM = "consortium.yaml"


def network_part(ledger: Ledger, *, wanted: bool) -> NetworkPart:
    """Whether the ledger's own network lies in its data folder and is to be kept. Raises NetworkError."""
    marker = read_marker(layout(ledger.paths.home))
    if marker is None or marker.channel != ledger.settings.channel:
        return NetworkPart.ELSEWHERE
    if not wanted:
        return NetworkPart.LEFT_OUT
    return NetworkPart.CONTAINERS if marker.address == COMPOSE else NetworkPart.HELD


@dataclass
class Moment:
    """Called by the back-up with its folder, around the copy of the store.

    Anchoring is what ties store and chain: while the network stands still none can happen, so the store has
    every anchor that the chain has, and no other. `paused` then says how many processes stood still, and
    `not_resumed` why they could not be started again.
    """

    home: Path
    network: NetworkPart
    progress: Progress
    paused: int = 0
    not_resumed: NetworkError | None = None

    def __call__(self, target: Path) -> AbstractContextManager[None]:
        return self._around(target)

    @contextmanager
    def _around(self, target: Path) -> Iterator[None]:
        from api.intake.journal import copy_journal

        # The journal before the store: it must not remember records that the store's copy lacks.
        (target / "intake").mkdir(mode=0o700)
        if not copy_journal(self.home, target / "intake" / "journal.sqlite"):
            (target / "intake").rmdir()
        if (self.home / CONSORTIUM).is_file():
            shutil.copyfile(self.home / CONSORTIUM, target / CONSORTIUM)
        held = self.network is NetworkPart.HELD
        whole = False
        try:
            with held_still(self.home, self.progress) if held else nullcontext(0) as self.paused:
                if held:
                    copy_network(self.home, target / "network")
                yield
                whole = True
        except NetworkError as error:
            if not whole:
                raise
            # The copy is whole, so it is finished first; then it is said that the network is down.
            self.not_resumed = error
