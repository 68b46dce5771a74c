"""Ways to spoil the sound ledger of test_check, and what the check must say of each."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.finding import Subject
from tests.ledger.ledger_world import RECORD

OTHER = "0c1d7a52-5d0e-4b3a-8c55-2f6b0f6f9b10"
LISTED = [f"{n:08x}-1111-4111-8111-111111111111" for n in range(300)]


@dataclass(frozen=True)
class Spoiled:
    """`findings`: (subject, code, name) that must be among those made; a statement is named by its number.

    `records`: those that must be named, and then no others may be.
    """

    what: str
    sql: str
    findings: frozenset[tuple[Subject, str, str]]
    records: frozenset[str]


def _case(what: str, sql: str, *findings: tuple[Subject, str, str], records: tuple[str, ...] = ()) -> Spoiled:
    return Spoiled(what, sql, frozenset(findings), frozenset(records))


# The log: markers at 0, 1, 13, 16, 319, the cast's keys and duties from 2; RECORD at 14 and 318, OTHER at 15
# and 320; the list at 17, its items from 18. The cast's statements have the ids 1 to 11.
CASES = [
    _case(
        "a statement's bytes",
        "UPDATE statement SET data = CAST(replace(CAST(data AS TEXT), 'eyJhbGci', "
        "'eyJhbGcj') AS BLOB) WHERE id = 12",
        (Subject.STATEMENT, "STATEMENT_DIGEST", "12"),
        records=(RECORD,),
    ),
    _case(
        "the event it is filed under",
        "UPDATE statement SET event = 'capture' WHERE id = 13",
        (Subject.STATEMENT, "STORE_COLUMN", "13 event"),
        records=(OTHER,),
    ),
    _case(
        "the record it is filed under",
        "UPDATE statement SET record = (SELECT record FROM statement WHERE id = 13) WHERE id = 12",
        (Subject.STATEMENT, "STORE_COLUMN", "12 record"),
        records=(RECORD, OTHER),
    ),
    _case(
        "its trails",
        "UPDATE statement SET trails = replace(trails, 'content', 'contend') WHERE id = 12",
        (Subject.ENTRY, "ENTRY_TRAILS", "14"),
        (Subject.STATEMENT, "STORE_COLUMN", "12 trails"),
        records=(RECORD,),
    ),
    _case(
        "a receipt",
        "UPDATE statement SET receipt = replace(receipt, '09:30', '09:31') WHERE id = 12",
        (Subject.RECEIPT, "NOTE_SIGNATURE", "12"),
        records=(RECORD,),
    ),
    _case(
        "when it was accepted",
        "UPDATE statement SET accepted_at = '2026-01-12T09:30:02.500Z' WHERE id = 12",
        (Subject.ENTRY, "ENTRY_TIME", "14"),
        (Subject.RECEIPT, "RECEIPT_DIFFERS", "12"),
        records=(RECORD,),
    ),
    _case(
        "a certificate",
        "UPDATE certificate SET der = zeroblob(300)",
        *((Subject.CERTIFICATE, "CERTIFICATE_DIGEST", str(n)) for n in range(1, 15)),
        records=(
            RECORD,
            OTHER,
            *LISTED,
        ),
    ),
    _case(
        "an item's bytes",
        "UPDATE item SET data = CAST(replace(CAST(data AS TEXT), ':8,', ':9,') AS BLOB) WHERE number = 7",
        (Subject.ITEM, "ITEM_DIGEST", "14 7"),
        (Subject.STATEMENT, "LIST_ROOTS", "14"),
        records=(LISTED[7],),
    ),
    _case(
        "an item taken away",
        "DELETE FROM item WHERE number = 299",
        (Subject.ENTRY, "ITEM_MISSING", "317"),
        (Subject.STATEMENT, "LIST_SIZE", "14"),
    ),
    _case(
        "a disclosure",
        "UPDATE disclosure SET text = (SELECT text FROM disclosure WHERE statement_id = 13 "
        "AND name = 'title') WHERE statement_id = 12 AND name = 'title'",
        (Subject.DISCLOSURE, "SD_NOT_BOUND", "12 -1 title"),
        records=(RECORD,),
    ),
    _case(
        "the text it is looked up by",
        "UPDATE disclosure SET value = 'X' WHERE statement_id = 12 AND name = 'title'",
        (Subject.DISCLOSURE, "STORE_COLUMN", "12 -1 title"),
        records=(RECORD,),
    ),
    _case(
        "an entry's text",
        "UPDATE entry SET text = replace(text, '2026-01-12', '2025-01-12') WHERE idx = 14",
        (Subject.ENTRY, "ENTRY_LEAF", "14"),
        records=(RECORD,),
    ),
    _case(
        "an entry taken away",
        "DELETE FROM entry WHERE idx = 14",
        (Subject.ENTRY, "ENTRY_MISSING", "14"),
        (Subject.STATEMENT, "STATEMENT_NOT_LOGGED", "12"),
        records=(RECORD,),
    ),
    _case(
        "an item's entry taken away",
        "DELETE FROM entry WHERE idx = 112",
        (Subject.ENTRY, "ENTRY_MISSING", "112"),
        (Subject.ENTRY, "ENTRY_ORDER", "113"),
    ),
    _case(
        "a statement taken away",
        "DELETE FROM statement WHERE id = 12",
        (Subject.ENTRY, "STATEMENT_MISSING", "14"),
    ),
    _case(
        "a link moved",
        "UPDATE link SET leaf = zeroblob(32) WHERE idx = 14",
        (Subject.LINK, "LINK_LEAF", "14"),
        (Subject.LINK, "LINK_PREVIOUS", "15"),
        (Subject.LINK, "LINK_PREVIOUS", "318"),
        records=(RECORD, OTHER),
    ),
    _case(
        "a link taken away",
        "DELETE FROM link WHERE idx = 318",
        (Subject.LINK, "LINK_MISSING", "318"),
        (Subject.LINK, "LINK_PREVIOUS", "320"),
        records=(RECORD, OTHER),
    ),
    _case(
        "a link too many",
        "INSERT INTO link VALUES (zeroblob(32), 0, 15, zeroblob(32))",
        (Subject.LINK, "LINK_EXTRA", "15"),
        records=(OTHER,),
    ),
    _case(
        "a hash in a tile",
        "UPDATE tile SET hashes = CAST(zeroblob(64) || substr(hashes, 65) AS BLOB) WHERE "
        "alg = 'sm3' AND level = 0 AND n = 0",
        (Subject.TILE, "TILE_HASH", "sm3 1/0"),
        (Subject.TILE, "TILE_LEAF", "sm3 0/0 0"),
        (Subject.TILE, "TILE_LEAF", "sm3 0/0 1"),
    ),
    _case(
        "a tile above",
        "UPDATE tile SET hashes = zeroblob(32) WHERE alg = 'sha256' AND level = 1",
        (Subject.TILE, "TILE_HASH", "sha256 1/0"),
    ),
    _case(
        "a tile taken away",
        "DELETE FROM tile WHERE alg = 'sha256' AND level = 0 AND n = 1",
        (Subject.TILE, "TILE_MISSING", "sha256 0/1"),
        (Subject.TILE, "TILE_WIDTH", "sha256 0/1"),
    ),
    _case(
        "a tile too many",
        "INSERT INTO tile VALUES ('sm3', 0, 9, zeroblob(32))",
        (Subject.TILE, "TILE_EXTRA", "sm3 0/9"),
    ),
    _case(
        "a marker",
        "UPDATE batch SET marker = replace(marker, 'T09', 'T08') WHERE number = 2",
        (Subject.BATCH, "MARKER_ANCHOR", "2"),
        (Subject.ENTRY, "ENTRY_LEAF", "13"),
    ),
    _case(
        "a batch's root",
        "UPDATE batch SET sha256 = zeroblob(32) WHERE number = 3",
        (Subject.ANCHOR, "ANCHOR_BATCH", "3"),
        (Subject.BATCH, "BATCH_ROOT", "3 sha256"),
    ),
    _case(
        "a batch's time",
        "UPDATE batch SET last_recorded_at = '2026-01-12T10:00:00.000Z' WHERE number = 4",
        (Subject.BATCH, "BATCH_TIME", "4"),
    ),
    _case(
        "a batch taken away",
        "DELETE FROM batch WHERE number = 3",
        (Subject.BATCH, "BATCH_MISSING", "3"),
        (Subject.BATCH, "BATCH_PLACE", "4"),
    ),
    _case(
        "an anchor",
        "UPDATE anchor SET data = CAST(replace(CAST(data AS TEXT), 'T09', 'T08') AS BLOB) WHERE batch = 2",
        (Subject.ANCHOR, "ANCHOR_BATCH", "2"),
        (Subject.ANCHOR, "ANCHOR_CHAINED", "3"),
    ),
    _case(
        "an anchor taken away",
        "DELETE FROM anchor WHERE batch = 2",
        (Subject.ANCHOR, "ANCHOR_MISSING", "2"),
        (Subject.BATCH, "MARKER_ANCHOR", "3"),
    ),
    _case(
        "the digest a file is kept under",
        "UPDATE file SET sm3 = zeroblob(32)",
        (Subject.FILE, "FILE_DIGEST", "file"),
        records=(RECORD,),
    ),
]
