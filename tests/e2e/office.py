"""An office by its command line: a ledger opened on the real network, and two people who sign."""

from __future__ import annotations

from tests.api.asking import Ask
from tests.conftest import RunningNetwork
from tests.e2e.world import ORIGIN
from tests.people import ARCHIVE, TOWN, USUAL

CLERKS = (("王五", TOWN), ("赵六", ARCHIVE))


def open_office(ask: Ask, network: RunningNetwork) -> None:
    """In the data folder that ARCHIVE_LEDGER_HOME names."""
    made = ask("init", "--origin", ORIGIN, "--connection", network.connection)
    assert made.exit == 0, made.error
    assert made.document["anchored_batch"] == 0
    assert len(made.document["attested_by"]) == 4
    for name, msp in CLERKS:
        duties = [word for duty in USUAL[msp] for word in ("--duty", duty)]
        enrolled = ask("enrol", "--name", name, *duties, "--organisation", msp, "--ca", network.home)
        assert enrolled.exit == 0, enrolled.error
