"""A transaction that one organisation endorsed: the orderers order it, every peer marks it invalid."""

from __future__ import annotations

from sqlalchemy import insert, select

from ledger.anchor import in_flight
from ledger.evidence import build_evidence
from ledger.fabric.blocks import block_by_number, carried
from ledger.fabric.gateway import commit_status, endorse, proposal, submit
from ledger.reread import reread
from ledger.seal import seal
from ledger.store.engine import writing
from ledger.store.tables import anchor, attestation
from tests.e2e.world import World
from verifier.anchor import anchor_digest, parse_anchor
from verifier.canonical import encode
from verifier.fabric.block import block_json
from verifier.fabric.transaction import read_transaction

# peer.TxValidationCode
ENDORSEMENT_POLICY_FAILURE = 10


def ordered_but_not_endorsed(world: World, record: str) -> bytes:
    """Evidence on a block in which the next anchor stands, ordered by a quorum and endorsed by one.

    What a dishonest operator would put together: the attestation is that of the anchor before.
    """
    assert seal(world.ledger, empty=True) is not None
    number = in_flight(world.ledger)
    assert number is not None
    offer = proposal(
        world.chain, ["Anchor", world.ledger.id.hex()], {"batch": reread(world.ledger, number).data}
    )
    endorsed = endorse(world.chain, offer, ["QingheTownship"])
    submit(world.chain, endorsed)
    commit = commit_status(world.chain, endorsed.txid)
    assert commit.code == ENDORSEMENT_POLICY_FAILURE
    block = carried(block_by_number(world.chain, commit.block))
    data = read_transaction(endorsed.payload, "endorsed").response
    parsed = parse_anchor(data)
    with writing(world.ledger.engine) as connection:
        before = connection.execute(select(attestation).order_by(attestation.c.id.desc()).limit(1)).one()
        connection.execute(
            insert(anchor).values(
                batch=number,
                data=data,
                sha256=anchor_digest(data),
                txid=parsed.txid,
                time=parsed.time,
                block_number=block.number,
                transaction=0,
                block=encode(block_json(block)),
            )
        )
        connection.execute(
            insert(attestation).values(
                batch=number,
                payload=before.payload,
                time=before.time,
                organisations=before.organisations,
            )
        )
    return build_evidence(world.ledger, (record,)).data
