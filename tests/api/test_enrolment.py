"""Keys and duties by their commands: they come and go by registrars' words."""

from __future__ import annotations

import shutil

import pytest

from api.command import run
from api.errors import Exit
from tests.api.conftest import CLERK, Office
from tests.people import ARCHIVE, TOWN, certified

STRANGER, LAND = "李陌", "ac1649f2-9727-4f1c-8da7-07001173fc88"
RECORD = ("event", "capture", "new", "--field", "title=一份档案")


@pytest.fixture
def stranger(office: Office) -> str:
    """Somebody with a certificate, whose key nobody has enrolled."""
    return certified(office.home, office.home, TOWN, STRANGER).agent


def enrol(
    office: Office, name: str, role: str = "person", organisation: str = "QingheTownship", *more: str
) -> str:
    made = office.ask("enrol", "--name", name, "--role", role, "--organisation", organisation, *more)
    assert made.exit == Exit.OK, made.error
    assert made.document["key_enrolled"] is (None if role == "registrar" else True)
    return str(made.document["person"]["agent"])


def rows_of(office: Office, agent: str) -> list[dict[str, str]]:
    return [row for row in office.ask("key", "list").document["keys"] if row["subject"] == agent]


def test_enrol_asks_the_registrars_of_the_sample(office: Office, stranger: str) -> None:
    """Whoever is certified and not enrolled is refused; somebody new is enrolled at once, and appointed."""
    assert office.ask("units", "--set", "api/data/units.sample.json").exit == Exit.OK
    refused = office.ask(*RECORD, "--as", STRANGER)
    assert (refused.exit, refused.code) == (Exit.DATA, "EVENT_REFUSED")
    assert "KEY_NOT_ENROLLED" in refused.error
    agent = enrol(office, "钱七", "person", TOWN, "--duty", "业务部门审核员", "--unit", "农业农村办公室")
    assert office.ask(*RECORD, "--as", "钱七").exit == Exit.OK
    (row,) = rows_of(office, agent)
    assert (row["organisation"], row["second"] != TOWN) == (TOWN, True)
    held = duties_of(office, agent)
    assert [(row["duty"], row["unit"]) for row in held] == [("department_reviewer", LAND)]
    (person,) = [one for one in office.ask("people").document["people"] if one["agent"] == agent]
    assert person["duty"] == "业务部门审核员"


def test_the_county_certifies_a_village_archivist_for_one_village(office: Office) -> None:
    assert office.ask("units", "--set", "api/data/units.sample.json").exit == Exit.OK
    whole = ("enrol", "--name", "何十五", "--organisation", ARCHIVE, "--duty", "村级兼职档案员")
    refused = office.ask(*whole)
    assert refused.exit == Exit.DATA
    assert "UNIT_MISSING" in refused.error
    assert "--unit" in refused.error
    agent = enrol(office, "何十五", "person", ARCHIVE, *whole[-2:], "--unit", "听泉村")
    (village,) = [one for one in office.ask("units").document["units"] if one["zh"] == "听泉村"]
    assert [(one["agent"], one["organisation"]) for one in village["holders"]] == [(agent, ARCHIVE)]
    (row,) = rows_of(office, agent)
    assert row["organisation"] == ARCHIVE
    assert office.ask(*RECORD, "--as", "何十五").exit == Exit.OK


def test_a_new_key_for_the_old_one(office: Office) -> None:
    agent = enrol(office, "钱七", "person", TOWN, "--duty", "reader")
    renewed = office.ask("enrol", "--name", "钱七", "--renew", "--new-key")
    assert renewed.document["key_enrolled"] is True, renewed.error
    assert [row["reason"] for row in rows_of(office, agent)] == ["replaced", None]
    assert office.ask(*RECORD, "--as", "钱七").exit == Exit.OK
    again = office.ask("enrol", "--name", "钱七", "--renew")
    assert again.document["key_enrolled"] is True
    assert len(rows_of(office, agent)) == 2


