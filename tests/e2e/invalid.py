"""Transactions that are ordered like any other and that every peer marks invalid."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.anchor import in_flight
from ledger.fabric.blocks import block_by_number, carried
from ledger.fabric.client import Proposal
from ledger.fabric.gateway import Chain, Endorsed, commit_status, proposal, submit
from ledger.reread import reread
from tests.e2e.endorsing import endorse
from tests.e2e.world import World
from verifier.canonical import Json
from verifier.fabric.block import block_json, read_envelopes
from verifier.fabric.transaction import read_transaction

# peer.TxValidationCode
VALID, DUPLICATE_TXID, ENDORSEMENT_POLICY_FAILURE, MVCC_READ_CONFLICT = 0, 9, 10, 11


@dataclass(frozen=True)
class Ordered:
    """What became of a transaction: `code` is the peers' verdict on it, which nothing signed says."""

    code: int
    block: int
    transaction: int
    anchor: Json


def offer_of(world: World, chain: Chain | None = None) -> Proposal:
    """A proposal to anchor the batch in flight."""
    number = in_flight(world.ledger)
    assert number is not None
    batch = {"batch": reread(world.ledger, number).data}
    return proposal(chain or world.chain, ["Anchor", world.ledger.id.hex()], batch)


def held(world: World, organisations: tuple[str, ...] = (), chain: Chain | None = None) -> Endorsed:
    """The batch in flight, endorsed and kept back; by all organisations if none is named."""
    on = chain or world.chain
    return endorse(on, offer_of(world, on), organisations or on.organisations)


def order(chain: Chain, endorsed: Endorsed) -> Ordered:
    """Submits it; the `anchor` member of evidence that rests on it."""
    submit(chain, endorsed)
    return found(chain, endorsed)


def found(chain: Chain, endorsed: Endorsed) -> Ordered:
    status = commit_status(chain, endorsed.txid)
    block = carried(block_by_number(chain, status.block))
    ids = [
        read_transaction(envelope.payload, "envelope").txid.hex()
        for envelope in read_envelopes(block, "block")
    ]
    number = ids.index(endorsed.txid)
    return Ordered(status.code, status.block, number, {"block": block_json(block), "transaction": number})
