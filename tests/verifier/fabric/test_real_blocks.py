"""Every block of a running network: our reader against the official one, and checks 6 to 9 for real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.common import common_pb2

from ledger.fabric.blocks import carried, configurations_after
from ledger.fabric.connection import read_connection
from ledger.fabric.gateway import Chain, close, connect
from tests.conftest import network_at
from tests.network.reconfigure import revoke
from tests.verifier.fabric.official import differences, official_of
from tests.verifier.fabric.real_chain import Written, all_blocks, anchor_empty, by_everybody, open_ledger
from verifier.errors import EvidenceError
from verifier.fabric import config_messages as c
from verifier.fabric import messages as m
from verifier.fabric.anchoring import AnchoredTransaction, Place, check_anchor_transaction
from verifier.fabric.attestation import check_attestations
from verifier.fabric.block import CarriedBlock, block_json, read_block
from verifier.fabric.endorsement import check_endorsements, check_majority
from verifier.fabric.history import History, follow_all, pin
from verifier.fabric.quorum import check_quorum, quorum_of
from verifier.fabric.wire import read

REVOKED = 0x7EA5ED


@dataclass(frozen=True)
class Real:
    place: Place
    blocks: tuple[bytes, ...]
    configurations: tuple[CarriedBlock, ...]
    written: tuple[Written, ...]
    attestation: bytes
    organisations: tuple[str, ...]
    revoking: str

    @property
    def history(self) -> History:
        genesis = carried(self.blocks[0])
        return follow_all(pin(0, b"", genesis.envelopes), self.configurations)

    def anchored(self, number: int) -> AnchoredTransaction:
        written = self.written[number]
        configuration = self.history.in_force(written.block, "block")
        return check_anchor_transaction(
            written.block, written.transaction, self.place, configuration, "block"
        )


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """Two anchors, a configuration update, another anchor, an attestation of that; on a network of its own,
    as others rely on what is configured."""
    with network_at(tmp_path_factory.mktemp("real-blocks")) as network:
        chain = connect(read_connection(network.connection))
        try:
            yield _written(chain, network.home)
        finally:
            close(chain)


def _written(chain: Chain, home: Path) -> Real:
    place = open_ledger(chain)
    written = [anchor_empty(chain, place, ())]
    written.append(anchor_empty(chain, place, tuple(written)))
    revoking = chain.organisations[-1]
    revoke(home, revoking, REVOKED)
    written.append(anchor_empty(chain, place, tuple(written)))
    arguments = ["Get", place.ledger.hex(), "2"]
    attestation = by_everybody(chain, arguments, {}).payload
    return Real(
        place=place,
        blocks=tuple(all_blocks(chain)),
        configurations=tuple(carried(block) for block in configurations_after(chain, 0)),
        written=tuple(written),
        attestation=attestation,
        organisations=chain.organisations,
        revoking=revoking,
    )


class Comparison:
    """Reads with both readers, and counts what was compared."""

    def __init__(self) -> None:
        self.counted: dict[str, int] = {}

    def read(self, cls: type[Any], octets: bytes) -> Any:
        ours = read(cls, octets, cls.__name__)
        assert differences(ours, official_of(cls).FromString(octets), cls.__name__) == []
        self.counted[cls.__name__] = self.counted.get(cls.__name__, 0) + 1
        return ours


def test_every_block_reads_as_the_official_reader_reads_it(real: Real) -> None:
    seen = Comparison()
    for octets in real.blocks:
        block = carried(octets)
        seen.read(m.OrdererBlockMetadata, block.metadata)
        for signature in block.signatures:
            seen.read(m.IdentifierHeader, signature.identifier_header)
        for envelope in block.envelopes:
            payload = seen.read(m.Payload, seen.read(m.Envelope, envelope).payload)
            header = seen.read(m.ChannelHeader, payload.header.channel_header)
            seen.read(m.SignatureHeader, payload.header.signature_header)
            if header.type == m.HEADER_TYPE_CONFIG:
                _compare_group(seen, seen.read(c.ConfigEnvelope, payload.data).config.channel_group)
            else:
                _compare_transaction(seen, header, payload.data)
    assert seen.counted["Envelope"] >= len(real.blocks)
    assert seen.counted["ConfigEnvelope"] == len(real.configurations) + 1
    assert seen.counted["KVRWSet"] >= 2 * len(real.written)
    assert seen.counted["FabricMSPConfig"] == 8 * (len(real.configurations) + 1)


def _compare_transaction(seen: Comparison, header: Any, data: bytes) -> None:
    seen.read(m.ChaincodeHeaderExtension, header.extension)
    for action in seen.read(m.Transaction, data).actions:
        body = seen.read(m.ChaincodeActionPayload, action.payload)
        proposal_payload = seen.read(m.ChaincodeProposalPayload, body.chaincode_proposal_payload)
        seen.read(m.ChaincodeInvocationSpec, proposal_payload.input)
        response = seen.read(m.ProposalResponsePayload, body.action.proposal_response_payload)
        result = seen.read(m.ChaincodeAction, response.extension)
        for part in seen.read(m.TxReadWriteSet, result.results).ns_rwset:
            seen.read(m.KVRWSet, part.rwset)
        for endorsement in body.action.endorsements:
            seen.read(m.SerializedIdentity, endorsement.endorser)


VALUES: dict[str, type[Any]] = {
    "BlockDataHashingStructure": c.BlockDataHashingStructure,
    "Capabilities": c.Capabilities,
    "ConsensusType": c.ConsensusType,
    "HashingAlgorithm": c.HashingAlgorithm,
    "Orderers": c.Orderers,
}


def _compare_group(seen: Comparison, group: c.ConfigGroup) -> None:
    for value in group.values:
        assert value.value is not None
        if value.key in VALUES:
            seen.read(VALUES[value.key], value.value.value)
        if value.key == "MSP":
            seen.read(c.FabricMSPConfig, seen.read(c.MSPConfig, value.value.value).config)
    for entry in group.policies:
        assert entry.value is not None
        assert entry.value.policy is not None
        policy = entry.value.policy
        if policy.type == 3:
            seen.read(c.ImplicitMetaPolicy, policy.value)
        else:
            for principal in seen.read(c.SignaturePolicyEnvelope, policy.value).identities:
                cls = c.MSPRole if principal.principal_classification == 0 else m.SerializedIdentity
                seen.read(cls, principal.principal)
    for below in group.groups:
        assert below.value is not None
        _compare_group(seen, below.value)


def test_headers_chain_and_every_block_is_signed_by_a_quorum(real: Real) -> None:
    history = real.history
    numbers = {configuration.number for configuration in history.configurations}
    previous = carried(real.blocks[0])
    for octets in real.blocks[1:]:
        block = carried(octets)
        official = common_pb2.Block.FromString(octets).header
        assert block.data_hash == official.data_hash
        assert block.previous == previous.header_hash
        if block.number not in numbers:
            configuration = history.in_force(block, "block")
            assert len(check_quorum(block, configuration, "block")) >= quorum_of(4)
        assert read_block(block_json(block), "block") == block
        previous = block


def test_the_configurations_say_what_the_network_is(real: Real) -> None:
    history = real.history
    assert [x.sequence for x in history.configurations] == list(range(len(history.configurations)))
    assert history.pinned.channel == real.place.channel
    for configuration in history.configurations:
        assert tuple(sorted(configuration.organisations)) == tuple(sorted(real.organisations))
        assert len({o.name for o in configuration.organisations.values()}) == 4
        assert all(len(o.person_cas) == 1 for o in configuration.organisations.values())
        assert len(configuration.consenters) == 4
    assert REVOKED not in history.pinned.organisations[real.revoking].revoked
    assert REVOKED in history.newest.organisations[real.revoking].revoked


def test_every_anchor_holds_under_the_configuration_in_force(real: Real) -> None:
    for number, written in enumerate(real.written):
        anchored = real.anchored(number)
        assert anchored.anchor_bytes == written.anchor
        assert anchored.anchor.batch == number
        assert anchored.creator.role == "client"
        assert "ledger" in anchored.creator.units
        configuration = real.history.in_force(written.block, "block")
        organisations = check_endorsements(anchored.endorsed, configuration, "block")
        check_majority(organisations, configuration, "block")
        assert organisations == tuple(sorted(real.organisations))


def test_every_organisation_attests_the_last_anchor_and_no_other(real: Real) -> None:
    history = real.history
    attested = check_attestations(
        [real.attestation], real.anchored(2), real.place, history.newest, "attestations"
    )
    assert attested.organisations == tuple(sorted(real.organisations))
    assert attested.irrevocable_by(3) == attested.irrevocable_by(4)
    with pytest.raises(EvidenceError) as refused:
        check_attestations([real.attestation], real.anchored(1), real.place, history.newest, "attestations")
    assert refused.value.code == "TX_ARGUMENTS"


def test_one_changed_bit_in_a_real_block_is_refused(real: Real) -> None:
    """Wherever it is in the last anchor's envelope: no octet there goes unsigned."""
    written = real.written[2]
    configuration = real.history.in_force(written.block, "block")
    envelope = written.block.envelopes[written.transaction]
    for position in range(0, len(envelope), 7):
        changed = bytearray(envelope)
        changed[position] ^= 1
        envelopes = list(written.block.envelopes)
        envelopes[written.transaction] = bytes(changed)
        block = CarriedBlock(
            written.block.number,
            written.block.previous,
            tuple(envelopes),
            written.block.metadata,
            written.block.signatures,
        )
        with pytest.raises(EvidenceError) as refused:
            check_quorum(block, configuration, "block")
        assert refused.value.code == "NODE_SIGNATURE"
        with pytest.raises(EvidenceError):
            check_anchor_transaction(block, written.transaction, real.place, configuration, "block")
