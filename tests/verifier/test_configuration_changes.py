"""The channel's configuration changes between two batches: evidence from before and from after holds.

Block 3 is the first change, the anchor of the earlier batch is in block 5. Then a certificate is revoked
(block 9), a person CA is added (10) and a timeout is changed (12); the later batch's anchor is in block 14.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from tests.verifier.evidence_attacks import assert_refused, unreadable
from tests.verifier.fabric.forge import ANCHOR_TRANSACTION, config_block, seal
from tests.verifier.fabric.forge_channel import Edits, config_envelope
from tests.verifier.fabric.forge_keys import (
    Holder,
    authority,
    certificate,
    new_key,
    orgs,
    revocations,
)
from tests.verifier.forge_evidence import CURRENT, Script, forge
from tests.verifier.forge_people import Person, person
from verifier.fabric.block import CarriedBlock
from verifier.report import Verdict
from verifier.verify import verify

TOWN = orgs()[0]
EARLIER, LATER = 5, 14


@functools.cache
def _person_ca() -> Holder:
    return authority(TOWN.title, "person CA two")


def _timeout(group: Any) -> None:
    group.values["BatchTimeout"].value = b"\x0a\x0250ms"


REVOKED = {TOWN.msp: (revocations(TOWN.node_ca, TOWN.peer2.certificate.serial_number),)}
ADDED: Edits = {f"msp:{TOWN.msp}": lambda msp: msp.root_certs.append(_person_ca().pem)}
SLOWER: Edits = {**ADDED, "group:Orderer": _timeout}


@functools.cache
def _changes() -> tuple[CarriedBlock, ...]:
    """Every change keeps what those before it brought."""
    envelopes = {
        9: config_envelope(orgs(), 2, TOWN, crls=REVOKED),
        10: config_envelope(orgs(), 3, TOWN, crls=REVOKED, edits=ADDED),
        12: config_envelope(orgs(), 4, TOWN, crls=REVOKED, edits=SLOWER),
    }
    blocks = [config_block(3, 1)]
    for number, envelope in envelopes.items():
        previous = blocks[-1].header_hash if number == 10 else bytes([number]) * 32
        blocks.append(seal(number, previous, [envelope], number))
    return tuple(blocks)


def _script(number: int, carried: Sequence[CarriedBlock]) -> Script:
    """The story, anchored in block `number` under the configuration then in force."""
    below = [block for block in _changes() if block.number < number][-1]

    def again(block: CarriedBlock) -> CarriedBlock:
        previous = below.header_hash if below.number + 1 == number else block.previous
        return seal(number, previous, block.envelopes, below.number)

    def read(kv: Any) -> None:
        kv.reads[0].version.block_num, kv.reads[0].version.tx_num = number, ANCHOR_TRANSACTION

    return Script(
        block=again,
        attestation={"kv": read},
        configurations=lambda blocks: blocks.__setitem__(slice(None), carried),
    )


def _by_the_added_ca(script: Script) -> Script:
    """The clerk's certificate is one of the new person CA."""
    ca, known = _person_ca(), person("clerk")
    subject, issuer = known.holder.certificate.subject, ca.certificate.subject
    holder = certificate(subject, new_key(), issuer, ca.key, ca=False)
    return dataclasses.replace(script, people={"clerk": Person(known.agent, TOWN.msp, holder)})


def _verdict(script: Script) -> Verdict:
    forged = forge(script)
    return verify(forged.octets, forged.trust_octets, CURRENT).verdict


@pytest.mark.parametrize("carried", [1, 2, 3, 4])
def test_evidence_from_before(carried: int) -> None:
    """However many of the later changes its maker knew of."""
    assert _verdict(_script(EARLIER, _changes()[:carried])) is Verdict.CONSISTENT


@pytest.mark.parametrize(("number", "carried"), [(11, 3), (13, 4), (LATER, 4)])
def test_evidence_from_after(number: int, carried: int) -> None:
    assert _verdict(_script(number, _changes()[:carried])) is Verdict.CONSISTENT


def test_a_person_of_the_added_ca() -> None:
    """Known once the change is carried, and to nobody before."""
    assert _verdict(_by_the_added_ca(_script(LATER, _changes()))) is Verdict.CONSISTENT
    before = _by_the_added_ca(_script(EARLIER, _changes()[:2]))
    assert_refused(before, {"signature CERTIFICATE_ISSUER"})


CUT = [
    kept for count in range(len(_changes())) for kept in itertools.combinations(range(len(_changes())), count)
]


def _numbers(kept: tuple[int, ...]) -> str:
    return " ".join(str(_changes()[n].number) for n in kept) or "none"


@pytest.mark.parametrize("kept", CUT, ids=_numbers)
def test_cut_short(kept: tuple[int, ...]) -> None:
    """A gap shows in the sequence; where only the end is missing, the anchor's block names a later one."""
    whole_to_its_end = kept == tuple(range(len(kept)))
    expected = "block BLOCK_LAST_CONFIG" if whole_to_its_end else "configuration CONFIG_SEQUENCE"
    assert_refused(_script(LATER, [_changes()[n] for n in kept]), {expected})


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[1:])
def test_reordered(order: tuple[int, ...]) -> None:
    forged = forge(_script(LATER, [_changes()[n] for n in order]))
    assert unreadable(forged.octets, forged.trust_octets) == "SHAPE_ORDER"


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(range(4), 2)))
def test_numbers_exchanged(first: int, second: int) -> None:
    """Two changes under each other's numbers: the orderers signed each under its own."""
    blocks = list(_changes())
    a, b = blocks[first], blocks[second]
    blocks[first] = dataclasses.replace(b, number=a.number, previous=a.previous)
    blocks[second] = dataclasses.replace(a, number=b.number, previous=b.previous)
    expected = {"configuration CONFIG_LAST_CONFIG"}
    if (first, second) != (2, 3):  # after the last two nothing follows that would lack its predecessor
        expected |= {"configuration CONFIG_SEQUENCE"}
    assert_refused(_script(LATER, blocks), expected)


def test_the_old_configuration_after_a_change() -> None:
    """Orderers of the configuration before cannot go on as if it had not changed."""
    script = _script(LATER, _changes())

    def under_the_old(block: CarriedBlock) -> CarriedBlock:
        return seal(LATER, block.previous, block.envelopes, 10)

    assert_refused(dataclasses.replace(script, block=under_the_old), {"block BLOCK_LAST_CONFIG"})
