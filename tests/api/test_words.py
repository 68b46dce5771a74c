"""Codes, names of fields and organisations in Chinese, in English and as codes; what is unknown is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.codes import read_code, read_event_codes
from api.command import run
from api.errors import CommandError, Exit
from api.event.request import named_event, read_fields
from tests.api.conftest import CLERK, TAKING, Office
from verifier.catalogue import Words, catalogue

SHADES = {"red": Words("红", "red"), "dark_red": Words("红", "dark red"), "blue": Words("蓝", "blue")}


@pytest.fixture
def record(office: Office, tmp_path: Path) -> str:
    folder = tmp_path / "in" / "QC03-1_甲"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("a", encoding="utf-8")
    office.ask("intake", tmp_path / "in", *TAKING)
    return "QC03-1"


@pytest.mark.parametrize("name", ["shelve", "上架", "Shelve", " 上架 "])
def test_an_event_by_each_of_its_names(name: str) -> None:
    assert named_event(name).name == "shelve"


def test_every_event_is_found_by_its_words() -> None:
    for spec in catalogue().events.values():
        assert {named_event(n).name for n in (spec.name, spec.words.zh, spec.words.en)} == {spec.name}


def test_the_catalogue_shows_the_options_that_there_are(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("disclosure.erase", "digitise", "borrow.out"):
        assert run(["events", name, "--lang", "zh"]) == Exit.OK
        shown = capsys.readouterr().out
        options = {line.split()[0] for line in shown.splitlines() if line.startswith("--")}
        assert run(["event", "--help", "--lang", "zh"]) == Exit.OK
        help_text = capsys.readouterr().out
        assert {option for option in options if option not in help_text} == set()


def test_every_code_of_every_event_is_found_by_its_words() -> None:
    for spec in catalogue().events.values():
        for claim, codes in spec.codes.items():
            for code in codes:
                words = catalogue().codes[claim][code]
                for text in (code, words.zh, words.en):
                    assert read_event_codes(spec, {claim: text}) == {claim: code}, (spec.name, text)


def test_what_is_unknown_is_refused_with_the_near_ones_in_both_languages() -> None:
    with pytest.raises(CommandError, match="EVENT_UNKNOWN") as wrong:
        named_event("上架子")
    assert "上架(shelve)" in wrong.value.zh
    assert "shelve" in wrong.value.en
    with pytest.raises(CommandError) as wrong:
        named_event("shelf")
    assert "上架(shelve)" in wrong.value.zh


def test_all_wrong_codes_are_told_at_once_with_those_allowed_here() -> None:
    spec = named_event("borrow.return")
    with pytest.raises(CommandError, match="USAGE_VALUE") as wrong:
        read_event_codes(spec, {"outcome": "飞了", "state": "lost"})
    for word in ("飞了", "完好(intact)", "lost", "在库(in_place)"):
        assert word in wrong.value.zh
    assert "遗失" not in wrong.value.zh
    for word in ("intact", "in_place"):
        assert word in wrong.value.en


def test_a_name_of_two_codes_is_not_guessed() -> None:
    with pytest.raises(CommandError, match="USAGE_VALUE") as wrong:
        read_code("--shade", "红", SHADES)
    assert "红(red)、红(dark_red)" in wrong.value.zh
    assert read_code("--shade", "Dark Red", SHADES) == "dark_red"


@pytest.mark.parametrize("pair", ["location=1柜", "原件位置=1柜", "原件位置\uff1d1柜"])
def test_a_field_by_each_of_its_names(pair: str) -> None:
    assert read_fields([pair]) == {"location": "1柜"}


def test_only_the_first_sign_divides_a_field() -> None:
    assert read_fields(["备注=甲=乙=丙"]) == {"note": "甲=乙=丙"}
    with pytest.raises(CommandError, match="FIELD_FORM"):
        read_fields(["备注=甲", "note=乙"])
    with pytest.raises(CommandError, match="FIELD_UNKNOWN") as wrong:
        read_fields(["心情=好"])
    assert "备注(note)" in wrong.value.zh


def test_of_many_the_near_ones_are_told() -> None:
    with pytest.raises(CommandError, match="FIELD_UNKNOWN") as wrong:
        read_fields(["利用人=张三"])
    assert "利用人姓名(reader_name)" in wrong.value.zh
    assert "reader_name" in wrong.value.en
    assert "备注" not in wrong.value.zh


def test_a_whole_act_in_chinese(office: Office, record: str) -> None:
    shelved = office.ask("event", "上架", record, "--as", CLERK, "--state", "在库",
                         "--field", "原件位置=1柜", "--late", "旧档进系统")  # fmt: skip
    assert shelved.exit == Exit.OK, shelved.error
    step = office.ask("show", record).document["steps"][-1]
    assert (step["event"], step["custody"], step["late"]) == ("shelve", "in_place", "old_paper")
    answer = office.ask("event", "盘点", record, "--as", CLERK, "--outcome", "在位", "--state", "在库",
                        "--answers", "上架")  # fmt: skip
    assert answer.exit == Exit.OK, answer.error
    assert office.ask("show", record).document["steps"][-1]["answers"] == [step["statement"]]


def test_a_refused_act_says_what_to_add_and_what_it_takes(office: Office, record: str) -> None:
    refused = office.ask("event", "上架", record, "--as", CLERK)
    assert (refused.exit, refused.code) == (Exit.DATA, "EVENT_REFUSED")
    zh, en = refused.document["error"]["zh"], refused.document["error"]["en"]
    assert "须补上:--state 在库(in_place)、代管(in_deposit)  --field 原件位置=…" in zh
    assert "archive-ledger events 上架" in zh
    assert "To be added: --state in_place, in_deposit  --field location=..." in en


def test_an_empty_list_says_that_only_last_acts_were_looked_at(
    office: Office, record: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["list", "--event", "上架", "--lang", "zh"]) == Exit.OK
    assert "只看每条记录最近的一步" in capsys.readouterr().out
    assert run(["list", "--event", "接收登记", "--lang", "zh"]) == Exit.OK
    assert "只看每条记录最近的一步" not in capsys.readouterr().out


def test_files_are_shown_with_what_they_are(
    office: Office, record: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["show", record, "--lang", "zh"]) == Exit.OK
    assert "a.txt  载体电子、文件为原件" in capsys.readouterr().out
    assert run(["people", "--lang", "zh"]) == Exit.OK
    assert "青禾镇人民政府  人员" in capsys.readouterr().out


def test_lists_are_filtered_in_chinese(office: Office, record: str) -> None:
    for options in (("--event", "接收登记"), ("--state", "待封存"), ("--event", "receive")):
        assert [r["number"] for r in office.ask("list", *options).document["records"]] == [record]
    unknown = office.ask("list", "--event", "接受登记")
    assert (unknown.exit, unknown.code) == (Exit.USAGE, "EVENT_UNKNOWN")
    assert "接收登记(receive)" in unknown.document["error"]["zh"]


def test_fields_are_withheld_in_chinese(office: Office, record: str, tmp_path: Path) -> None:
    made = office.ask("evidence", record, "-o", tmp_path / "e.json", "--withhold", "职务")
    assert made.exit == Exit.OK, made.error
    assert "档案员" not in (tmp_path / "e.json").read_text(encoding="utf-8")
    refused = office.ask("evidence", record, "-o", tmp_path / "f.json", "--withhold", "职位")
    assert refused.code == "WITHHOLD_UNKNOWN"
    assert "职务(agent_duty)" in refused.document["error"]["zh"]


ORGANISATIONS = ["QingheTownship", "青禾镇人民政府", "qinghetownship"]


@pytest.mark.parametrize("given", ORGANISATIONS)
def test_an_organisation_by_each_of_its_names(office: Office, given: str) -> None:
    made = office.ask("enrol", "--name", "钱七", "--organisation", given, "--role", "人员")
    assert made.exit == Exit.OK, made.error
    assert made.document["person"]["organisation"] == "QingheTownship"


@pytest.mark.parametrize("given", [("--organisation", "QingheTown"), ("--organisation", "青禾镇"), ()])
def test_an_unknown_organisation_is_refused_with_those_there_are(
    office: Office, given: tuple[str, ...]
) -> None:
    refused = office.ask("enrol", "--name", "钱七", *given)
    assert refused.exit == Exit.USAGE
    assert refused.code == ("ORGANISATION_UNKNOWN" if given else "USAGE_MISSING")
    for word in ("QingheTownship  青禾镇人民政府", "YunlingAudit  云岭县审计局"):
        assert word in refused.document["error"]["zh"]
    assert not [p for p in office.ask("people").document["people"] if p["name"] == "钱七"]


def test_each_word_of_a_name_will_do_and_a_list_of_names_is_read_one_way() -> None:
    late = {"network_down": Words("停电、断网", "power or network down"), "offline": Words("线下", "offline")}
    assert [read_code("--late", given, late) for given in ("断网", "停电、断网")] == ["network_down"] * 2
    with pytest.raises(CommandError, match="USAGE_VALUE") as wrong:
        read_code("--late", "停机", late)
    assert "停电、断网(network_down);线下(offline)" in wrong.value.zh
