"""恢复演练: a back-up is put in place in a scratch folder, checked there and compared; nothing is left."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.handle import Ledger, open_ledger
from ledger.store.engine import reading
from ledger.store.tables import batch
from verifier.errors import ArchiveError
from verifier.report import Outcome

if TYPE_CHECKING:
    from ledger.backup_manifest import Manifest

SAME, DIFFERENT, NOT_DONE = "same", "different", "not_done"


@dataclass(frozen=True)
class Drill:
    """`outcome`: SAME, DIFFERENT or NOT_DONE. `codes`: what disagreed, or why it was not done. `unchecked`:
    of what the check could not say anything."""

    outcome: str
    codes: tuple[str, ...]
    unchecked: tuple[str, ...]
    manifest: Manifest


def rehearse(
    ledger: Ledger, source: Path, scratch: Path | None, say: Callable[[str], None], *, offline: bool
) -> Drill:
    """`scratch`: where there is room for the whole back-up; the system's folder for it if None.

    Raises CallerError BACKUP_MANIFEST where `source` is no back-up at all.
    """
    from api.secrecy.erased import kept_no_more
    from ledger.backup_manifest import MANIFEST, read_manifest
    from verifier.errors import CallerError

    try:
        manifest = read_manifest((source / MANIFEST).read_bytes())
    except OSError as error:
        raise CallerError("BACKUP_MANIFEST", str(source / MANIFEST)) from error
    erased = {one.hex() for one in kept_no_more(ledger)}
    if manifest.ledger != ledger.id:
        return Drill(NOT_DONE, ("BACKUP_OTHER_LEDGER",), (), manifest)
    if any(one.path.rpartition("/")[2] in erased for one in manifest.files):
        # To put it in place, even for a while, would bring back what was erased.
        return Drill(NOT_DONE, ("BACKUP_HOLDS_ERASED",), (), manifest)
    making = Path(tempfile.mkdtemp(prefix="archive-ledger-drill-", dir=scratch))
    try:
        return _rehearse(ledger, source, making / "home", manifest, say, offline=offline)
    except ArchiveError as error:
        outcome = DIFFERENT if error.code == "BACKUP_DAMAGED" else NOT_DONE
        return Drill(outcome, (error.code,), (), manifest)
    except OSError as error:
        return Drill(NOT_DONE, (f"OS_{error.errno}",), (), manifest)
    finally:
        shutil.rmtree(making)


def _rehearse(
    ledger: Ledger, source: Path, home: Path, manifest: Manifest, say: Callable[[str], None], *, offline: bool
) -> Drill:
    from api.checking import checked
    from ledger.backup_restore import restore
    from ledger.fixity import check_fixity

    restore(source, home, lambda octets, path: say(f"{octets >> 20} MiB"), network=False)
    with closing(open_ledger(home)) as restored:
        found = checked(restored, lambda stage, done, total: say(f"{stage} {done}"), offline=offline).findings
        fixity = check_fixity(restored, lambda *_: None)
        codes = [one.code for one in found if one.outcome is Outcome.FAILED and one.code != _BEHIND]
        codes += ["FIXITY_PROBLEMS"] if fixity.problems else []
        codes += [] if _roots(restored) == _roots(ledger, manifest.batch) else ["DRILL_OTHER_LOG"]
    unchecked = tuple(dict.fromkeys(one.code for one in found if one.outcome is not Outcome.FAILED))
    return Drill(DIFFERENT if codes else SAME, tuple(dict.fromkeys(codes)), unchecked, manifest)


# The chain has gone on since the back-up was made, as it must.
_BEHIND = "CHAIN_AHEAD"


def _roots(ledger: Ledger, number: int | None = None) -> list[tuple[object, ...]]:
    """Of every batch up to `number`."""
    query = select(batch.c.number, batch.c.size, batch.c.sha256, batch.c.sm3).order_by(batch.c.number)
    with reading(ledger.engine) as connection:
        rows = connection.execute(query if number is None else query.where(batch.c.number <= number))
        return [tuple(row) for row in rows]
