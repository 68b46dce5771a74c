"""A ledger that asks for enrolment, by its commands: keys and duties come and go by registrars' words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.errors import Exit
from ledger.paths import LedgerPaths
from ledger.settings import read_settings
from tests.api.conftest import CLERK, Office
from verifier.canonical import encode

RECORD = ("event", "capture", "new", "--field", "title=一份档案")


@pytest.fixture
def asking(office: Office) -> Office:
    settings = LedgerPaths(office.home).settings
    settings.write_bytes(encode({**json.loads(settings.read_bytes()), "enrolment": True}))
    return office


def enrol(
    office: Office, name: str, role: str = "person", organisation: str = "QingheTownship", *more: str
) -> str:
    made = office.ask("enrol", "--name", name, "--role", role, "--organisation", organisation, *more)
    assert made.exit == Exit.OK, made.error
    assert made.document["key_enrolled"] is (None if role == "registrar" else True)
    return str(made.document["person"]["agent"])


def test_enrol_asks_the_registrars_of_the_sample(asking: Office) -> None:
    """Whoever was certified before, and is not enrolled, is refused; somebody new is enrolled at once."""
    refused = asking.ask(*RECORD, "--as", CLERK)
    assert (refused.exit, refused.code) == (Exit.DATA, "EVENT_REFUSED")
    assert "KEY_NOT_ENROLLED" in refused.error
    agent = enrol(asking, "钱七")
    assert asking.ask(*RECORD, "--as", "钱七").exit == Exit.OK
    (row,) = asking.ask("key", "list").document["keys"]
    assert (row["subject"], row["organisation"], row["second"] != "QingheTownship") == (
        agent,
        "QingheTownship",
        True,
    )


def test_a_new_key_for_the_old_one(asking: Office) -> None:
    enrol(asking, "钱七")
    renewed = asking.ask("enrol", "--name", "钱七", "--renew", "--new-key")
    assert renewed.document["key_enrolled"] is True, renewed.error
    rows = asking.ask("key", "list").document["keys"]
    assert [row["reason"] for row in rows] == ["replaced", None]
    assert asking.ask(*RECORD, "--as", "钱七").exit == Exit.OK
    again = asking.ask("enrol", "--name", "钱七", "--renew")
    assert again.document["key_enrolled"] is True
    assert len(asking.ask("key", "list").document["keys"]) == 2


def test_registrars_with_keys_of_their_own(asking: Office) -> None:
    """What the sample does by itself, done by two registrars: the second answers the first unasked."""
    enrol(asking, "登记甲", "registrar")
    enrol(asking, "登记乙", "registrar", "YunlingArchives")
    first = asking.ask("key", "enrol", CLERK, "--as", "登记甲")
    assert first.document["counts"] is False, first.error
    assert "KEY_ENROL_ALONE" in asking.ask(*RECORD, "--as", CLERK).error
    assert asking.ask("key", "enrol", CLERK, "--as", "登记乙").document["counts"] is True
    assert asking.ask(*RECORD, "--as", CLERK).exit == Exit.OK
    why = ("--reason", "密钥泄露", "--compromised-since", "2026-01-10")
    assert asking.ask("key", "revoke", CLERK, "--as", "登记甲", *why).document["counts"] is False
    assert asking.ask(*RECORD, "--as", CLERK).exit == Exit.OK
    assert asking.ask("key", "revoke", CLERK, "--as", "登记乙", *why).document["counts"] is True
    assert "KEY_REVOKED" in asking.ask(*RECORD, "--as", CLERK).error
    (row,) = asking.ask("key", "list").document["keys"]
    assert (row["reason"], row["revoked_at"] is not None) == ("compromised", True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("key", "enrol", CLERK, "--as", CLERK), "KEY_NOT_REGISTRAR"),
        (("key", "enrol", CLERK, "--as", CLERK, "--key", "xyz"), "USAGE_VALUE"),
        (("key", "revoke", CLERK, "--as", CLERK, "--reason", "bored"), "USAGE_VALUE"),
        (("duty", "appoint", CLERK, "king", "--as", CLERK), "USAGE_VALUE"),
        (("duty", "appoint", CLERK, "head", "--as", CLERK), "EVENT_REFUSED"),
    ],
)
def test_what_is_not_admitted(asking: Office, arguments: tuple[str, ...], code: str) -> None:
    assert asking.ask(*arguments).code == code


def test_duties(asking: Office) -> None:
    enrol(asking, "登记甲", "registrar")
    by = ("--as", "登记甲")
    given = asking.ask("duty", "appoint", CLERK, "系统管理员", *by, "--until", "2099")
    assert given.exit == Exit.OK, given.error
    refused = asking.ask("duty", "appoint", CLERK, "audit_admin", *by)
    assert "DUTY_EXCLUDED" in refused.error
    (row,) = asking.ask("duty", "list").document["duties"]
    assert (row["duty"], row["until"], row["organisation"]) == ("system_admin", "2099", "QingheTownship")
    assert asking.ask("duty", "release", CLERK, "system_admin", *by).exit == Exit.OK
    assert asking.ask("duty", "list").document["duties"] == []


def test_a_ledger_that_does_not_ask(office: Office, tmp_path: Path) -> None:
    made = office.ask("enrol", "--name", "钱七", "--organisation", "QingheTownship")
    assert made.document["key_enrolled"] is None
    assert office.ask(*RECORD, "--as", "钱七").exit == Exit.OK


def test_a_ledger_begun_again_still_asks(asking: Office, tmp_path: Path) -> None:
    """What is lost with the ledger's settings stands in the trust root."""
    trust, again = tmp_path / "x.trust.json", tmp_path / "again"
    assert asking.ask("trust-root", "--out", trust).exit == Exit.OK
    connection = asking.home / "network" / "connection.json"
    # No network runs here, so it gets no further than to begin.
    begun = asking.ask("recover", "--home", again, "--trust", trust, "--connection", connection)
    assert begun.exit != Exit.OK
    assert read_settings(LedgerPaths(again).settings.read_bytes()).enrolment
