"""A batch that the organisations refuse by a rule which this ledger does not know.

The rule here: a person CA that is in no organisation's policy, and that the ledger was made to accept. The
one statement is set aside by an explicit command, with its record, and taken up again by another; what was
acknowledged is never lost, and nothing gets two anchors.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest
from sqlalchemy import insert, update

from api.errors import Exit
from ledger.accept import accept
from ledger.anchor import _remember, anchor
from ledger.check import check
from ledger.decisions import decisions
from ledger.fabric.refusal import RefusedError
from ledger.membership import Membership, PersonCas, person_cas
from ledger.query import statement_by_digest
from ledger.refused_batch import look, set_aside, take_up
from ledger.reread import reread
from ledger.seal import seal
from ledger.sign import Draft, sign_statement
from ledger.status import counts
from ledger.store.engine import writing
from ledger.store.tables import SUBMITTED, anchor_attempt, batch
from ledger.unseal import unseal
from network.certificates import make_authority
from tests.api.asking import asker
from tests.e2e.invalid import held
from tests.e2e.world import ORIGIN, World, signer_of
from verifier.errors import ArchiveError, CallerError, LedgerError
from verifier.report import Outcome, Verdict

MSP = "YunlingArchives"
FILES = {"a.txt": b"a"}
WHY = "王五:各机构尚未放行此证书机构"


@dataclass(frozen=True)
class Refused:
    """`statement`: the digest of the one that the organisations refuse; `record`: another's, of the batch.

    `others`: how many there are besides in the batch.
    """

    world: World
    statement: bytes
    record: str
    others: int
    membership: Membership

    def aside(self) -> list[tuple[Outcome, str, str]]:
        """What `check`, made to know that CA, says; nothing failed."""
        found = list(check(self.world.ledger, membership=self.membership))
        assert [one for one in found if one.outcome is Outcome.FAILED] == []
        return [(one.outcome, one.code, one.name) for one in found if one.code.startswith("ASIDE")]


@pytest.fixture
def refused(world: World) -> Refused:
    """In one batch: a good statement, and after it one that every organisation refuses."""
    added = make_authority("云岭县档案馆", f"{MSP} person CA 9")

    def with_another(ledger: object) -> PersonCas:
        known = person_cas(world.ledger)
        return {**known, MSP: (*known[MSP], added.certificate)}

    record = world.receive("同批的户档", FILES)
    fields = {"agent_name": "陈七", "title": "另一户档", "number": "X-1"}
    draft = Draft("receive", "2026-01-08", str(uuid.uuid4()), fields=fields, late="offline")
    signing = world.enrol(signer_of(added, MSP))
    kept = accept(world.ledger, [sign_statement(signing, ORIGIN, draft)], with_another)
    others = counts(world.ledger).pending - 1
    assert seal(world.ledger) is not None
    return Refused(world, kept[0].statement, record, others, with_another)


def no_one_signs(world: World) -> dict[str, str]:
    with pytest.raises(RefusedError) as refused:
        anchor(world.ledger, world.chain)
    return {one.msp: one.code for one in refused.value.refusals}


def test_they_say_which_statement_and_looking_changes_nothing(refused: Refused) -> None:
    world = refused.world
    before = counts(world.ledger)
    assert set(no_one_signs(world).values()) == {"CERTIFICATE_ISSUER"}
    [one] = look(world.ledger, world.chain)
    assert (one.statement, one.code, len(one.organisations)) == (refused.statement, "CERTIFICATE_ISSUER", 4)
    assert counts(world.ledger) == before


def test_set_aside_the_others_go_on_and_nothing_is_lost(refused: Refused) -> None:
    world = refused.world
    receipt = statement_by_digest(world.ledger, refused.statement).receipt
    set_aside(world.ledger, world.chain, refused.statement, WHY)
    assert (counts(world.ledger).in_flight, counts(world.ledger).pending) == (None, refused.others)
    world.anchor_all()
    report = world.verify(world.evidence(refused.record).data, FILES)
    assert report.verdict is Verdict.CONSISTENT, report
    kept = statement_by_digest(world.ledger, refused.statement)
    assert (kept.receipt, kept.step.state) == (receipt, "set aside")
    # An acknowledged statement that is not logged has not passed, for as long as it lies aside.
    assert refused.aside() == [(Outcome.NOT_RUN, "ASIDE_REFUSED", refused.statement.hex())]
    [decision] = decisions(world.ledger.paths)
    assert (decision.kind, decision.statement) == ("set aside", refused.statement.hex())
    assert (decision.batch, decision.code, decision.reason) == (1, "CERTIFICATE_ISSUER", WHY)


def test_taken_up_again_it_is_pending_as_it_was(refused: Refused) -> None:
    """After others have been logged meanwhile; and if they still refuse, it can be set aside once more."""
    world = refused.world
    receipt = statement_by_digest(world.ledger, refused.statement).receipt
    set_aside(world.ledger, world.chain, refused.statement, WHY)
    world.anchor_all()
    take_up(world.ledger, refused.statement, WHY)
    kept = statement_by_digest(world.ledger, refused.statement)
    assert (kept.receipt, kept.step.state) == (receipt, "pending")
    assert refused.aside() == []
    assert seal(world.ledger) is not None
    assert set(no_one_signs(world).values()) == {"CERTIFICATE_ISSUER"}
    set_aside(world.ledger, world.chain, refused.statement, WHY)
    world.anchor_all_empty()
    assert [one.kind for one in decisions(world.ledger.paths)] == ["set aside", "taken up", "set aside"]


def test_only_what_they_refuse_can_be_set_aside(refused: Refused) -> None:
    world = refused.world
    other = world.act("shelve", refused.record, state="in_place", location="02库").statement
    wrong: list[tuple[bytes, type[ArchiveError], str]] = [
        (other, CallerError, "STATEMENT_NOT_REFUSED"),
        (bytes(32), CallerError, "STATEMENT_UNKNOWN"),
    ]
    for digest, kind, code in wrong:
        with pytest.raises(kind) as error:
            set_aside(world.ledger, world.chain, digest, WHY)
        assert error.value.code == code
    with pytest.raises(CallerError) as aside:
        take_up(world.ledger, other, WHY)
    assert aside.value.code == "STATEMENT_NOT_ASIDE"
    assert (counts(world.ledger).in_flight, decisions(world.ledger.paths)) == (1, ())


def test_a_batch_that_they_accept_is_not_taken_back(world: World) -> None:
    sound = world.act("receive", str(uuid.uuid4()), FILES, title="户档", number="1").statement
    with pytest.raises(CallerError) as nothing:
        set_aside(world.ledger, world.chain, sound, WHY)
    assert nothing.value.code == "BATCH_NONE_REFUSED"
    assert seal(world.ledger) is not None
    with pytest.raises(CallerError) as accepted:
        set_aside(world.ledger, world.chain, sound, WHY)
    assert accepted.value.code == "BATCH_NONE_REFUSED"
    assert world.anchor_all().batch == 1


def test_what_may_still_be_ordered_is_not_taken_back(refused: Refused) -> None:
    """Once a transaction with it may have been sent, another batch of its number could never be anchored."""
    world = refused.world
    with writing(world.ledger.engine) as connection:
        row = {"batch": 1, "txid": bytes(32), "started_at": "2026-01-08T00:00:00.000Z"}
        connection.execute(insert(anchor_attempt), row)
        connection.execute(update(batch).where(batch.c.number == 1).values(state=SUBMITTED))
    with pytest.raises(LedgerError) as error:
        set_aside(world.ledger, world.chain, refused.statement, WHY)
    assert error.value.code == "BATCH_SUBMITTED"
    assert counts(world.ledger).in_flight == 1


def test_endorsed_before_it_was_taken_back_it_is_not_sent(world: World) -> None:
    """Another process of ours had it endorsed just then: it must not remember, nor send, what is gone."""
    world.receive("户档", FILES)
    assert seal(world.ledger) is not None
    kept, sealed = held(world), reread(world.ledger, 1)
    with writing(world.ledger.engine) as connection:
        unseal(connection, 1)
    world.receive("又一户档", FILES)
    assert seal(world.ledger) is not None
    with pytest.raises(LedgerError) as gone:
        _remember(world.ledger, sealed, kept)
    assert gone.value.code == "BATCH_UNKNOWN"
    world.anchor_all()


def test_the_command_asks_first_then_does_and_undoes(
    refused: Refused, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(refused.world.ledger.paths.home))
    ask = asker(capsys, monkeypatch)
    digest = refused.statement.hex()
    looked = ask("set-aside")
    assert looked.exit == Exit.DATA
    assert [(one["statement"], one["code"]) for one in looked.document["refused"]] == [
        (digest, "CERTIFICATE_ISSUER")
    ]
    assert ask("set-aside", digest).code == "REASON_NEEDED"
    done = ask("set-aside", digest, "--reason", WHY)
    assert (done.exit, done.document["decision"]["kind"]) == (Exit.OK, "set aside"), done.error
    status = ask("status").document["counts"]
    assert (status["aside"], status["aside_refused"]) == (1, 1)
    back = ask("set-aside", digest, "--undo", "--reason", WHY)
    assert (back.exit, back.document["decision"]["kind"]) == (Exit.OK, "taken up"), back.error
    assert ask("set-aside").document["refused"] == []
