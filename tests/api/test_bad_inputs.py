"""Every command's bad input: the code and exit code of a clear error, and no traceback."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from api.errors import Exit
from tests.api.asking import Ask
from tests.api.conftest import CLERK, TAKING, Office

BY, SCAN = ("--as", CLERK), ("--carrier", "paper")
USAGE, DATA, UNAVAILABLE = Exit.USAGE, Exit.DATA, Exit.UNAVAILABLE

# Arguments, exit code, error code. `{home}` is the data folder, `{tmp}` a folder beside it.
ON_AN_OFFICE: list[tuple[tuple[str, ...], Exit, str]] = [
    (("nonsense",), USAGE, "USAGE"),
    (("list", "--nonsense"), USAGE, "USAGE_OPTION"),
    (("list", "--lang", "fr"), USAGE, "USAGE_VALUE"),
    (("list", "--limit", "0"), USAGE, "USAGE_VALUE"),
    (("list", "--limit", "many"), USAGE, "USAGE_VALUE"),
    (("list", "--state", "finished"), USAGE, "USAGE_VALUE"),
    (("list", "--number", "QC99"), USAGE, "RECORD_UNKNOWN"),
    (("show",), USAGE, "USAGE_MISSING"),
    (("show", "QC99"), USAGE, "RECORD_UNKNOWN"),
    (("init",), USAGE, "USAGE_MISSING"),
    (("init", "--origin", "Not An Origin"), USAGE, "ORIGIN_FORM"),
    (("init", "--origin", "other.example/archives"), USAGE, "LEDGER_OTHER"),
    (("init", "--origin", "x.example/a", "--home", "{tmp}/new"), UNAVAILABLE, "CONNECTION_MISSING"),
    (("recover", "--home", "{tmp}/new"), USAGE, "TRUST_NEEDED"),
    (("recover", "--home", "{tmp}/new", "--trust", "{tmp}/absent.json"), UNAVAILABLE, "SYSTEM"),
    (("recover", "--home", "{tmp}/new", "--trust", "{tmp}/words.txt"), DATA, "JSON_SYNTAX"),
    (("recover", "--checkpoint-key", "{tmp}/words.txt"), DATA, "CHECKPOINT_KEY"),
    (
        ("init", "--origin", "x.example/a", "--home", "{tmp}/new", "--connection", "{tmp}/words.txt"),
        USAGE,
        "CONNECTION_FORM",
    ),
    (
        (
            "init",
            "--origin",
            "x.example/a",
            "--home",
            "{tmp}/new",
            "--connection",
            "{home}/network/connection.json",
            "--operator",
            "YunlingAudit",
        ),
        USAGE,
        "OPERATOR_OTHER",
    ),
    (
        (
            "init",
            "--origin",
            "x.example/a",
            "--home",
            "{tmp}/new",
            "--connection",
            "{home}/network/connection.json",
            "--kind",
            "YunlingAudit=bank",
        ),
        USAGE,
        "KIND_FORM",
    ),
    (("enrol", "--name", "钱七"), USAGE, "USAGE_MISSING"),
    (("enrol", "--name", "钱七", "--organisation", "Nobody"), USAGE, "ORGANISATION_UNKNOWN"),
    (("enrol", "--name", "钱七", "--organisation", "QingheTownship", "--role", "boss"), USAGE, "USAGE_VALUE"),
    (("enrol", "--name", "钱\n七", "--organisation", "QingheTownship"), USAGE, "USAGE_VALUE"),
    (("enrol", "--name", CLERK, "--organisation", "QingheTownship"), USAGE, "PERSON_NAMED"),
    (("enrol", "--name", "钱七", "--organisation", "QingheTownship", "--days", "0"), UNAVAILABLE, "NETWORK"),
    (("enrol", "--name", "钱七", "--renew"), USAGE, "PERSON_UNKNOWN"),
    (
        ("enrol", "--name", CLERK, "--renew", "--passphrase-file", "{tmp}/nowhere"),
        UNAVAILABLE,
        "PASSPHRASE_FILE",
    ),
    (("enrol", "--name", CLERK, "--renew", "--passphrase-file", "{tmp}/empty.txt"), USAGE, "PASSPHRASE_FILE"),
    (("enrol", "--name", CLERK, "--renew", "--passphrase-file", "{tmp}/words.txt"), USAGE, "KEY_PASSPHRASE"),
    (("intake", "{tmp}/nowhere", *BY), USAGE, "INTAKE_FOLDER"),
    (("intake", "{tmp}/records", "--as", "钱七"), USAGE, "PERSON_UNKNOWN"),
    (("intake", "{tmp}/records", *TAKING, "--late", "because"), USAGE, "USAGE_VALUE"),
    (("intake", "{tmp}/records", *TAKING, "--occurred", "last week"), USAGE, "DATE_FORM"),
    (("intake", "{tmp}/records", *TAKING, "--table", "{tmp}/nowhere.csv"), DATA, "TABLE_UNREADABLE"),
    (("intake", "{tmp}/records", *TAKING, "--table", "{tmp}/words.txt"), DATA, "TABLE_KIND"),
    (("intake", "{tmp}/records", *TAKING, "--passphrase-file", "{tmp}/words.txt"), USAGE, "KEY_PASSPHRASE"),
    (("event", "nonsense", *BY), USAGE, "EVENT_UNKNOWN"),
    (("event", "shelve", "QC99", *BY), USAGE, "RECORD_UNKNOWN"),
    (("event", "shelve", "{record}", "{record}", *BY), USAGE, "RECORD_REPEATED"),
    (("event", "shelve", "{record}", "--as", "钱七"), USAGE, "PERSON_UNKNOWN"),
    (("event", "shelve", "{record}", *BY), DATA, "EVENT_REFUSED"),
    (("event", "shelve", "{record}", *BY, "--state", "flying"), USAGE, "USAGE_VALUE"),
    (("event", "shelve", "{record}", *BY, "--field", "location"), USAGE, "FIELD_FORM"),
    (("event", "shelve", "{record}", *BY, "--field", "location="), USAGE, "FIELD_FORM"),
    (("event", "shelve", "{record}", *BY, "--field", "mood=good"), USAGE, "FIELD_UNKNOWN"),
    (("event", "shelve", "{record}", *BY, "--field", "location=\x1b[31m"), USAGE, "FIELD_FORM"),
    (("event", "shelve", "{record}", *BY, "--field", "location=a\u202eb"), USAGE, "FIELD_FORM"),
    (("event", "shelve", "{record}", *BY, "--occurred", "2026-02-30"), USAGE, "DATE_FORM"),
    (("event", "shelve", "{record}", *BY, "--occurred", "2206-02-03"), USAGE, "OCCURRED_AHEAD"),
    (("event", "shelve", "{record}", *BY, "--state", "lost"), USAGE, "USAGE_VALUE"),
    (("event", "shelve", "{record}", *BY, "--state", "遗失"), USAGE, "USAGE_VALUE"),
    (("event", "number", "{record}", *BY, "--field", "number=QC03-2"), DATA, "NUMBER_TAKEN"),
    (
        ("event", "receive", "new", *BY, "--field", "title=x", "--field", "number=QC03-2"),
        DATA,
        "NUMBER_TAKEN",
    ),
    (("event", "number", "{record}", "{other}", *BY, "--field", "number=QC03-9"), USAGE, "ONE_RECORD_ONLY"),
    (
        ("event", "number", "{record}", "--list-id", "new", *BY, "--field", "number=QC03-9"),
        USAGE,
        "ONE_RECORD_ONLY",
    ),
    (("event", "borrow.out", "{record}", *BY, "--due", "soon"), USAGE, "DATE_FORM"),
    (("event", "item.return", "{record}", *BY, "--answers", "borrow.out"), DATA, "ANSWER_UNKNOWN"),
    (("event", "item.return", "{record}", *BY, "--answers", "0123"), DATA, "ANSWER_UNKNOWN"),
    (("event", "list.count", *BY, "--list-id", "nowhere"), USAGE, "LIST_UNKNOWN"),
    (
        ("event", "digitise", "{record}", *BY, *SCAN, "--pages", "1", "--file", "{tmp}/nowhere"),
        DATA,
        "FILE_UNREADABLE",
    ),
    (
        ("event", "digitise", "{record}", *BY, *SCAN, "--pages", "1", "--file", "{tmp}/empty.txt"),
        DATA,
        "FILE_EMPTY",
    ),
    (
        ("event", "digitise", "{record}", *BY, *SCAN, "--pages", "1", "--file", "{tmp}/机密 x.txt"),
        DATA,
        "FILE_SECRET",
    ),
    (
        ("event", "digitise", "{record}", *BY, *SCAN, "--pages", "1", "--file", "{tmp}/CON.txt"),
        DATA,
        "FILE_NAME",
    ),
    (("event", "digitise", "{record}", *BY, "--pages", "-1"), USAGE, "USAGE_VALUE"),
    (("event", "digitise", "{record}", *BY, "--carrier", "bamboo"), USAGE, "USAGE_VALUE"),
    (("event", "digitise", "{record}", *BY, "--copy", "photo"), USAGE, "USAGE_VALUE"),
    (("event", "digitise", "{record}", *BY, *SCAN, "--copy", "original"), USAGE, "COPY_OF_PAPER"),
    (
        ("event", "digitise", "{record}", *BY, "--pages", "1", "--file", "{tmp}/words.txt"),
        USAGE,
        "CARRIER_UNSTATED",
    ),
    (("event", "metadata.correct", "{record}", *BY, "--carrier", "paper"), USAGE, "CARRIER_NOT_HERE"),
    (("event", "four_test", "{record}", *BY, "--file", "99.pdf"), DATA, "FILE_NOT_OF_RECORD"),
    (("event", "four_test", "{record}", *BY, "--file", "a.txt", *SCAN), USAGE, "CARRIER_NOT_HERE"),
    (("intake", "{tmp}/records", *BY), USAGE, "CARRIER_UNSTATED"),
    (("intake", "{tmp}/records", *BY, "--carrier", "竹简"), USAGE, "USAGE_VALUE"),
    (("intake", "{tmp}/records", *TAKING, "--occurred", "2206-02-03"), USAGE, "OCCURRED_AHEAD"),
    (("list", "--event", "flying"), USAGE, "EVENT_UNKNOWN"),
    (("event", "digitise", "{record}", *BY, "--keep"), USAGE, "KEEP_NOT_HERE"),
    (("event", "four_test", "{record}", *BY, "--file", "{tmp}/words.txt"), DATA, "FILE_NOT_OF_RECORD"),
    (
        ("event", "digitise", "{record}", "{other}", *BY, *SCAN, "--file", "{tmp}/words.txt"),
        USAGE,
        "FILES_MANY_RECORDS",
    ),
    (("event", "appoint", *BY, "--subject", "钱七"), USAGE, "PERSON_UNKNOWN"),
    (("event", "key.enrol", *BY, "--subject", CLERK, "--key", "ab" * 32), DATA, "EVENT_REFUSED"),
    (("event", "key.enrol", *BY, "--subject", CLERK, "--key", "x"), USAGE, "USAGE_VALUE"),
    (("event", "appoint", *BY, "--subject", CLERK, "--duty", "国王"), USAGE, "USAGE_VALUE"),
    (("event", "shelve", "{record}", *BY, "--unit", "x"), USAGE, "UNIT_NAMED"),
    (
        (
            "event",
            "shelve",
            "{record}",
            *BY,
            "--state",
            "in_place",
            "--field",
            "location=1",
            "--passphrase-file",
            "{tmp}/words.txt",
        ),
        USAGE,
        "KEY_PASSPHRASE",
    ),
    (("events", "nonsense"), USAGE, "EVENT_UNKNOWN"),
    (("evidence", "-o", "{tmp}/e.json"), USAGE, "SCOPE_EMPTY"),
    (("evidence", "{record}"), USAGE, "USAGE_MISSING"),
    (("evidence", "QC99", "-o", "{tmp}/e.json"), USAGE, "RECORD_UNKNOWN"),
    (("evidence", "--list", "nowhere", "-o", "{tmp}/e.json"), USAGE, "LIST_UNKNOWN"),
    (("evidence", "{record}", "-o", "{tmp}/words.txt"), USAGE, "OUT_EXISTS"),
    (("evidence", "{record}", "-o", "{tmp}/words.txt/e.json"), UNAVAILABLE, "SYSTEM"),
    (("evidence", "{record}", "-o", "{tmp}/e.json", "--trust", "{tmp}/nowhere"), UNAVAILABLE, "SYSTEM"),
    (("evidence", "{record}", "-o", "{tmp}/e.json", "--trust", "{tmp}/words.txt"), DATA, "JSON_SYNTAX"),
    (("evidence", "{record}", "-o", "{tmp}/e.json", "--withhold", "mood"), USAGE, "WITHHOLD_UNKNOWN"),
    (("receipt", "0123456789abcdef"), USAGE, "RECORD_UNKNOWN"),
    (("trust-root", "-o", "{tmp}/t.json", "--least", "9"), USAGE, "LEAST_ATTESTERS"),
    (("trust-root", "-o", "{tmp}/words.txt"), USAGE, "OUT_EXISTS"),
    (("backup", "{tmp}/records"), USAGE, "BACKUP_TARGET"),
    (("restore", "{tmp}/records", "--home", "{tmp}/new"), USAGE, "BACKUP_MANIFEST"),
    (("restore", "{tmp}/records"), USAGE, "RESTORE_HOME"),
    (("anchor",), UNAVAILABLE, "CHAIN_UNREACHABLE"),
    (("serve", "--interval", "0"), USAGE, "USAGE_VALUE"),
]


@pytest.fixture
def beside(office: Office, tmp_path: Path) -> dict[str, str]:
    """Files and folders that bad inputs name, and a record that exists."""
    (tmp_path / "words.txt").write_text("just words\n", encoding="utf-8")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "机密 x.txt").write_text("x", encoding="utf-8")
    (tmp_path / "CON.txt").write_text("x", encoding="utf-8")
    records = tmp_path / "records"
    for name in ("QC03-1_甲", "QC03-2_乙"):
        (records / name).mkdir(parents=True)
        (records / name / "a.txt").write_text(name, encoding="utf-8")
    taken = office.ask("intake", records, *TAKING)
    assert taken.exit == Exit.OK
    (records / "QC03-3_丙").mkdir()
    (records / "QC03-3_丙" / "c.txt").write_text("c", encoding="utf-8")
    return {"home": str(office.home), "tmp": str(tmp_path), "record": "QC03-1", "other": "QC03-2"}


def test_bad_inputs_on_an_office(office: Office, beside: dict[str, str]) -> None:
    """One office for the whole table: none of these may change it."""
    wrong = []
    for arguments, exit_code, code in ON_AN_OFFICE:
        answer = office.ask(*(argument.format(**beside) for argument in arguments))
        error = answer.document.get("error", {})
        named = bool(error.get("zh")) and bool(error.get("en")) and "未列入" not in error["zh"]
        if (answer.exit, answer.code, named) != (exit_code, code, True):
            wrong.append((arguments, answer.exit, answer.code, answer.error))
    assert not wrong, "\n".join(map(str, wrong))
    assert office.ask("list").document["total"] == 2
    assert len(office.ask("show", "QC03-1").document["steps"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("intake", "{tmp}", *TAKING),
        ("list",),
        ("show", "x"),
        ("event", "shelve", "x", "--as", CLERK),
        ("evidence", "x", "-o", "{tmp}/e"),
        ("receipt", "x"),
        ("trust-root", "-o", "{tmp}/t"),
        ("status",),
        ("check",),
        ("fixity",),
        ("backup", "{tmp}/b"),
        ("serve",),
        ("seal",),
        ("anchor",),
    ],
)
def test_without_a_ledger_every_command_says_so(ask: Ask, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    answer = ask(*(word.format(tmp=tmp_path) for word in arguments), "--home", tmp_path / "nothing")
    assert answer.code in ("LEDGER_ABSENT", "PERSON_UNKNOWN")
    assert answer.exit in (Exit.UNAVAILABLE, Exit.USAGE)
    assert "archive-ledger" in answer.document["error"]["en"]


def test_the_error_document_and_the_words(office: Office) -> None:
    answer = office.ask("show", "QC99")
    assert answer.document == {
        "error": {
            "code": "RECORD_UNKNOWN",
            "zh": "没有这条记录。请用 archive-ledger list 查看档号或编号。\n  所写:QC99",
            "en": "There is no such record. See: archive-ledger list\n  given: QC99",
            "exit": 2,
        }
    }
    assert answer.error.startswith("Error [RECORD_UNKNOWN] There is no such record.")


CODE = re.compile(r"[A-Z]+(_[A-Z]+)*\Z")


def codes_in(folder: str) -> set[str]:
    """Every string of its sources that has a code's form."""
    return {
        node.value
        for path in Path(folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value)
    }


def test_every_code_that_the_ledger_can_raise_has_words() -> None:
    from api.failure import words_of

    codes = {code for code in codes_in("ledger") if "_" in code}
    unknown = {code for code in codes if words_of(code)[1].startswith("a code without")}
    assert unknown <= {"PRAGMA", "ARCHIVE_LEDGER_DATABASE"}
    assert len(codes) > 60


def test_the_tables_of_words_are_complete_and_none_are_left_over() -> None:
    table = json.loads(Path("api/data/reasons.json").read_text(encoding="utf-8"))
    assert table.keys() - codes_in("ledger") - codes_in("api") - codes_in("verifier") == set()
    for code, words in table.items():
        assert code.isupper()
        assert set(words) == {"zh", "en"}
        assert words["zh"]
        assert words["en"].isascii()


def test_every_subject_of_a_check_has_words() -> None:
    from api.check_command import SUBJECTS
    from ledger.finding import Subject

    assert set(SUBJECTS) == {str(subject) for subject in Subject}
