"""What a transaction read and wrote, from the results that peers signed. docs/formats.md section 13."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.errors import EvidenceError, found_text
from verifier.fabric.messages import KVRWSet, NsReadWriteSet, TxReadWriteSet, Version
from verifier.fabric.wire import read


@dataclass(frozen=True)
class Read:
    """`version`: block and transaction number that wrote the value; None: there was no value."""

    namespace: str
    key: str
    version: tuple[int, int] | None


@dataclass(frozen=True)
class Write:
    namespace: str
    key: str
    value: bytes


def read_results(octets: bytes, at: str) -> tuple[tuple[Read, ...], tuple[Write, ...]]:
    """`octets`: a TxReadWriteSet.

    Raises EvidenceError WIRE_…, RWSET_MODEL, RWSET_REPEATED (a namespace or key), RWSET_EXTRA (private data,
    range queries, key policies, deletions: nothing of ours makes them, and each could change what the plain
    reads and writes mean).
    """
    results = read(TxReadWriteSet, octets, at)
    if results.data_model != 0:
        raise EvidenceError("RWSET_MODEL", at, "0 (KV)", str(results.data_model))
    _check_distinct([part.namespace for part in results.ns_rwset], at)
    reads: list[Read] = []
    writes: list[Write] = []
    for part in results.ns_rwset:
        found = _read_namespace(part, f"{at}.{found_text(part.namespace)}")
        reads += found[0]
        writes += found[1]
    return tuple(reads), tuple(writes)


def _read_namespace(part: NsReadWriteSet, at: str) -> tuple[list[Read], list[Write]]:
    if part.collection_hashed_rwset:
        raise EvidenceError("RWSET_EXTRA", at, found="private data collections")
    kv = read(KVRWSet, part.rwset, at)
    if kv.range_queries_info:
        raise EvidenceError("RWSET_EXTRA", at, found="range queries")
    if kv.metadata_writes:
        raise EvidenceError("RWSET_EXTRA", at, found="metadata writes")
    if any(write.is_delete for write in kv.writes):
        raise EvidenceError("RWSET_EXTRA", at, found="deletions")
    _check_distinct([item.key for item in kv.reads], f"{at}.reads")
    _check_distinct([item.key for item in kv.writes], f"{at}.writes")
    reads = [Read(part.namespace, item.key, _version(item.version)) for item in kv.reads]
    return reads, [Write(part.namespace, item.key, item.value) for item in kv.writes]


def _version(version: Version | None) -> tuple[int, int] | None:
    return None if version is None else (version.block_num, version.tx_num)


def _check_distinct(names: list[str], at: str) -> None:
    if len(set(names)) != len(names):
        raise EvidenceError("RWSET_REPEATED", at, "no repeats", found_text(" ".join(names)))
