"""What is handed in during a measurement: statements and lists, signed by a person, ready beforehand."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from ledger.keys import SigningKey
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.submission import Submission
from verifier.claims import FileClaim
from verifier.digests import both

# With one file each, so many items fill a batch of 8 MiB as acceptance reckons.
ITEMS_AT_CAP = 12_000
# A key as it travels to another process.
_Packed = tuple[str, str, str, bytes, bytes, datetime.datetime]


def statement(key: SigningKey, origin: str, record: str | None = None) -> Submission:
    """A record received, with one file: signed alone."""
    draft = Draft(
        event="receive",
        occurred_at="2026-01-08",
        late="offline",
        record=record or str(uuid.uuid4()),
        files=(_a_file(),),
        fields={"title": "张三户土地承包户档", "number": f"QC-{uuid.uuid4().hex[:12]}", "agent_name": "王五"},
        pages=46,
    )
    return sign_statement(key, origin, draft)


def item_list(key: SigningKey, origin: str, size: int) -> Submission:
    """A hand-over list of records with one file each: one signature over all of them."""
    items = [
        ItemDraft(
            record=str(uuid.uuid4()),
            files=(_a_file(),),
            fields={"title": f"第{n}件", "number": f"QC-{uuid.uuid4().hex[:12]}"},
            pages=n % 90 + 1,
        )
        for n in range(size)
    ]
    draft = Draft(event="receive", occurred_at="2026-01-08", late="offline", fields={"agent_name": "王五"})
    return sign_list(key, origin, draft, str(uuid.uuid4()), items)


def _a_file() -> FileClaim:
    content = uuid.uuid4().bytes
    return FileClaim("main", "application/pdf", "paper", "scan", both(content), len(content))


def statements(key: SigningKey, origin: str, number: int) -> list[Submission]:
    """Signed on all processors; not part of what is measured."""
    if number < 1000:
        return [statement(key, origin) for _ in range(number)]
    with _pool() as pool:
        parts = pool.map(_some_statements, [(pack(key), origin, 500)] * -(-number // 500))
        return [one for part in parts for one in part][:number]


def lists(
    key: SigningKey, origin: str, sizes: list[int], workers: int | None = None
) -> Generator[Submission, None, None]:
    """Lists one after the other, each signed while the one before is being used."""
    if len(sizes) == 1:
        yield item_list(key, origin, sizes[0])
        return
    with _pool(workers) as pool:
        ahead = [pool.submit(_one_list, pack(key), origin, size) for size in sizes[:3]]
        for size in [*sizes[3:], 0, 0, 0][: len(sizes)]:
            yield ahead.pop(0).result()
            if size:
                ahead.append(pool.submit(_one_list, pack(key), origin, size))


def pack(key: SigningKey) -> _Packed:
    octets = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return key.agent, key.iss, key.role, octets, key.certificate_der, key.not_after


def unpack(packed: _Packed) -> SigningKey:
    agent, iss, role, octets, certificate, ends = packed
    private = load_der_private_key(octets, None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return SigningKey(agent, iss, role, private, certificate, ends)


def _pool(workers: int | None = None) -> ProcessPoolExecutor:
    # Not forked: this process has gRPC's threads.
    return ProcessPoolExecutor(workers, get_context("spawn"))


def _some_statements(job: tuple[_Packed, str, int]) -> list[Submission]:
    key = unpack(job[0])
    return [statement(key, job[1]) for _ in range(job[2])]


def _one_list(packed: _Packed, origin: str, size: int) -> Submission:
    return item_list(unpack(packed), origin, size)
