"""The transaction that wrote an anchor. docs/formats.md sections 7, 8 and 13."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.anchor import Anchor, anchor_key, head_key, parse_anchor
from verifier.errors import EvidenceError, found_text
from verifier.fabric.block import CarriedBlock, read_envelopes
from verifier.fabric.certificates import check_node_signature
from verifier.fabric.configuration import Configuration
from verifier.fabric.identity import NodeIdentity, check_role, read_node_identity
from verifier.fabric.transaction import EndorsedTransaction, read_transaction

# Fabric's own namespace: a peer reads there which chaincode definition it runs.
LIFECYCLE = "_lifecycle"
SUCCESS = 200


@dataclass(frozen=True)
class Place:
    """Where the ledger's anchors stand, by the trust root. `ledger`: its id, 32 octets."""

    channel: str
    chaincode: str
    ledger: bytes


@dataclass(frozen=True)
class AnchoredTransaction:
    """`block`, `transaction`: the version that the anchor has on chain, if the peers found it valid."""

    anchor: Anchor
    anchor_bytes: bytes
    block: int
    transaction: int
    endorsed: EndorsedTransaction
    creator: NodeIdentity


def check_anchor_transaction(
    block: CarriedBlock, transaction: int, place: Place, configuration: Configuration, at: str
) -> AnchoredTransaction:
    """The anchor that transaction number `transaction` of `block` writes.

    Nothing here says that the block is signed (`quorum`), that enough organisations endorsed
    (`endorsement`), or that the peers found it valid (`attestation`).
    Raises EvidenceError WIRE_…, BLOCK_ENVELOPE, TX_…, RWSET_…, NODE_…, ANCHOR_…, LINE_FORM.
    """
    envelopes = read_envelopes(block, at)
    if not 0 <= transaction < len(envelopes):
        raise EvidenceError("ANCHOR_INDEX", at, f"< {len(envelopes)}", str(transaction))
    envelope, at = envelopes[transaction], f"{at}.envelopes[{transaction}]"
    endorsed = read_transaction(envelope.payload, at)
    check_call(endorsed, place, (b"Anchor", place.ledger.hex().encode()), at)
    creator = read_node_identity(
        endorsed.creator, configuration.organisations, endorsed.time, f"{at}.creator"
    )
    check_role(creator, "client", f"{at}.creator")
    check_node_signature(creator.certificate, envelope.signature, envelope.payload, f"{at}.signature")

    octets = _written_anchor(endorsed, place, at)
    anchor = parse_anchor(octets, f"{at}.anchor")
    written = {(write.namespace, write.key): write.value for write in endorsed.writes}
    expected = {
        (place.chaincode, anchor_key(place.ledger, anchor.batch)): octets,
        (place.chaincode, head_key(place.ledger)): str(anchor.batch).encode(),
    }
    if written != expected:
        keys = found_text(" ".join(key for _, key in written), 300)
        raise EvidenceError("ANCHOR_WRITES", at, " ".join(key for _, key in expected), keys)
    if anchor.ledger != place.ledger:
        raise EvidenceError("ANCHOR_LEDGER", at, place.ledger.hex(), anchor.ledger.hex())
    if anchor.txid != endorsed.txid:
        raise EvidenceError("ANCHOR_TXID", at, endorsed.txid.hex(), anchor.txid.hex())
    if anchor.time != endorsed.time:
        raise EvidenceError("ANCHOR_TIME", at, endorsed.time, anchor.time)
    if endorsed.response != octets:
        raise EvidenceError("ANCHOR_RESPONSE", at, "the anchor written", found_text(endorsed.response))
    return AnchoredTransaction(anchor, octets, block.number, transaction, endorsed, creator)


def check_call(endorsed: EndorsedTransaction, place: Place, arguments: tuple[bytes, ...], at: str) -> None:
    """A successful call of our chaincode on our channel, that looked at nothing but its own state.

    Raises EvidenceError TX_CHANNEL, TX_OTHER_CHAINCODE, TX_ARGUMENTS, TX_STATUS, TX_EVENTS, TX_NAMESPACE.
    """
    if endorsed.channel != place.channel:
        raise EvidenceError("TX_CHANNEL", at, place.channel, found_text(endorsed.channel))
    if endorsed.chaincode != place.chaincode:
        raise EvidenceError("TX_OTHER_CHAINCODE", at, place.chaincode, found_text(endorsed.chaincode))
    if endorsed.arguments != arguments:
        raise EvidenceError(
            "TX_ARGUMENTS", at, found_text(arguments, 200), found_text(endorsed.arguments, 200)
        )
    if endorsed.status != SUCCESS:
        raise EvidenceError("TX_STATUS", at, str(SUCCESS), str(endorsed.status))
    if endorsed.events:
        raise EvidenceError("TX_EVENTS", at)
    namespaces = {item.namespace for item in endorsed.reads}
    namespaces -= {place.chaincode, LIFECYCLE}
    if namespaces:
        found = found_text(" ".join(sorted(namespaces)))
        raise EvidenceError("TX_NAMESPACE", at, f"{place.chaincode} {LIFECYCLE}", found)


def _written_anchor(endorsed: EndorsedTransaction, place: Place, at: str) -> bytes:
    """The value of the one key of this ledger under `anchor/`."""
    prefix = f"anchor/{place.ledger.hex()}/"
    values = [w.value for w in endorsed.writes if w.namespace == place.chaincode and w.key.startswith(prefix)]
    if len(values) != 1:
        raise EvidenceError("ANCHOR_WRITES", at, f"one {prefix}…", str(len(values)))
    return values[0]
