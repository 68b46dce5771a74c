"""From records whose files are stored to what the list statements will say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from api.intake.formats import format_of
from api.intake.source import SourceRecord
from ledger.batch import FRAME_OCTETS, LINK_OCTETS, MAX_BATCH, MAX_LINKS, statement_octets
from ledger.sign import ItemDraft
from verifier.canonical import Json, encode
from verifier.claims import CARRIERS, COPIES, FileClaim
from verifier.digests import Digests, sha256
from verifier.disclosure import FileDigests
from verifier.item import MAX_ITEM
from verifier.statement import MAX_ITEMS

# What every file of an intake is to its record.
ROLE = "content"
# The statement (few claims of its own), its two trail lines and the certificate, beside the items.
_OWN_OCTETS = 8_192
_OWN_LINKS = 2
_DIGEST = "x" * 43


@dataclass(frozen=True)
class TakenFile:
    """A file in the ledger's store, or referred to by it."""

    name: str
    digests: Digests
    size: int


@dataclass(frozen=True)
class TakenRecord:
    """`record` is the uuid it will bear if it is signed now."""

    source: SourceRecord
    record: str
    files: tuple[TakenFile, ...]

    @property
    def content(self) -> bytes:
        """Digest of everything that it says: the same record again has the same."""
        source = self.source
        value: Json = {
            "carrier": source.carrier,
            "copy": source.copy,
            "fields": dict(source.fields),
            "files": [[f.name, f.digests.sha256.hex()] for f in self.files],
            "pages": str(source.pages),
        }
        return sha256(encode(value))

    @property
    def contents(self) -> frozenset[bytes]:
        """`content`; while it is not stated what the files are, that of every way in which it may be."""
        if self.source.carrier or not self.files:
            return frozenset([self.content])
        ways = [(carrier, copy) for carrier in CARRIERS for copy in COPIES]
        return frozenset(replace(self, source=self.source.stated_as(*way)).content for way in ways)

    @property
    def event(self) -> str:
        """收集 until it has an archival number, 接收登记 with one."""
        return "receive" if self.source.number else "capture"


def item_draft(taken: TakenRecord, *, hide_digests: bool) -> ItemDraft:
    """One item of a list. With `hide_digests` the files' digests are disclosures, not clear claims."""
    source = taken.source
    fields: dict[str, str | FileDigests] = dict(source.fields)
    files = []
    for number, file in enumerate(taken.files):
        fields[f"file.{number}.name"] = file.name
        if hide_digests:
            fields[f"file.{number}.digests"] = FileDigests(file.digests, file.size)
        files.append(
            FileClaim(
                role=ROLE,
                format=format_of(file.name),
                carrier=source.carrier,
                copy=source.copy,
                digests=None if hide_digests else file.digests,
                size=None if hide_digests else file.size,
            )
        )
    return ItemDraft(taken.record, files=tuple(files), fields=fields, pages=source.pages)


def item_sample(draft: ItemDraft) -> bytes:
    """The item's canonical JSON but for its digests' values, each of which is as long as any other."""
    value: dict[str, Json] = {"_sd_alg": "sha-256", "record": draft.record}
    if draft.fields:
        value |= {"_sd": [_DIGEST] * len(draft.fields), "fields": [*sorted(draft.fields)]}
    if draft.files:
        value["files"] = [_file(file) for file in draft.files]
    if draft.pages is not None:
        value["pages"] = draft.pages
    return encode(value)


def _file(file: FileClaim) -> dict[str, Json]:
    clear: dict[str, Json] = {
        "carrier": file.carrier,
        "copy": file.copy,
        "format": file.format,
        "role": file.role,
    }
    if file.digests is not None and file.size is not None:
        clear |= {"sha256": "0" * 64, "size": file.size, "sm3": "0" * 64}
    return clear


def fits(draft: ItemDraft) -> bool:
    """Whether one item can hold the record at all."""
    return len(item_sample(draft)) <= MAX_ITEM


def packed(drafts: Sequence[ItemDraft]) -> Iterator[tuple[int, int]]:
    """Ranges [from, to) of drafts that go into one list each: as few lists as a batch's cap allows."""
    start, octets, links = 0, _OWN_OCTETS + FRAME_OCTETS, _OWN_LINKS
    for number, draft in enumerate(drafts):
        own_links = 1 + len({f.digests.sha256 for f in draft.files if f.digests is not None})
        own_octets = statement_octets(b"", [item_sample(draft)]) + own_links * LINK_OCTETS
        full = octets + own_octets > MAX_BATCH or links + own_links > MAX_LINKS
        if number > start and (full or number - start >= MAX_ITEMS):
            yield start, number
            start, octets, links = number, _OWN_OCTETS + FRAME_OCTETS, _OWN_LINKS
        octets, links = octets + own_octets, links + own_links
    if len(drafts) > start:
        yield start, len(drafts)
