"""Whatever people draft: accepted and sealed by Python, the chaincode leaves the anchor of Python's log."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ledger.batch import EncodedBatch
from ledger.keys import SigningKey
from ledger.reread import reread
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.store.engine import reading
from ledger.store.tables import anchor as anchor_table
from ledger.submission import Submission
from network.certificates import certificate_pem
from tests.differential.judge import Answer, Judge, Known
from tests.ledger.ledger_world import ORIGIN, SETTINGS, World, make_world, new_uuid
from verifier.anchor import encode_anchor
from verifier.canonical import Json, encode
from verifier.catalogue import EventSpec, catalogue
from verifier.claims import CARRIERS, COPIES, FileClaim
from verifier.digests import Digests, both
from verifier.disclosure import FileDigests
from verifier.shape import instant_of


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A ledger that takes acts in any order and however late: the organisations judge what is said, not the
    order of work, and must agree with us on all of it."""
    made = make_world(tmp_path_factory.mktemp("drafts"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ledger.accept._mishandled", lambda *_: [])
        patched.setattr("ledger.examine.unmarked", lambda *_: None)
        yield made
    made.ledger.close()


def known(world: World, number: int, last_recorded_at: str | None) -> Known:
    """What an organisation knows as it is asked for the anchor of this batch."""
    policy: dict[str, Json] = {
        "msp": "AuditMSP",
        "origins": {ORIGIN: {"operator": SETTINGS.operator, "role": SETTINGS.role}},
        "person_cas": {msp: [certificate_pem(ca.certificate).decode()] for msp, ca in world.cas.items()},
        "version": "archive-ledger policy v1",
    }
    record: dict[str, Json] = {
        "checkpoint_key": world.ledger.public_key.hex(),
        "operator": SETTINGS.operator,
        "origin": ORIGIN,
        "role": SETTINGS.role,
        "version": "archive-ledger ledger v1",
    }
    with reading(world.ledger.engine) as connection:
        before = connection.execute(
            select(anchor_table.c.data).where(anchor_table.c.batch == number - 1)
        ).scalar_one()
    return Known(
        policy=encode(policy).decode(),
        ledger_id=world.ledger.id.hex(),
        ledger=encode(record).decode(),
        before=before.decode(),
        # As the chain of paper in ledger_world makes them.
        transaction=hashlib.sha256(b"transaction %d" % number).hexdigest(),
        time=max(instant_of(world.clock()), last_recorded_at or ""),
    )


def sealed(world: World) -> EncodedBatch:
    made = world.seal()
    assert made is not None
    return reread(world.ledger, made.number)


def anchored(world: World, judge: Judge) -> Answer:
    """Seals what is pending; the chaincode's anchor is that of the chain of paper, octet for octet."""
    encoded = sealed(world)
    world.clock.step(1)
    answer = judge.examine(encoded.data, known(world, encoded.number, encoded.last_recorded_at))
    assert answer.anchor == encode_anchor(world.anchor()).decode(), answer
    world.clock.step(1)
    return answer


# Few files and records, so that drafts often meet on one trail.
_RECORDS = [new_uuid() for _ in range(4)]
_DIGESTS = [both(b"%d" % number) for number in range(3)]
_DIGESTS += [Digests(_DIGESTS[0].sha256, _DIGESTS[1].sm3), Digests(_DIGESTS[1].sm3, _DIGESTS[1].sha256)]
_SIZES = st.one_of(st.integers(0, 10), st.just(2**53 - 1))
_TEXTS = st.text(max_size=20).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))
_ZONES = st.one_of(
    st.just("Z"),
    st.builds("{}{:02}:{:02}".format, st.sampled_from("+-"), st.integers(0, 23), st.integers(0, 59)),
)
_TIMES = st.times().map(lambda time: time.replace(microsecond=0).isoformat())


def _dates(last: datetime.date) -> st.SearchStrategy[str]:
    days = st.dates(datetime.date(1, 1, 1), last).map(datetime.date.isoformat)
    moments = st.builds("{}T{}{}".format, days, _TIMES, _ZONES)
    return st.one_of(days, days.map(lambda day: day[:4]), days.map(lambda day: day[:7]), moments)


_DATES = _dates(datetime.date.max)
# The ledger takes no act that lies ahead of its clock.
_PAST = _dates(datetime.date(2025, 12, 31))
_FILES = st.lists(
    st.builds(
        FileClaim,
        role=st.from_regex(r"[a-z][a-z0-9_.-]{0,63}", fullmatch=True),
        format=st.from_regex(r"[a-z0-9][a-z0-9.+/-]{0,99}", fullmatch=True),
        carrier=st.sampled_from(CARRIERS),
        copy=st.sampled_from(COPIES),
        digests=st.none() | st.sampled_from(_DIGESTS),
        size=_SIZES,
    ),
    max_size=4,
)
_EVENTS = sorted(
    (
        spec
        for spec in catalogue().events.values()
        if "person" in spec.roles
        and spec.by & {"any", "township"}
        and spec.record != "none"
        and "erased" not in spec.required_claims
        and not any(name.startswith("file.") for name in spec.required_fields)
    ),
    key=lambda spec: spec.name,
)


