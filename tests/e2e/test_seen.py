"""Each statement signed by command names the newest anchor that its signer's client had checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from ledger.anchor import anchor
from ledger.attest import attest
from ledger.create import create_ledger
from ledger.fabric.connection import read_connection
from ledger.fabric.gateway import close, connect
from ledger.handle import Ledger, open_ledger
from ledger.seal import seal
from ledger.seen import last_seen
from ledger.store.engine import reading
from ledger.store.tables import batch, statement
from tests.api.asking import Ask
from tests.conftest import RunningNetwork
from tests.e2e.world import ORIGIN
from tests.ledger.ledger_world import SETTINGS
from verifier.statement import Seen, parse_statement
from verifier.verify import verify


def seen_by(ledger: Ledger) -> list[Seen | None]:
    """Of each act on a record; who was enrolled before is another matter."""
    with reading(ledger.engine) as connection:
        rows = connection.execute(select(statement.c.data).order_by(statement.c.id)).scalars()
        statements = [parse_statement(data) for data in rows]
    return [one.seen for one in statements if one.people is None]


def state_of(ledger: Ledger, number: int) -> Seen:
    with reading(ledger.engine) as connection:
        row = connection.execute(select(batch.c.size, batch.c.sha256).where(batch.c.number == number)).one()
    return Seen(row.size, row.sha256)


def test_what_is_signed_names_the_anchor_attested_last(
    ask: Ask, network_home: RunningNetwork, tmp_path: Path
) -> None:
    for number in ("QC03-1", "QC03-2"):
        folder = tmp_path / "in" / f"{number}_户"
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(number, encoding="utf-8")
    taken = ask("intake", tmp_path / "in", "--as", "王五", "--carrier", "electronic", "--late", "old_paper")
    assert taken.exit == 0, taken.error
    assert ask("anchor").exit == 0
    ledger = open_ledger(tmp_path / "home")
    single = ("event", "classify", "QC03-1", "--as", "王五", "--field", "category=村级事务")
    assert ask(*single).exit == 0
    # Sealed and anchored, and not yet attested: nobody's client has checked that.
    chain = connect(read_connection(network_home.connection))
    assert seal(ledger) is not None
    assert anchor(ledger, chain) is not None
    assert last_seen(ledger) == state_of(ledger, 1)
    assert attest(ledger, chain) is not None
    close(chain)
    assert ask(*single).exit == 0
    assert seen_by(ledger) == [state_of(ledger, number) for number in (0, 1, 2)]

    assert ask("anchor").exit == 0
    assert ask("evidence", "QC03-1", "-o", tmp_path / "e.json").exit == 0
    assert ask("trust-root", "-o", tmp_path / "t.json").exit == 0
    report = verify((tmp_path / "e.json").read_bytes(), (tmp_path / "t.json").read_bytes(), [])
    noted = {reason.code for check in report.checks for reason in check.reasons}
    assert noted.isdisjoint({"SEEN_OTHER_ROOT", "SEEN_LATER_LOG"})
    assert ask("check").document["agrees"]
    ledger.close()


def test_without_an_attested_anchor_nothing_is_claimed(tmp_path: Path) -> None:
    ledger = create_ledger(tmp_path / "new", replace(SETTINGS, origin=ORIGIN))
    assert last_seen(ledger) is None
    ledger.close()
