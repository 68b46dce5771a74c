"""What is asked of a list's items: a part of the list at a time, so that several processes share one list.

Pure, as `ledger.examine`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.examine import Found, ahead, read_certificate, read_disclosures, reason_of, unmarked_late
from ledger.examined import DisclosureRow, ItemRow, disclosure_row, trail_lines
from ledger.submission import SubmittedItem
from verifier.conformity import check_items
from verifier.digests import Digests
from verifier.disclosure import Disclosure, check_disclosures
from verifier.errors import EvidenceError
from verifier.item import Item, list_roots, parse_item
from verifier.report import Reason
from verifier.statement import Statement, parse_statement
from verifier.trail import trails_of_item

# A power of two: then the roots of the parts, put in order, are the leaves of a tree with the list's root.
PART = 1024


class ExaminedItems(NamedTuple):
    """Of one part of a list, but for `unread`: why one of them cannot be read, and then nothing else counts.

    `roots`: over the part's items. `links`: how many their trails make. `answers`: what each one answers, of
    a statement that erases. The reasons stand apart by what they are about, in the order of the items.
    """

    rows: tuple[ItemRow, ...]
    disclosures: tuple[DisclosureRow, ...]
    roots: Digests
    links: int
    answers: tuple[frozenset[bytes], ...]
    ahead: tuple[Reason, ...]
    unmarked: tuple[Reason, ...]
    unbound: tuple[Reason, ...]
    against_catalogue: tuple[Reason, ...]
    unread: Reason | None


_NOTHING = ExaminedItems((), (), Digests(b"", b""), 0, (), (), (), (), (), None)


def examine_items(
    statement: bytes, certificate: bytes, items: Sequence[SubmittedItem], first: int, accepted_at: str
) -> ExaminedItems:
    """`items`: those from number `first` on, of the list that `statement` signs with `certificate`.

    Of a statement or certificate that cannot be read nothing is said here: whoever reads it says so.
    """
    try:
        listing = parse_statement(statement)
    except EvidenceError:
        return _NOTHING
    try:
        return _examine(listing, _role(certificate), list(_read(items, first)), accepted_at)
    except EvidenceError as error:
        return _NOTHING._replace(unread=reason_of(error))


def _role(certificate: bytes) -> str | None:
    try:
        return read_certificate(certificate).role
    except EvidenceError:
        return None


def _read(items: Sequence[SubmittedItem], first: int) -> Iterator[tuple[Item, tuple[Disclosure, ...]]]:
    for number, part in enumerate(items, first):
        at = f"items[{number}]"
        yield parse_item(part.data, number, at), read_disclosures(part.disclosures, at)


def _examine(
    listing: Statement,
    role: str | None,
    read: Sequence[tuple[Item, tuple[Disclosure, ...]]],
    accepted_at: str,
) -> ExaminedItems:
    unbound = Found()
    rows: list[ItemRow] = []
    links = 0
    for item, shown in read:
        with unbound.rule():
            check_disclosures(item.claims, shown, f"items[{item.number}]")
        trails = trails_of_item(item)
        links += len(trails)
        digests = item.digests
        rows.append((item.number, item.record, item.data, digests.sha256, digests.sm3, trail_lines(trails)))
    items = [item for item, _ in read]
    dates = [(f"items[{item.number}]", item.claims.occurred_at) for item in items]
    happened = [
        (at, own or listing.occurred_at, item.claims.late or listing.claims.late)
        for item, (at, own) in zip(items, dates, strict=True)
    ]
    return ExaminedItems(
        rows=tuple(rows),
        disclosures=tuple(disclosure_row(item.number, one) for item, shown in read for one in shown),
        roots=list_roots([item.data for item in items]),
        links=links,
        answers=tuple(frozenset(item.claims.answers) for item in items) if listing.erased else (),
        ahead=tuple(ahead(dates, accepted_at)),
        unmarked=tuple(unmarked_late(happened, accepted_at)),
        unbound=tuple(unbound.reasons),
        against_catalogue=tuple(check_items(listing, items, role)),
        unread=None,
    )
