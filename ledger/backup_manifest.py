"""The manifest of a back-up: every file with its digests. Canonical JSON."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from enum import StrEnum

from verifier.canonical import Json, encode, parse
from verifier.digests import Digests
from verifier.errors import CallerError, EvidenceError
from verifier.shape import ORIGIN, members

VERSION = "archive-ledger backup v1"
MANIFEST = "manifest.json"
MAX_FILES = 10_000_000
_MEMBERS = (
    "batch",
    "channel",
    "created_at",
    "damaged",
    "files",
    "ledger",
    "missing",
    "network",
    "origin",
    "references",
    "size",
    "version",
)
# Plain relative paths: nothing in a manifest may point out of its folder.
_PATH = re.compile(r"(?:(?!\.{1,2}(?:/|\Z))[^/\0\\]+/)*(?!\.{1,2}\Z)[^/\0\\]+\Z")


@dataclass(frozen=True)
class ManifestFile:
    """`path` is relative to the back-up's folder."""

    path: str
    size: int
    digests: Digests


class NetworkPart(StrEnum):
    """Whether the network's folder is in the back-up, and if not, why."""

    HELD = "held"
    LEFT_OUT = "left out"  # as was asked for
    ELSEWHERE = "elsewhere"  # it does not lie in the ledger's data folder
    CONTAINERS = "in containers"  # docker compose runs it, with the engine's volumes


@dataclass(frozen=True)
class Manifest:
    """`ledger`: 32 octets. `batch` and `size`: newest batch and the log's size in the store that was kept.

    What the back-up does not hold stands in it, too: `network` (that of `channel`); `references`, the number
    of files that are only referenced; `damaged`, files that had another digest than their name when they
    were copied; `missing`, paths of what should have been there.
    """

    channel: str
    created_at: str
    ledger: bytes
    origin: str
    batch: int
    size: int
    network: NetworkPart
    references: int
    damaged: tuple[str, ...]
    missing: tuple[str, ...]
    files: tuple[ManifestFile, ...]


def write_manifest(manifest: Manifest) -> bytes:
    files: list[Json] = [
        {"path": f.path, "sha256": f.digests.sha256.hex(), "size": f.size, "sm3": f.digests.sm3.hex()}
        for f in manifest.files
    ]
    return encode(
        {
            "batch": manifest.batch,
            "channel": manifest.channel,
            "created_at": manifest.created_at,
            "damaged": [*manifest.damaged],
            "files": files,
            "ledger": manifest.ledger.hex(),
            "missing": [*manifest.missing],
            "network": manifest.network.value,
            "origin": manifest.origin,
            "references": manifest.references,
            "size": manifest.size,
            "version": VERSION,
        }
    )


def read_manifest(data: bytes) -> Manifest:
    """Raises CallerError BACKUP_MANIFEST."""
    try:
        return _read(data)
    except EvidenceError as error:
        raise CallerError("BACKUP_MANIFEST", error.at, error.expected, error.found) from error


def _read(data: bytes) -> Manifest:
    m = members(parse(data, "manifest"), "manifest", _MEMBERS)
    m.constant("version", VERSION)
    files = []
    for at, value in m.objects("files", MAX_FILES, 1):
        f = members(value, at, ("path", "sha256", "size", "sm3"))
        files.append(
            ManifestFile(f.text("path", _PATH), f.integer("size"), Digests(f.hex32("sha256"), f.hex32("sm3")))
        )
    if any(a.path >= b.path for a, b in itertools.pairwise(files)):
        raise EvidenceError("SHAPE_ORDER", "manifest.files", "ascending paths, no repeats")
    return Manifest(
        channel=m.text("channel"),
        created_at=m.instant("created_at"),
        ledger=m.hex32("ledger"),
        origin=m.text("origin", ORIGIN),
        batch=m.integer("batch"),
        size=m.integer("size"),
        network=NetworkPart(m.one_of("network", [one.value for one in NetworkPart])),
        references=m.integer("references"),
        damaged=m.texts("damaged", None, MAX_FILES),
        missing=m.texts("missing", None, MAX_FILES),
        files=tuple(files),
    )