def test_a_lost_device_at_the_counter(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody knows the old passphrase any more; the duties stay, being the person's and not the key's."""
    agent = enrol(office, "钱七", "person", TOWN, "--duty", "head")
    monkeypatch.setenv("ARCHIVE_LEDGER_PASSPHRASE", "another passphrase")
    assert office.ask("enrol", "--name", "钱七", "--renew", "--new-key").code == "KEY_PASSPHRASE"
    assert office.ask("enrol", "--name", "钱七", "--renew", "--lost").code == "USAGE_VALUE"
    lost = office.ask("enrol", "--name", "钱七", "--lost")
    assert (lost.document["person"]["agent"], lost.document["key_enrolled"]) == (agent, True), lost.error
    assert [row["reason"] for row in rows_of(office, agent)] == ["key_lost", None]
    assert office.ask(*RECORD, "--as", "钱七").exit == Exit.OK
    assert [row["duty"] for row in duties_of(office, agent)] == ["head"]
    capsys.readouterr()
    assert run(["enrol", "--name", "钱七", "--lost", "--home", str(office.home), "--lang", "zh"]) == Exit.OK
    told = capsys.readouterr().out
    assert ("尚未任职" in told, "原有任职照旧" in told, "原有密钥都已撤销" in told) == (False, True, True)


def test_on_another_device_under_the_same_id(office: Office) -> None:
    """The folder is gone with the device: the id is all that is left, and the registrars know it."""
    agent = enrol(office, "钱七")
    shutil.rmtree(office.home / "people" / agent)
    assert office.ask("enrol", "--name", "钱七", "--agent", agent).code == "USAGE_VALUE"
    again = office.ask("enrol", "--name", "钱七", "--lost", "--agent", agent, "--organisation", TOWN)
    assert again.document["key_enrolled"] is True, again.error
    assert [row["reason"] for row in rows_of(office, agent)] == ["key_lost", None]


def test_registrars_with_keys_of_their_own(office: Office, stranger: str) -> None:
    """What the sample does by itself, done by two registrars: the second answers the first unasked."""
    enrol(office, "登记甲", "registrar")
    enrol(office, "登记乙", "registrar", "YunlingArchives")
    first = office.ask("key", "enrol", STRANGER, "--as", "登记甲")
    assert first.document["counts"] is False, first.error
    assert "KEY_ENROL_ALONE" in office.ask(*RECORD, "--as", STRANGER).error
    assert office.ask("key", "enrol", STRANGER, "--as", "登记乙").document["counts"] is True
    # Enrolled is not appointed: without a duty nothing is signed.
    assert "DUTY_NONE" in office.ask(*RECORD, "--as", STRANGER).error
    appointed = office.ask("duty", "appoint", STRANGER, "reader", "--as", "登记甲")
    assert appointed.exit == Exit.OK, appointed.error
    assert office.ask(*RECORD, "--as", STRANGER).exit == Exit.OK
    why = ("--reason", "密钥泄露", "--compromised-since", "2026-01-10")
    assert office.ask("key", "revoke", STRANGER, "--as", "登记甲", *why).document["counts"] is False
    assert office.ask(*RECORD, "--as", STRANGER).exit == Exit.OK
    assert office.ask("key", "revoke", STRANGER, "--as", "登记乙", *why).document["counts"] is True
    told = office.ask(*RECORD, "--as", STRANGER).error
    assert "KEY_REVOKED" in told
    assert told.count("--lost") == 1
    (row,) = rows_of(office, stranger)
    assert (row["reason"], row["revoked_at"] is not None) == ("compromised", True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("key", "enrol", CLERK, "--as", CLERK), "KEY_NOT_REGISTRAR"),
        (("key", "enrol", CLERK, "--as", CLERK, "--key", "xyz"), "USAGE_VALUE"),
        (("key", "revoke", CLERK, "--as", CLERK, "--reason", "bored"), "USAGE_VALUE"),
        (("duty", "appoint", CLERK, "king", "--as", CLERK), "USAGE_VALUE"),
        (("duty", "appoint", CLERK, "head", "--as", CLERK), "EVENT_REFUSED"),
        (("enrol", "--name", "钱七", "--organisation", TOWN, "--duty", "国王"), "USAGE_VALUE"),
        (("enrol", "--name", "钱七", "--organisation", TOWN, "--unit", "望禾村"), "USAGE_VALUE"),
        (("enrol", "--name", "钱七", "--organisation", TOWN, "--duty", "auditor"), "EVENT_REFUSED"),
    ],
)
def test_what_is_not_admitted(office: Office, arguments: tuple[str, ...], code: str) -> None:
    people = office.ask("people").document["people"]
    assert office.ask(*arguments).code == code
    # Nobody is left half enrolled.
    assert office.ask("people").document["people"] == people


def duties_of(office: Office, agent: str) -> list[dict[str, str]]:
    return [row for row in office.ask("duty", "list").document["duties"] if row["subject"] == agent]


def test_duties(office: Office, stranger: str, capsys: pytest.CaptureFixture[str]) -> None:
    enrol(office, "登记甲", "registrar")
    by = ("--as", "登记甲")
    given = office.ask("duty", "appoint", STRANGER, "系统管理员", *by, "--until", "2099")
    assert given.exit == Exit.OK, given.error
    refused = office.ask("duty", "appoint", STRANGER, "audit_admin", *by)
    assert "DUTY_EXCLUDED" in refused.error
    zh = refused.document["error"]["zh"]
    assert "应为 不兼任 安全审计员(audit_admin);实为 系统管理员(system_admin)" in zh, zh
    (row,) = duties_of(office, stranger)
    assert (row["duty"], row["until"], row["organisation"]) == ("system_admin", "2099", "QingheTownship")
    capsys.readouterr()
    assert run(["duty", "list", "--home", str(office.home), "--lang", "zh"]) == Exit.OK
    (shown,) = [line.split() for line in capsys.readouterr().out.splitlines() if "系统管理员" in line]
    assert shown == [f"{STRANGER}({stranger[:8]})", "系统管理员", "-", "青禾镇人民政府", "2099"]
    assert office.ask("duty", "release", STRANGER, "system_admin", *by).exit == Exit.OK
    assert duties_of(office, stranger) == []


def test_whose_node_certificate_is_revoked_is_named_as_anywhere_else(office: Office) -> None:
    for named, told in (
        (("云岭县农业局", "peer"), "YunlingJustice"),
        (("云岭县司法局", "链码"), "peer"),
    ):
        refused = office.ask("network", "revoke", *named, "--yes")
        assert (refused.exit, refused.code) == (Exit.USAGE, "USAGE_VALUE")
        assert told in refused.document["error"]["en"]
    asked = office.ask("network", "revoke", "云岭县司法局", "记账节点")
    assert asked.code == "NEEDS_YES"
    assert "the peer certificate of YunlingJustice" in asked.document["error"]["en"]