@st.composite
def _said(draw: st.DrawFn, spec: EventSpec, *, statement: bool) -> dict[str, object]:
    """Claims that the event must or may have, as the draft of a statement or of an item takes them."""
    values: dict[str, st.SearchStrategy[object]] = {
        "answers": st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=3),
        "pages": _SIZES,
        "version": _SIZES,
        **{claim: st.sampled_from(sorted(codes)) for claim, codes in spec.codes.items()},
    }
    if statement:
        values |= {"due": _DATES, "subject": st.builds(new_uuid)}
    may = sorted(spec.optional_claims & values.keys())
    chosen = spec.required_claims | set(draw(st.lists(st.sampled_from(may), unique=True)) if may else [])
    said = {name: draw(values[name]) for name in sorted(chosen & values.keys())}
    fields: dict[str, object] = {name: draw(_TEXTS) for name in sorted(spec.required_fields)}
    if "number" in fields:
        # No two records have the same.
        fields["number"] = f"{fields['number']} {new_uuid()}"
    if "files" in spec.claims:
        files = draw(_FILES if "files" not in spec.required_claims else _FILES.filter(bool))
        said["files"] = files
        for number, claim in enumerate(files):
            if claim.digests is None and "file.digests" in spec.fields and draw(st.booleans()):
                fields[f"file.{number}.digests"] = FileDigests(draw(st.sampled_from(_DIGESTS)), draw(_SIZES))
            if "file.name" in spec.fields and draw(st.booleans()):
                fields[f"file.{number}.name"] = draw(_TEXTS)
    return {**said, "fields": fields}


@st.composite
def _drafts(draw: st.DrawFn) -> tuple[Draft, list[ItemDraft] | None]:
    """A single statement, or a list statement with the drafts of its items."""
    spec = draw(st.sampled_from(_EVENTS))
    times = st.one_of(_PAST, st.builds("{}/{}".format, _PAST, _PAST))
    listing = spec.list == "required" or (spec.list == "optional" and draw(st.booleans()))
    person = {name: draw(_TEXTS) for name in sorted(catalogue().person_fields)}
    if not listing:
        said = draw(_said(spec, statement=True))
        said["fields"] = {**said["fields"], **person}  # type: ignore[dict-item]  # a mapping
        record = draw(st.sampled_from(_RECORDS))
        return Draft(event=spec.name, occurred_at=draw(times), record=record, **said), None  # type: ignore[arg-type]
    records = draw(st.lists(st.sampled_from(_RECORDS), min_size=1, unique=True))
    items = [
        ItemDraft(record=record, occurred_at=draw(st.none() | times), **draw(_said(spec, statement=False)))  # type: ignore[arg-type]
        for record in records
    ]
    whole = {"due": draw(_DATES)} if "due" in spec.required_claims else {}
    whole |= {"subject": new_uuid()} if "subject" in spec.required_claims else {}
    return Draft(event=spec.name, occurred_at=draw(times), fields=person, **whole), items  # type: ignore[arg-type]


def _sign(key: SigningKey, draft: Draft, items: list[ItemDraft] | None) -> Submission:
    if items is None:
        return sign_statement(key, ORIGIN, draft)
    return sign_list(key, ORIGIN, draft, _RECORDS[0], items)


@settings(max_examples=60)
@given(drafts=st.lists(_drafts(), min_size=1, max_size=5), alone=st.booleans())
def test_drafts(
    world: World, judge: Judge, drafts: list[tuple[Draft, list[ItemDraft] | None]], alone: bool
) -> None:
    """Handed in one by one, or in one call, by two people; each batch goes on from the last."""
    people = [world.person(), world.person()]
    made = [_sign(people[n % 2], draft, items) for n, (draft, items) in enumerate(drafts)]
    for some in [[one] for one in made] if alone else [made]:
        world.accept(some)
        world.clock.step(0.001)
    anchored(world, judge)


def test_an_empty_batch(world: World, judge: Judge) -> None:
    made = world.seal(empty=True)
    assert made is not None
    encoded = reread(world.ledger, made.number)
    answer = judge.examine(encoded.data, known(world, made.number, encoded.last_recorded_at))
    assert answer.anchor == encode_anchor(world.anchor()).decode()
