"""The chain of configurations, from the block that the trust root pins. docs/formats.md section 13.

A configuration block does not name the one before it. What ties them: each is signed by a quorum of the
consenters *before* it, says in its signed metadata that it is itself the last configuration, and has the
next sequence number. So none can be left out between two that are there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from verifier.errors import EvidenceError, found_text
from verifier.fabric.block import CarriedBlock, header_hash, last_config, read_envelopes
from verifier.fabric.config_reader import read_configuration
from verifier.fabric.configuration import Configuration
from verifier.fabric.messages import Envelope
from verifier.fabric.quorum import check_quorum
from verifier.fabric.wire import read


def pin(
    number: int, previous: bytes, envelopes: tuple[bytes, ...], at: str = "configuration"
) -> Configuration:
    """The configuration that a trust root pins, believed because the trust root says it.

    Raises EvidenceError CONFIG_ONE_ENVELOPE, BLOCK_PREVIOUS_SIZE, BLOCK_ENVELOPE, and those of
    `read_configuration`.
    """
    if len(envelopes) != 1:
        raise EvidenceError("CONFIG_ONE_ENVELOPE", at, "1", str(len(envelopes)))
    envelope = read(Envelope, envelopes[0], f"{at}.envelopes[0]")
    # Block 0 is made before anybody can sign.
    if not envelope.payload or (not envelope.signature and number):
        raise EvidenceError("BLOCK_ENVELOPE", at, "payload and signature")
    content = read_configuration(envelope, at)
    return Configuration(number, previous, header_hash(number, previous, envelopes), content)


def follow(before: Configuration, block: CarriedBlock, at: str = "configurations") -> Configuration:
    """The configuration in `block`, which takes over from `before`.

    Raises EvidenceError BLOCK_NUMBER, BLOCK_PREVIOUS, BLOCK_PREVIOUS_SIZE, CONFIG_ONE_ENVELOPE,
    CONFIG_LAST_CONFIG, CONFIG_CHANNEL, CONFIG_SEQUENCE, and those of `check_quorum`, `read_envelopes` and
    `read_configuration`.
    """
    if block.number <= before.number:
        raise EvidenceError("BLOCK_NUMBER", at, f"> {before.number}", str(block.number))
    if block.number == before.number + 1 and block.previous != before.header_hash:
        raise EvidenceError("BLOCK_PREVIOUS", at, before.header_hash.hex(), block.previous.hex())
    envelopes = read_envelopes(block, at)
    if len(envelopes) != 1:
        raise EvidenceError("CONFIG_ONE_ENVELOPE", at, "1", str(len(envelopes)))
    named = last_config(block.metadata, at)
    if named != block.number:
        raise EvidenceError("CONFIG_LAST_CONFIG", at, str(block.number), str(named))
    check_quorum(block, before, at)
    content = read_configuration(envelopes[0], at)
    if content.channel != before.channel:
        raise EvidenceError("CONFIG_CHANNEL", at, found_text(before.channel), found_text(content.channel))
    if content.sequence != before.sequence + 1:
        raise EvidenceError("CONFIG_SEQUENCE", at, str(before.sequence + 1), str(content.sequence))
    return Configuration(block.number, block.previous, block.header_hash, content)


@dataclass(frozen=True)
class History:
    """Configurations that follow one another; the first is pinned."""

    configurations: tuple[Configuration, ...]

    @property
    def pinned(self) -> Configuration:
        return self.configurations[0]

    @property
    def newest(self) -> Configuration:
        return self.configurations[-1]

    def in_force(self, block: CarriedBlock, at: str) -> Configuration:
        """The configuration under which `block`, no configuration block, must be signed.

        It is the newest below the block: orderers whom a later configuration has dismissed cannot sign
        on under the old one. The block also agrees with its neighbours among the configuration blocks.
        Raises EvidenceError BLOCK_BEFORE_BASIS, BLOCK_NUMBER_TAKEN, BLOCK_PREVIOUS, BLOCK_LAST_CONFIG, WIRE_…
        """
        if block.number <= self.pinned.number:
            raise EvidenceError("BLOCK_BEFORE_BASIS", at, f"> {self.pinned.number}", str(block.number))
        numbers = [configuration.number for configuration in self.configurations]
        if block.number in numbers:
            raise EvidenceError("BLOCK_NUMBER_TAKEN", at, "no configuration block", str(block.number))
        below = [c for c in self.configurations if c.number < block.number][-1]
        if below.number + 1 == block.number and block.previous != below.header_hash:
            raise EvidenceError("BLOCK_PREVIOUS", at, below.header_hash.hex(), block.previous.hex())
        after = next((c for c in self.configurations if c.number == block.number + 1), None)
        if after is not None and after.previous != block.header_hash:
            raise EvidenceError("BLOCK_PREVIOUS", at, after.previous.hex(), block.header_hash.hex())
        named = last_config(block.metadata, at)
        if named != below.number:
            raise EvidenceError("BLOCK_LAST_CONFIG", at, str(below.number), str(named))
        return below


def follow_all(pinned: Configuration, blocks: Iterable[CarriedBlock], at: str = "configurations") -> History:
    """Raises EvidenceError, those of `follow`."""
    numbered = enumerate(blocks)
    steps = itertools.accumulate(
        numbered, lambda before, item: follow(before, item[1], f"{at}[{item[0]}]"), initial=pinned
    )
    return History(tuple(steps))
