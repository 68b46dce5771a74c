"""Attacks on the chain of configurations (check 9)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.verifier.fabric.attacks import Attack, code_of, setting
from tests.verifier.fabric.forge import (
    ANCHOR_BLOCK,
    Case,
    anchor_draft,
    config_block,
    good,
    judge,
    orderers,
    seal,
)
from tests.verifier.fabric.forge_channel import Edits, config_envelope
from tests.verifier.fabric.forge_keys import Holder, new_key, orgs, revocations
from verifier.errors import EvidenceError
from verifier.fabric.block import CarriedBlock
from verifier.fabric.history import History, follow_all, pin


def _chain(*blocks: CarriedBlock) -> Case:
    return dataclasses.replace(good(), configurations=blocks)


def _config(
    number: int = 9, sequence: int = 2, edits: Edits | None = None, signers: Any = None, **sealing: Any
) -> Case:
    """The good case with another second configuration block."""
    channel = sealing.pop("channel", "archive-7f3a19c2")
    envelope = config_envelope(orgs(), sequence, orgs()[0], channel=channel, edits=edits)
    envelopes = sealing.pop("envelopes", [envelope])
    last_config = sealing.pop("last_config", number)
    previous = sealing.pop("previous", bytes([number]) * 32)
    return _chain(config_block(3, 1), seal(number, previous, envelopes, last_config, signers))


def _short_previous() -> Case:
    return _chain(config_block(3, 1), dataclasses.replace(config_block(9, 2), previous=b"\x09" * 31))


def _strangers() -> list[tuple[int, Holder]]:
    return [(n, dataclasses.replace(org.orderer, key=new_key())) for n, org in enumerate(orgs()[:3], 1)]


CHAIN: dict[str, Attack] = {
    "the first configuration left out": (lambda: _chain(config_block(9, 2)), "CONFIG_SEQUENCE"),
    "configurations in another order": (
        lambda: _chain(config_block(9, 2), config_block(3, 1)),
        "CONFIG_SEQUENCE",
    ),
    "a configuration twice": (lambda: _chain(config_block(3, 1), config_block(3, 1)), "BLOCK_NUMBER"),
    "the same sequence again": (lambda: _config(sequence=1), "CONFIG_SEQUENCE"),
    "a sequence further on": (lambda: _config(sequence=3), "CONFIG_SEQUENCE"),
    "another channel of the same orderers": (lambda: _config(channel="archive-00000000"), "CONFIG_CHANNEL"),
    "last_config is the one before": (lambda: _config(last_config=3), "CONFIG_LAST_CONFIG"),
    "two consenters only": (lambda: _config(signers=orderers(1, 2)), "BLOCK_QUORUM"),
    "consenters' numbers, other keys": (lambda: _config(signers=_strangers()), "NODE_SIGNATURE"),
    "two CONFIG envelopes": (
        lambda: _config(envelopes=[config_envelope(orgs(), 2, orgs()[0])] * 2),
        "CONFIG_ONE_ENVELOPE",
    ),
    "an envelope without signature": (
        lambda: _config(edits={"envelope": setting(signature=b"")}),
        "BLOCK_ENVELOPE",
    ),
    "an endorsed transaction that looks like one": (
        lambda: _config(envelopes=[anchor_draft().envelope()]),
        "CONFIG_ENVELOPE",
    ),
    "a CONFIG_UPDATE": (lambda: _config(edits={"channel_header": setting(type=2)}), "CONFIG_ENVELOPE"),
    "another epoch": (lambda: _config(edits={"channel_header": setting(epoch=1)}), "CONFIG_ENVELOPE"),
    "no channel": (lambda: _config(channel=""), "CONFIG_ENVELOPE"),
    "no header": (
        lambda: _config(edits={"payload": lambda message: message.ClearField("header")}),
        "CONFIG_ENVELOPE",
    ),
    "no configuration": (
        lambda: _config(edits={"config_envelope": lambda message: message.ClearField("config")}),
        "CONFIG_ENVELOPE",
    ),
    "no groups": (
        lambda: _config(edits={"config": lambda message: message.ClearField("channel_group")}),
        "CONFIG_ENVELOPE",
    ),
    "on its number's neighbour, not on its hash": (lambda: _config(number=4), "BLOCK_PREVIOUS"),
    "a short previous hash": (_short_previous, "BLOCK_PREVIOUS_SIZE"),
}


@pytest.mark.parametrize(("make", "code"), CHAIN.values(), ids=CHAIN)
def test_configuration_chain(make: Any, code: str) -> None:
    assert code_of(make) == code


def test_a_block_right_before_a_configuration_is_what_that_names() -> None:
    block = seal(8, b"\x08" * 32, good().block.envelopes, 3)
    case = _config(previous=block.header_hash)
    judge(dataclasses.replace(case, block=block, attestations=()))


@pytest.mark.parametrize("number", [1, 4], ids=["after the pinned one", "after another"])
def test_a_configuration_right_after_one_that_it_does_not_name(number: int) -> None:
    """By itself, without the block above it that would show it too."""
    before = [config_block(3, 1)] if number == 4 else []
    envelope = config_envelope(orgs(), len(before) + 1, orgs()[0])
    with pytest.raises(EvidenceError) as refused:
        follow_all(pin(*good().pinned), [*before, seal(number, b"\x07" * 32, [envelope], number)])
    assert refused.value.code == "BLOCK_PREVIOUS"


def test_a_configuration_right_after_another_names_its_hash() -> None:
    case = _config(number=4, previous=config_block(3, 1).header_hash)
    history = follow_all(pin(*case.pinned), case.configurations)
    assert [c.number for c in history.configurations] == [0, 3, 4]


def test_new_consenters_sign_only_after_the_configuration_that_names_them() -> None:
    """The block that takes orderer 1 away is signed under the old configuration, the next under the new."""
    fewer = config_envelope(orgs(), 1, orgs()[0], edits={"orderers": _without_first})
    change = seal(3, b"\x03" * 32, [fewer], 3, orderers(1, 2, 3))
    after = dataclasses.replace(good(), configurations=(change,), attestations=())
    with pytest.raises(EvidenceError) as refused:
        judge(after)
    assert refused.value.code == "BLOCK_SIGNER_UNKNOWN"
    block = seal(ANCHOR_BLOCK, b"\x05" * 32, good().block.envelopes, 3, orderers(2, 3, 4))
    judge(dataclasses.replace(after, block=block))


def _without_first(message: Any) -> None:
    del message.consenter_mapping[0]


def test_a_revoked_consenter_does_not_count() -> None:
    org = orgs()[0]
    crl = revocations(org.node_ca, org.orderer.certificate.serial_number)
    revoking = config_envelope(orgs(), 1, orgs()[1], crls={org.msp: (crl,)})
    change = seal(3, b"\x03" * 32, [revoking], 3, orderers(1, 2, 3))
    after = dataclasses.replace(good(), configurations=(change,), attestations=())
    with pytest.raises(EvidenceError) as refused:
        judge(after)
    assert refused.value.code == "BLOCK_SIGNER_REVOKED"
    block = seal(ANCHOR_BLOCK, b"\x05" * 32, good().block.envelopes, 3, orderers(2, 3, 4))
    judge(dataclasses.replace(after, block=block))


PINNED = {
    "two envelopes": ((0, b"", good().pinned[2] * 2), "CONFIG_ONE_ENVELOPE"),
    "no envelope": ((0, b"", ()), "CONFIG_ONE_ENVELOPE"),
    "block 0 with a previous hash": ((0, bytes(32), good().pinned[2]), "BLOCK_PREVIOUS_SIZE"),
    "a later block without previous hash": ((3, b"", config_block(3, 1).envelopes), "BLOCK_PREVIOUS_SIZE"),
    "a later block without signature": ((3, bytes(32), good().pinned[2]), "BLOCK_ENVELOPE"),
    "an envelope without payload": ((0, b"", (b"\x12\x01s",)), "BLOCK_ENVELOPE"),
    "no configuration at all": ((0, b"", (b"\x0a\x01p",)), "CONFIG_FORM"),
}


@pytest.mark.parametrize(("pinned", "code"), PINNED.values(), ids=PINNED)
def test_pin(pinned: tuple[int, bytes, tuple[bytes, ...]], code: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        pin(*pinned)
    assert refused.value.code == code


def test_a_later_configuration_can_be_pinned() -> None:
    block = config_block(3, 1)
    pinned = pin(block.number, block.previous, block.envelopes)
    assert pinned.header_hash == block.header_hash
    history = follow_all(pinned, [config_block(9, 2)])
    assert isinstance(history, History)
    assert history.in_force(good().block, "block") == pinned
