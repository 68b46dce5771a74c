"""The manifest of a back-up: every file with its digests. Canonical JSON."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from verifier.canonical import Json, encode, parse
from verifier.digests import Digests
from verifier.errors import CallerError, EvidenceError
from verifier.shape import ORIGIN, members

VERSION = "archive-ledger backup v1"
MAX_FILES = 10_000_000
# Plain relative paths: nothing in a manifest may point out of its folder.
_PATH = re.compile(r"(?:(?!\.{1,2}(?:/|\Z))[^/\0\\]+/)*(?!\.{1,2}\Z)[^/\0\\]+\Z")


@dataclass(frozen=True)
class ManifestFile:
    """`path` is relative to the back-up's folder."""

    path: str
    size: int
    digests: Digests


@dataclass(frozen=True)
class Manifest:
    """`ledger`: 32 octets. `batch` and `size`: newest batch and the log's size in the store that was kept."""

    created_at: str
    ledger: bytes
    origin: str
    batch: int
    size: int
    files: tuple[ManifestFile, ...]


def write_manifest(manifest: Manifest) -> bytes:
    files: list[Json] = [
        {"path": f.path, "sha256": f.digests.sha256.hex(), "size": f.size, "sm3": f.digests.sm3.hex()}
        for f in manifest.files
    ]
    return encode(
        {
            "batch": manifest.batch,
            "created_at": manifest.created_at,
            "files": files,
            "ledger": manifest.ledger.hex(),
            "origin": manifest.origin,
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
    required = ("batch", "created_at", "files", "ledger", "origin", "size", "version")
    m = members(parse(data, "manifest"), "manifest", required)
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
        created_at=m.instant("created_at"),
        ledger=m.hex32("ledger"),
        origin=m.text("origin", ORIGIN),
        batch=m.integer("batch"),
        size=m.integer("size"),
        files=tuple(files),
    )
