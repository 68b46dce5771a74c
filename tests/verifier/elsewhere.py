"""Other true evidence, whose parts an adversary can put into this one. Each holds by its own trust root."""

from __future__ import annotations

import functools
import hashlib
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.verifier import forge_evidence
from tests.verifier.evidence_attacks import setting
from tests.verifier.fabric.forge import orderers, peers, seal
from tests.verifier.fabric.forge_channel import config_envelope
from tests.verifier.fabric.forge_keys import orgs
from tests.verifier.forge_evidence import LI, LIST, OTHER, ZHANG, Forged, Object, Script, forge
from tests.verifier.forge_log import sha256
from verifier.fabric.block import CarriedBlock

ELSEWHERE = "wutong.example/archive"
LATER_CHANNEL = "archive-0badcafe"
Octets = tuple[bytes, bytes]


@functools.cache
def here() -> Forged:
    """The story, with a list in scope beside the record."""
    return forge(Script(records=(ZHANG,), lists=(LIST,)))


@functools.cache
def another_record() -> Forged:
    """Of the same ledger, at the same anchor: what Fabric signed is the same."""

    def same(evidence: Object) -> None:
        evidence |= {name: here().evidence[name] for name in ("anchor", "attestations", "configurations")}

    return forge(Script(records=(LI,), lists=(LIST,), evidence=same))


@functools.cache
def another_batch() -> Forged:
    """The same records as the anchor before the last shows them."""
    return forge(Script(records=(ZHANG,), lists=(LIST,), last=4))


@functools.cache
def another_history() -> Forged:
    """A fork: the same batch, in which the reading counts its pages."""
    return forge(Script(records=(ZHANG,), lists=(LIST,), claims={"view": setting(pages=3)}))


@functools.cache
def another_ledger() -> Forged:
    """Another township's ledger on the same channel: the same people say the same things there."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(ELSEWHERE.encode()).digest())
    octets = key.public_key().public_bytes_raw()
    ledger = sha256(f"archive-ledger ledger v1\n{ELSEWHERE}\n{octets.hex()}\n".encode()).hex()
    with (
        patch.multiple(forge_evidence, ORIGIN=ELSEWHERE, LEDGER=ledger, KEY_OCTETS=octets),
        patch("tests.verifier.forge_people.ORIGIN", ELSEWHERE),
    ):
        return forge(Script(records=(ZHANG,), lists=(LIST,)))


@functools.cache
def reset_network() -> Forged:
    """The network made anew with the keys kept: the same nodes and people, another channel."""

    def first() -> bytes:
        return config_envelope(orgs(), 0, None, channel=LATER_CHANNEL)

    def later(number: int, sequence: int) -> CarriedBlock:
        envelope = config_envelope(orgs(), sequence, orgs()[0], channel=LATER_CHANNEL)
        return seal(number, bytes([number]) * 32, [envelope], number)

    with (
        patch.multiple(forge_evidence, CHANNEL=LATER_CHANNEL, first_config=first, config_block=later),
        patch("tests.verifier.fabric.forge.CHANNEL", LATER_CHANNEL),
    ):
        return forge(Script(records=(ZHANG,), lists=(LIST,)))


_MAKE_STRANGERS = """
import sys
from tests.verifier.fabric import forge_keys
forge_keys.SEED = "strangers"
from tests.verifier.forge_evidence import LIST, ZHANG, Script, forge
forged = forge(Script(records=(ZHANG,), lists=(LIST,)))
sys.stdout.write(forged.octets.decode() + chr(10) + forged.trust_octets.decode())
"""


@functools.cache
def strangers() -> Octets:
    """Another network whose organisations, channel and ledger have the same names: every key is another.

    A process has one consortium only, so another process makes it. Gives evidence and trust root.
    """
    folder = Path(__file__).resolve().parents[2]
    made = subprocess.run(
        [sys.executable, "-c", _MAKE_STRANGERS], cwd=folder, check=True, capture_output=True
    )
    evidence, trust = made.stdout.split(b"\n")
    return evidence, trust


@functools.cache
def smallest() -> Forged:
    """A network of two organisations, and a record with two entries: for tests that touch every octet."""
    two = orgs()[:2]

    def first() -> bytes:
        return config_envelope(two, 0, None)

    def later(number: int, sequence: int) -> CarriedBlock:
        envelope = config_envelope(two, sequence, two[0])
        return seal(number, bytes([number]) * 32, [envelope], number, orderers(1, 2))

    def again(block: CarriedBlock) -> CarriedBlock:
        return seal(block.number, block.previous, block.envelopes, 3, orderers(1, 2))

    script = Script(
        records=(OTHER,),
        endorsers=peers(2),
        attesters=(peers(2),),
        block=again,
        configurations=lambda blocks: blocks.pop(),
        trust=lambda trust: trust.update(least_attesters=2),
    )
    with patch.multiple(forge_evidence, first_config=first, config_block=later):
        return forge(script)
