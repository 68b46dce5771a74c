"""A ledger whose store is lost, begun again: with the name and key that it had, and its first, empty batch.

Batch 0 of a ledger is the same whoever makes it, so it has the anchor that it always had; `ledger.recover`
fetches the others.
"""

from __future__ import annotations

from pathlib import Path

from ledger.checkpoint_key import keep_public_key, load_checkpoint_key
from ledger.create import create_ledger
from ledger.durable import sync_folder, write_durably
from ledger.handle import Clock, Ledger, system_clock
from ledger.paths import LedgerPaths
from ledger.settings import Settings
from verifier.errors import CallerError


def rebuild(
    home: Path, settings: Settings, public_key: bytes, key: bytes | None, now: Clock = system_clock
) -> Ledger:
    """`public_key`: 32 octets, of the ledger that was lost. `key`: its checkpoint.key, None if lost as well.

    Raises CallerError CHECKPOINT_KEY_OTHER, LEDGER_EXISTS; LedgerError CHECKPOINT_KEY.
    """
    if key is not None:
        _check(key, public_key)

    def write_key(paths: LedgerPaths) -> None:
        if key is None:
            keep_public_key(paths.public_key, public_key)
        else:
            write_durably(paths.checkpoint_key, key, 0o600)

    return create_ledger(home, settings, now, write_key)


def give_back_key(paths: LedgerPaths, public_key: bytes, key: bytes) -> None:
    """To a ledger that came back without.

    Raises CallerError CHECKPOINT_KEY_OTHER, LedgerError CHECKPOINT_KEY.
    """
    _check(key, public_key)
    write_durably(paths.checkpoint_key, key, 0o600)
    paths.public_key.unlink(missing_ok=True)
    sync_folder(paths.root)


def _check(key: bytes, public_key: bytes) -> None:
    found = load_checkpoint_key(key, "checkpoint.key").public_key().public_bytes_raw()
    if found != public_key:
        raise CallerError("CHECKPOINT_KEY_OTHER", "checkpoint.key", public_key.hex(), found.hex())
