"""Whatever is handed in, it is refused with reasons or accepted: nothing else comes out of `judge`."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.examine import Rules
from ledger.judge import judge
from ledger.membership import ders
from ledger.submission import Submission
from tests.ledger.ledger_world import ORIGIN, RECORD, World, make_world, new_uuid


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rules, list[Submission]]:
    world: World = make_world(tmp_path_factory.mktemp("examine"))
    key = world.person()
    rules = Rules(
        origin=ORIGIN,
        person_cas=ders(world.person_cas(world.ledger)),
        kinds=world.ledger.settings.kinds,
        accepted_at="2026-01-12T09:30:02.000Z",
        due="2026-01-13T09:30:02.000Z",
    )
    made = [world.receive(key, RECORD), world.receive_list(key, [new_uuid() for _ in range(3)])]
    assert [judge(one, rules)[1] for one in made] == [[], []]
    return rules, made


@st.composite
def changes(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` with a run of octets replaced by others, or cut, or longer."""
    low = draw(st.integers(0, len(data)))
    high = draw(st.integers(low, min(len(data), low + 40)))
    return data[:low] + draw(st.binary(max_size=40)) + data[high:]


@settings(max_examples=400)
@given(data=st.data())
def test_nothing_but_reasons(sound: tuple[Rules, list[Submission]], data: st.DataObject) -> None:
    rules, made = sound
    one = made[data.draw(st.integers(0, 1))]
    part = data.draw(st.sampled_from(["statement", "certificate", "disclosure", "item"]))
    changed = one
    if part == "statement":
        changed = dataclasses.replace(one, statement=data.draw(changes(one.statement)))
    elif part == "certificate":
        changed = dataclasses.replace(one, certificate=data.draw(changes(one.certificate)))
    elif part == "disclosure":
        text = data.draw(changes(one.disclosures[0].encode())).decode("latin-1")
        changed = dataclasses.replace(one, disclosures=(text, *one.disclosures[1:]))
    elif one.items:
        item = dataclasses.replace(one.items[0], data=data.draw(changes(one.items[0].data)))
        changed = dataclasses.replace(one, items=(item, *one.items[1:]))
    examined, reasons = judge(changed, rules)
    assert all(reason.code for reason in reasons)
    assert (examined is None) == bool(reasons)
    assert (changed == one) == (not reasons)
