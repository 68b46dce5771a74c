"""Acceptance: what is refused and how it is named, and that what is acknowledged stays."""

from __future__ import annotations

import dataclasses
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import func, select

from ledger.accept import SubmissionsRefusedError, accept
from ledger.handle import open_ledger
from ledger.keys import SigningKey
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.store.address import Postgres
from ledger.store.engine import reading
from ledger.store.tables import batch, certificate, disclosure, item, statement
from ledger.submission import Submission
from tests.ledger.ledger_world import (
    AUDIT,
    ENROLLING,
    ORIGIN,
    RECORD,
    START,
    TOWN,
    Clock,
    World,
    a_file,
    make_world,
    new_authority,
    new_uuid,
)
from verifier.digests import sha256
from verifier.errors import LedgerError
from verifier.note import open_receipt
from verifier.statement import Seen

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def key(world: World) -> SigningKey:
    return world.person()


def rows(world: World) -> tuple[int, ...]:
    """How many statements, items, disclosures and certificates are kept, without the cast's own."""
    with reading(world.ledger.engine) as connection:
        tables = (statement, item, disclosure, certificate)
        kept = [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
    return tuple(count - before for count, before in zip(kept, (ENROLLING, 0, ENROLLING, 2), strict=True))


def codes(refused: SubmissionsRefusedError) -> list[list[str]]:
    return [[reason.code for reason in refusal.reasons] for refusal in refused.refusals]


def test_a_receipt_promises_the_statement_by_its_due_time(world: World, key: SigningKey) -> None:
    made = world.receive(key, RECORD)
    (accepted,) = world.accept([made])
    ledger = world.ledger
    receipt = open_receipt(accepted.receipt, ORIGIN, ledger.id, ledger.public_key)
    assert receipt.statement == accepted.statement == sha256(made.statement)
    assert (receipt.accepted_at, receipt.due) == ("2026-01-12T09:30:02.000Z", "2026-01-13T09:30:02.000Z")
    assert not accepted.duplicate
    assert rows(world) == (1, 0, 3, 1)


def test_what_is_acknowledged_is_seen_by_another_opening(world: World, key: SigningKey) -> None:
    made = world.receive(key, RECORD)
    world.accept([made])
    # Not closed: as after a crash.
    other = open_ledger(world.ledger.paths.home)
    with reading(other.engine) as connection:
        newest = select(statement.c.data).order_by(statement.c.id.desc())
        assert connection.execute(newest).scalars().first() == made.statement


def test_the_same_bytes_again_get_the_same_receipt(world: World, key: SigningKey) -> None:
    made = world.receive(key, RECORD)
    (first,) = world.accept([made])
    world.clock.step(3600 * 24 * 400)  # also when the signer's certificate has run out since
    again = world.accept([made, made])
    assert [a.duplicate for a in again] == [True, True]
    assert {a.receipt for a in again} == {first.receipt}
    assert rows(world) == (1, 0, 3, 1)


def test_twice_in_one_call_is_once(world: World, key: SigningKey) -> None:
    made, other = world.receive(key, RECORD), world.receive(key, new_uuid())
    first, second, third = world.accept([made, other, made])
    assert (first.duplicate, second.duplicate, third.duplicate) == (False, False, True)
    assert first.receipt == third.receipt != second.receipt
    assert rows(world)[0] == 2


def test_other_bytes_under_a_used_jti_are_refused(
    world: World, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed = new_uuid()
    monkeypatch.setattr("ledger.sign.uuid.uuid4", lambda: fixed)
    first, second, third = (world.receive(key, RECORD) for _ in range(3))
    world.accept([first])
    with pytest.raises(SubmissionsRefusedError) as refused:
        world.accept([second])
    assert codes(refused.value) == [["STATEMENT_JTI_REPEATED"]]
    assert refused.value.refusals[0].reasons[0].found == sha256(first.statement).hex()
    monkeypatch.undo()
    with pytest.raises(SubmissionsRefusedError) as refused:
        world.accept([world.receive(key, RECORD), third])
    assert [r.number for r in refused.value.refusals] == [1]


def test_two_with_one_jti_in_one_call_are_refused(
    world: World, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed = new_uuid()
    monkeypatch.setattr("ledger.sign.uuid.uuid4", lambda: fixed)
    with pytest.raises(SubmissionsRefusedError) as refused:
        world.accept([world.receive(key, RECORD), world.receive(key, RECORD)])
    assert [r.number for r in refused.value.refusals] == [1]
    assert rows(world) == (0, 0, 0, 0)


def test_all_or_nothing_and_every_bad_one_is_named(world: World, key: SigningKey) -> None:
    good = [world.receive(key, new_uuid()) for _ in range(70)]
    good[13] = dataclasses.replace(good[13], statement=good[13].statement[:-4] + b"AAAA")
    good[66] = dataclasses.replace(good[66], statement=b"x")
    with pytest.raises(SubmissionsRefusedError) as refused:
        world.accept(good)
    assert [r.number for r in refused.value.refusals] == [13, 66]
    assert codes(refused.value) == [["STATEMENT_SIGNATURE"], ["STATEMENT_FORM"]]
    assert refused.value.found == "2 / 70"
    assert rows(world) == (0, 0, 0, 0)


Make = Callable[[World, SigningKey], Submission]


def _other_origin(world: World, key: SigningKey) -> Submission:
    draft = Draft("receive", "2026", record=RECORD, fields={"title": "t", "number": "n", "agent_name": "a"})
    return sign_statement(key, "archive.example/other", draft)


def _other_certificate(world: World, key: SigningKey) -> Submission:
    return dataclasses.replace(world.receive(key, RECORD), certificate=world.person().certificate_der)


def _strange_ca(world: World, key: SigningKey) -> Submission:
    strange = World(world.ledger, world.clock, {TOWN: new_authority(TOWN)})
    return world.receive(strange.certified(), RECORD)


def _wrong_organisation(world: World, key: SigningKey) -> Submission:
    return world.receive(dataclasses.replace(key, iss="NobodyMSP"), RECORD)


def _not_an_archive(world: World, key: SigningKey) -> Submission:
    return world.receive(world.person(AUDIT), RECORD)


def _service(world: World, key: SigningKey) -> Submission:
    return world.receive(world.person(role="service"), RECORD)


def _outlives_its_ca(world: World, _key: SigningKey) -> Submission:
    return world.receive(world.certified(days=3651), RECORD)


def _ends_soon(world: World, key: SigningKey) -> Submission:
    return world.receive(world.certified(days=0.5), RECORD)


def _another_agent(world: World, key: SigningKey) -> Submission:
    return world.receive(dataclasses.replace(key, agent=new_uuid()), RECORD)


def _unbound(world: World, key: SigningKey) -> Submission:
    other = world.receive(key, RECORD)
    return dataclasses.replace(world.receive(key, RECORD), disclosures=other.disclosures)


def _no_title(world: World, key: SigningKey) -> Submission:
    return world.receive(key, RECORD, fields={"number": "n", "agent_name": "a"})


def _unknown_event(world: World, key: SigningKey) -> Submission:
    return world.receive(key, RECORD, event="dance")


def _next_year(world: World, key: SigningKey) -> Submission:
    return world.receive(key, RECORD, occurred_at="2027")


def _the_day_after_tomorrow(world: World, key: SigningKey) -> Submission:
    return world.receive(key, RECORD, occurred_at="2026-01-14")


def _a_span_into_next_year(world: World, key: SigningKey) -> Submission:
    return world.receive(key, RECORD, occurred_at="2026-01/2027-01")


def _an_item_of_next_year(_world: World, key: SigningKey) -> Submission:
    item = ItemDraft(RECORD, occurred_at="2027-01-08", fields={"title": "t", "number": "n"})
    draft = Draft("receive", "2026", fields={"agent_name": "王五"})
    return sign_list(key, ORIGIN, draft, new_uuid(), [item])


def _foreign_seen(world: World, key: SigningKey) -> Submission:
    return world.receive(key, RECORD, seen=Seen(1, sha256(b"another history")))


def _item_left_out(world: World, key: SigningKey) -> Submission:
    made = world.receive_list(key, [new_uuid() for _ in range(3)])
    return dataclasses.replace(made, items=made.items[:2])


def _items_exchanged(world: World, key: SigningKey) -> Submission:
    made = world.receive_list(key, [new_uuid() for _ in range(3)])
    return dataclasses.replace(made, items=(made.items[1], made.items[0], made.items[2]))


def _record_twice(world: World, key: SigningKey) -> Submission:
    return world.receive_list(key, [RECORD, new_uuid(), RECORD])


def _items_without_list(world: World, key: SigningKey) -> Submission:
    return dataclasses.replace(world.receive(key, RECORD), items=world.receive_list(key, [RECORD]).items)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (_other_origin, "STATEMENT_AUDIENCE"),
        (_other_certificate, "CERTIFICATE_MISSING"),
        (_strange_ca, "CERTIFICATE_ISSUER"),
        (_wrong_organisation, "STATEMENT_ISSUER"),
        (_not_an_archive, "EVENT_ORGANISATION"),
        (_service, "EVENT_ROLE"),
        (_ends_soon, "CERTIFICATE_ENDS_BEFORE_DUE"),
        (_outlives_its_ca, "CERTIFICATE_BEYOND_ISSUER"),
        (_another_agent, "CERTIFICATE_AGENT"),
        (_unbound, "SD_NOT_BOUND"),
        (_no_title, "EVENT_FIELD_MISSING"),
        (_unknown_event, "EVENT_UNKNOWN"),
        (_next_year, "OCCURRED_AHEAD"),
        (_the_day_after_tomorrow, "OCCURRED_AHEAD"),
        (_a_span_into_next_year, "OCCURRED_AHEAD"),
        (_an_item_of_next_year, "OCCURRED_AHEAD"),
        (_foreign_seen, "SEEN_UNKNOWN"),
        (_item_left_out, "LIST_SIZE"),
        (_items_exchanged, "LIST_ROOTS"),
        (_record_twice, "ITEM_RECORD_REPEATED"),
        (_items_without_list, "ITEM_WITHOUT_LIST"),
    ],
)
def test_refusals(world: World, key: SigningKey, make: Make, code: str) -> None:
    with pytest.raises(SubmissionsRefusedError) as refused:
        world.accept([world.receive(key, new_uuid()), make(world, key)])
    assert [r.number for r in refused.value.refusals] == [1]
    assert code in codes(refused.value)[0]
    assert rows(world) == (0, 0, 0, 0)


@pytest.mark.parametrize("date", ["2026", "2026-01", "2026-01-13", "2026-01-12T19:00:00-10:00", "0001/2026"])
def test_what_a_time_zone_can_explain_is_taken(world: World, key: SigningKey, date: str) -> None:
    """The clock stands at 2026-01-12T09:30Z."""
    assert len(world.accept([world.receive(key, RECORD, occurred_at=date)])) == 1


def test_a_certificate_that_has_run_out_is_refused(world: World, key: SigningKey) -> None:
    world.clock.step(3600 * 24 * 366)
    with pytest.raises(SubmissionsRefusedError) as refused:
        world.accept([world.receive(key, RECORD, late="offline")])
    assert codes(refused.value) == [["CERTIFICATE_DATE"]]


def big_list(key: SigningKey, records: int, files: int) -> Submission:
    named = tuple(a_file(b"%d" % n) for n in range(files))
    items = [
        ItemDraft(new_uuid(), files=named, fields={"title": "t", "number": str(n)}) for n in range(records)
    ]
    return sign_list(key, ORIGIN, Draft("receive", "2026", fields={"agent_name": "王五"}), new_uuid(), items)


@pytest.mark.parametrize(
    ("limit", "value", "expected", "found"),
    [("MAX_LINKS", 52, "≤ 52 links", "53 links"), ("MAX_BATCH", 30_000, "≤ 30000 octets", "octets")],
)
def test_a_list_over_the_cap_is_refused_and_the_limit_named(
    world: World,
    key: SigningKey,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    expected: str,
    found: str,
) -> None:
    monkeypatch.setattr(f"ledger.judge.{limit}", value)
    # Two links of the list's own entry, and of each item its record's and its files'.
    world.accept([big_list(key, 5, 3)])
    with pytest.raises(SubmissionsRefusedError) as refused:
        world.accept([big_list(key, 17, 2)])
    (reason,) = refused.value.refusals[0].reasons
    assert (reason.code, reason.expected) == ("LIST_OVER_CAP", expected)
    assert reason.found.endswith(found)


def test_a_seen_state_of_this_log_is_accepted(world: World, key: SigningKey) -> None:
    anchored = world.receive(key, RECORD)
    world.accept([anchored])
    sealed = world.seal_and_anchor()
    with reading(world.ledger.engine) as connection:
        root = connection.execute(select(batch.c.sha256).where(batch.c.size == sealed.size)).scalar_one()
    world.accept([world.receive(key, RECORD, seen=Seen(sealed.size, root))])
    assert rows(world)[0] == 2


def test_without_a_configuration_nothing_can_be_accepted(world: World, key: SigningKey) -> None:
    with pytest.raises(LedgerError, match="CONFIGURATION_NONE"):
        accept(world.ledger, [world.receive(key, RECORD)])


def test_nothing_handed_in_is_nothing_accepted(world: World) -> None:
    assert world.accept([]) == []


def erase(world: World, key: SigningKey, record: str, answers: bytes, *fields: str) -> Submission:
    world.appoint(key, "township_archivist")
    draft = Draft(
        "disclosure.erase",
        "2026-01-11",
        record=record,
        answers=(answers,),
        erased=fields,
        reason="statutory_order",
        fields={"agent_name": "赵六", "document_number": "青政函〔2026〕3号", "approver": "钱七"},
    )
    return sign_statement(key, ORIGIN, draft)


def test_an_erasure_deletes_what_it_names_and_nothing_else(world: World, key: SigningKey) -> None:
    made, other = world.receive(key, RECORD), world.receive(key, new_uuid())
    world.accept([made, other])
    before = set(made.disclosures) | set(other.disclosures)
    world.accept([erase(world, key, RECORD, sha256(made.statement), "title")])
    with reading(world.ledger.engine) as connection:
        kept = set(connection.execute(select(disclosure.c.text)).scalars())
    (gone,) = before - kept
    assert gone in made.disclosures
    assert world.accept([made])[0].duplicate
    with reading(world.ledger.engine) as connection:
        assert gone not in set(connection.execute(select(disclosure.c.text)).scalars())
    if isinstance(world.ledger.place, Postgres):
        # What may remain there is said in docs/operations.md.
        return
    home = world.ledger.paths.root
    held = b"".join(path.read_bytes() for path in home.glob("ledger.sqlite*"))
    assert gone.encode() not in held
    assert made.statement in held


def test_an_erasure_in_a_list_reaches_only_its_record(world: World, key: SigningKey) -> None:
    other = new_uuid()
    made = world.receive_list(key, [RECORD, other])
    world.accept([made])
    world.accept([erase(world, key, RECORD, sha256(made.statement), "title", "number")])
    with reading(world.ledger.engine) as connection:
        left = connection.execute(
            select(disclosure.c.item_number, disclosure.c.name).where(
                disclosure.c.statement_id == ENROLLING + 1
            )
        ).all()
    assert sorted(tuple(row) for row in left) == [(-1, "agent_name"), (1, "number"), (1, "title")]


@pytest.mark.parametrize("wrong", ["record", "statement", "field"])
def test_an_erasure_of_nothing_is_refused(world: World, key: SigningKey, wrong: str) -> None:
    made = world.receive(key, RECORD)
    world.accept([made])
    record = new_uuid() if wrong == "record" else RECORD
    digest = sha256(b"?") if wrong == "statement" else sha256(made.statement)
    with pytest.raises(SubmissionsRefusedError) as refused:
        world.accept([erase(world, key, record, digest, "holder" if wrong == "field" else "title")])
    assert codes(refused.value) == [["ERASE_TARGET"]]
    assert rows(world) == (2, 0, 4, 1)


def accept_elsewhere(home: Path, submissions: list[Submission], cas: dict[str, bytes]) -> list[str]:
    """Run in another process; `cas`: MSP id → its person CA, DER."""
    certificates = {msp: (x509.load_der_x509_certificate(der),) for msp, der in cas.items()}
    clock = Clock(START)
    return [a.receipt for a in accept(open_ledger(home, clock), submissions, lambda _: certificates)]


def test_processes_that_accept_at_once_keep_everything_once(world: World, key: SigningKey) -> None:
    shared = [world.receive(key, new_uuid()) for _ in range(5)]
    own = [[world.receive(key, new_uuid()) for _ in range(5)] for _ in range(2)]
    cas = {msp: ca.certificate.public_bytes(Encoding.DER) for msp, ca in world.cas.items()}
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(accept_elsewhere, world.ledger.paths.home, shared + mine, cas) for mine in own]
        receipts = [future.result(timeout=600) for future in futures]
    assert len({tuple(r[:5]) for r in receipts}) == 1
    assert len({receipt for r in receipts for receipt in r}) == 15
    with reading(world.ledger.engine) as connection:
        ids = connection.execute(select(statement.c.id).order_by(statement.c.id)).scalars().all()
    assert list(ids) == list(range(1, ENROLLING + 16))
