"""A ledger of empty batches on a running network, and an update of its configuration."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import ledger_pb2

from ledger.fabric.blocks import (
    block_by_number,
    carried,
    configurations_after,
    transaction_number,
)
from ledger.fabric.endorse import Judge, endorse_widely
from ledger.fabric.gateway import Chain, Endorsed, commit_status, evaluate, proposal, submit
from ledger.fabric.refusal import RefusedError
from verifier.anchor import absent, anchor_digest, anchor_key, ledger_id, parse_anchor
from verifier.canonical import Json, encode
from verifier.digests import sha256, sm3
from verifier.fabric.anchoring import Place
from verifier.fabric.block import CarriedBlock
from verifier.fabric.endorsement import check_endorsements
from verifier.fabric.history import follow_all, pin
from verifier.fabric.transaction import read_transaction
from verifier.marker import Marker, PreviousAnchor, encode_marker
from verifier.merkle import leaf_hash, root_of

ORIGIN = "qinghe.yunling.example/archives"
SECONDS = 300.0


@dataclass(frozen=True)
class Written:
    """An anchor on chain: its octets, its block, its number in the block."""

    anchor: bytes
    block: CarriedBlock
    transaction: int


def judge(chain: Chain) -> Judge:
    blocks = [carried(block) for block in configurations_after(chain, -1)]
    newest = follow_all(pin(0, b"", blocks[0].envelopes), blocks[1:]).newest
    return lambda payload: check_endorsements(read_transaction(payload, "answer"), newest, "answer")


def open_ledger(chain: Chain) -> Place:
    """A new ledger, with a checkpoint key that nobody else has."""
    key = os.urandom(32)
    endorsed = endorse_widely(chain, proposal(chain, ["Open", ORIGIN, key.hex(), "ledger"]), judge(chain))
    submit(chain, endorsed)
    assert commit_status(chain, endorsed.txid).code == 0
    return Place(chain.connection.channel, chain.connection.chaincode, ledger_id(ORIGIN, key))


def by_everybody(chain: Chain, arguments: list[str], transient: dict[str, bytes]) -> Endorsed:
    """Peers have a block one after the other: one that lags says no, or another thing, and is asked again."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            endorsed = endorse_widely(chain, proposal(chain, arguments, transient), judge(chain))
        except RefusedError:
            if time.monotonic() > deadline:
                raise
        else:
            if endorsed.organisations == chain.organisations:
                return endorsed
            assert time.monotonic() < deadline, endorsed.refusals
        time.sleep(0.1)


def anchor_empty(chain: Chain, place: Place, before: tuple[Written, ...]) -> Written:
    """Anchors a batch that holds its marker alone, after those of `before`."""
    markers = [_marker(place, before[:number]) for number in range(len(before) + 1)]
    frontier: dict[str, Json] = {"size": len(before)}
    for name, h in (("sha256", sha256), ("sm3", sm3)):
        leaves = [leaf_hash(h, marker.encode()) for marker in markers[:-1]]
        frontier[name] = [root.hex() for root in _frontier(h, leaves)]
    batch: dict[str, Json] = {
        "certificates": [],
        "frontier": frontier,
        "ledger": place.ledger.hex(),
        "links": [],
        "marker": markers[-1],
        "number": len(before),
        "statements": [],
        "version": "archive-ledger batch v1",
    }
    endorsed = by_everybody(chain, ["Anchor", place.ledger.hex()], {"batch": encode(batch)})
    submit(chain, endorsed)
    status = commit_status(chain, endorsed.txid)
    assert status.code == 0
    octets = block_by_number(chain, status.block)
    arguments = [b"Get", place.ledger.hex().encode(), str(len(before)).encode()]
    missing = absent(anchor_key(place.ledger, len(before)))
    # Peers have a block one after the other, and the first that has it says so.
    while (anchor := evaluate(chain, place.chaincode, arguments)) == missing:
        time.sleep(0.01)
    return Written(
        anchor=anchor,
        block=carried(octets),
        transaction=transaction_number(octets, endorsed.txid),
    )


def _marker(place: Place, before: tuple[Written, ...]) -> str:
    if not before:
        return encode_marker(Marker(0, place.ledger, 0, None))
    octets = before[-1].anchor
    anchor = parse_anchor(octets)
    previous = PreviousAnchor(anchor_digest(octets), anchor.time, anchor.txid)
    return encode_marker(Marker(len(before), place.ledger, len(before), previous))


def _frontier(h: Any, leaves: list[bytes]) -> list[bytes]:
    """Roots of the complete subtrees, largest first."""
    roots, start = [], 0
    for bit in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> bit & 1:
            roots.append(root_of(h, leaves[start : start + (1 << bit)]))
            start += 1 << bit
    return roots


def all_blocks(chain: Chain) -> list[bytes]:
    """Every block that the first gateway's peer has."""
    info = evaluate(chain, "qscc", [b"GetChainInfo", chain.connection.channel.encode()])
    return [block_by_number(chain, n) for n in range(ledger_pb2.BlockchainInfo.FromString(info).height)]
