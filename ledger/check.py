"""Checking the whole ledger: everything that can be derived is derived again from the stored bytes.

What is found names every statement, entry, batch and file that disagrees. What could not be checked is found
as NOT_RUN: it has not passed. The walk holds one portion of the store in memory at a time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, and_, func, select
from sqlalchemy.exc import DBAPIError

from ledger.check_anchors import AnchorCheck, ChainAnchor, check_anchors, compare_with_chain
from ledger.check_log import check_log
from ledger.check_outbox import check_outbox
from ledger.check_recovered import check_recovered
from ledger.check_statements import check_statements
from ledger.check_store import TEXT_FOR_OCTETS, check_store
from ledger.check_tiles import check_tiles
from ledger.destroy_files import Gone, destroyed_files
from ledger.files import ERASING, LIVE, resolve
from ledger.finding import Finding, Progress, Subject
from ledger.fixity import FixityResult, hash_files
from ledger.handle import Ledger
from ledger.membership import Membership, PersonCas, person_cas
from ledger.pending import waiting
from ledger.store.engine import reading
from ledger.store.tables import entry, file, item, link, statement
from verifier.errors import ArchiveError, found_text
from verifier.report import Outcome
from verifier.trail import trail

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_FILE_CODES = {
    FixityResult.CHANGED: "FILE_DIGEST",
    FixityResult.MISSING: "FILE_MISSING",
    FixityResult.UNREADABLE: "FILE_UNREADABLE",
}


def check(
    ledger: Ledger,
    chain_anchor: ChainAnchor | None = None,
    anchor_check: AnchorCheck | None = None,
    membership: Membership = person_cas,
    progress: Progress = lambda stage, done, total: None,
) -> Iterator[Finding]:
    """Findings as they are made; none means that everything was checked and agrees."""
    cas: PersonCas | None = None
    try:
        cas = membership(ledger)
    except ArchiveError as error:
        yield Finding(Outcome.NOT_RUN, error.code, Subject.CERTIFICATE, "")
    with reading(ledger.engine) as connection:
        unsound = False
        for finding in _readable("store", check_store(connection, progress)):
            unsound |= finding.code != TEXT_FOR_OCTETS
            yield finding
        if unsound:
            yield Finding(Outcome.NOT_RUN, "STORE_UNSOUND", Subject.STORE, "statements, log, anchors")
        else:
            yield from _walk(connection, ledger, cas, chain_anchor, anchor_check, progress)
    yield from _check_files(ledger, progress)


def _walk(
    connection: Connection,
    ledger: Ledger,
    cas: PersonCas | None,
    chain_anchor: ChainAnchor | None,
    anchor_check: AnchorCheck | None,
    progress: Progress,
) -> Iterator[Finding]:
    yield from _readable("statements", check_statements(connection, ledger, cas, progress))
    yield from _readable("log", check_log(connection, ledger, progress))
    yield from _readable("tiles", check_tiles(connection, progress))
    yield from _readable("anchors", check_anchors(connection, ledger, anchor_check, progress))
    yield from _readable("outbox", check_outbox(connection, ledger))
    yield from _readable("recovered", check_recovered(connection))
    yield from _readable("chain", compare_with_chain(connection, chain_anchor, progress))


def _readable(stage: str, found: Iterator[Finding]) -> Iterator[Finding]:
    """A stage during which the database cannot be read has not passed."""
    try:
        yield from found
    except DBAPIError as error:
        if error.connection_invalidated:
            # The server went away: that is no finding about what it keeps.
            raise
        yield Finding(
            Outcome.FAILED, "STORE_UNREADABLE", Subject.STORE, stage, found=found_text(str(error.orig))
        )


def _check_files(ledger: Ledger, progress: Progress) -> Iterator[Finding]:
    """Every file on the disk still has the digests with which it came in."""
    with reading(ledger.engine) as connection:
        total = connection.execute(select(func.count()).where(file.c.mode.in_(LIVE))).scalar_one()
    for done, (checked, _) in enumerate(hash_files(ledger), 1):
        if checked.result is not FixityResult.SAME:
            expected = checked.sha256.hex()
            yield Finding(
                # What cannot be read may be the very file that came in.
                outcome=Outcome.NOT_RUN if checked.result is FixityResult.UNREADABLE else Outcome.FAILED,
                code=_FILE_CODES[checked.result],
                subject=Subject.FILE,
                name=str(checked.path),
                records=records_with_file(ledger, checked.sha256),
                expected=expected,
                found=checked.found,
            )
        progress("files", done, total)
    gone = destroyed_files(ledger)
    yield from _destroyed(ledger, gone)
    yield from _unlisted(ledger, {one.path for one in gone})


def _destroyed(ledger: Ledger, gone: Sequence[Gone]) -> Iterator[Finding]:
    """What was destroyed is not missing: it is found where it lies still, or where no statement says so."""
    for one in gone:
        path = resolve(ledger.paths, one.mode, one.path)
        code = "FILE_DESTROYED_LEFT" if path.is_file() or one.mode == ERASING else ""
        code = code if one.statement else "FILE_DESTROYED_UNSTATED"
        if code:
            records = records_with_file(ledger, one.sha256)
            expected = f"destroyed by statement {one.statement.hex()}" if one.statement else "a statement"
            yield Finding(Outcome.FAILED, code, Subject.FILE, str(path), records, expected, one.sha256.hex())


def _unlisted(ledger: Ledger, told: Collection[str]) -> Iterator[Finding]:
    """A copy that statements name is listed; one that none names is left from an intake broken off."""
    with reading(ledger.engine) as connection:
        listed = set(connection.execute(select(file.c.path).where(file.c.mode == "copy")).scalars())
    files = ledger.paths.files
    for path in sorted(files.glob("??/??/*")):
        name = str(path.relative_to(files))
        if name not in listed and name not in told and _DIGEST.match(path.name):
            records = records_with_file(ledger, bytes.fromhex(path.name))
            if records:
                yield Finding(Outcome.FAILED, "FILE_UNLISTED", Subject.FILE, str(path), records)


def records_with_file(ledger: Ledger, sha256: bytes) -> tuple[str, ...]:
    """The records of which some statement names a file with this digest.

    What is logged is found by its trail, what is pending by its own text: the archive is not walked.
    """
    on = trail("content", sha256.hex())
    line = f"{on.kind} {on.key}"
    with reading(ledger.engine) as connection:
        logged = (
            select(statement.c.record, item.c.record)
            .select_from(link)
            .join(entry, entry.c.idx == link.c.idx)
            .join(statement, statement.c.id == entry.c.statement_id)
            .join(item, _is_item_of(entry.c.statement_id, entry.c.item_number), isouter=True)
            .where(link.c.trail_key == bytes.fromhex(on.key))
        )
        found = {own or listed for own, listed in connection.execute(logged)}
        pending = select(statement.c.id, statement.c.item_count, statement.c.record).where(
            waiting(connection), statement.c.trails.contains(line) | (statement.c.item_count > 0)
        )
        for row in connection.execute(pending).all():
            listed = select(item.c.record).where(item.c.statement_id == row.id, item.c.trails.contains(line))
            found |= set(connection.execute(listed).scalars()) if row.item_count else {row.record}
    return tuple(sorted(record for record in found if record))


def _is_item_of(key: ColumnElement[int], number: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(item.c.statement_id == key, item.c.number == number)
