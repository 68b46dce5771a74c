"""What commands say when all is well, on an office without a chain; help, languages, output."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api import destroy_command, loan_command, transfer_command
from api.application import COMMANDS, GROUPS, build
from api.command import run
from api.errors import Exit
from api.output import Output
from tests.api.conftest import CLERK, REVIEWER, TAKING, Office
from verifier.catalogue import catalogue

# A program is in one language all its life, so each language is a process of its own.
ALL_HELP = """
import json, sys
from contextlib import redirect_stdout
from io import StringIO
from api.command import run
from api.application import build
from api.language import choose_language
def names(command, *above):
    yield " ".join(above)
    for name, below in getattr(command, "commands", {}).items():
        yield from names(below, *above, name)
said = {}
choose_language(sys.argv[1])
for name in names(build([])):
    with redirect_stdout(StringIO()) as out:
        assert run([*name.split(), "--help", "--lang", sys.argv[1]]) == 0
    said[name] = out.getvalue()
print(json.dumps(said))
"""


def taken(office: Office, tmp_path: Path, *names: str) -> None:
    folder = tmp_path / "in"
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "a.txt").write_text(name, encoding="utf-8")
    assert office.ask("intake", folder, *TAKING).exit == Exit.OK


def all_help(lang: str) -> dict[str, str]:
    """Of every command, on a screen of eighty columns."""
    said = subprocess.run(
        [sys.executable, "-c", ALL_HELP, lang],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "80"},
        timeout=600,
        check=True,
    )
    found: dict[str, str] = json.loads(said.stdout)
    assert len(found) > len(COMMANDS) + len(GROUPS)
    return found


def test_help_in_both_languages_and_never_cut() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for name, words in all_help("zh").items():
        assert chinese.search(words), name
        assert "显示本说明" in words, name
        assert not re.search(r"… *│|Usage|OPTIONS|<\w+>", words), words
    for name, words in all_help("en").items():
        assert not chinese.search(words), words
        assert not re.search(r"… *│|<\w+>", words), words
        if name != "network":
            assert "--json" in words
            assert "--home" in words


def test_a_verb_shows_what_its_event_takes_and_nothing_else() -> None:
    verbs = {
        "loan": {verb: event for verb, (event, *_) in loan_command._VERBS.items()},
        "destroy": {verb: event for verb, (event, *_) in destroy_command._VERBS.items()},
        "transfer": {verb: event for verb, (event, *_) in transfer_command._ON_LIST.items()},
    }
    seen = 0
    for group, events in verbs.items():
        commands = commands_of()[group].commands
        for verb, name in events.items():
            spec = catalogue().events[name]
            for option in commands[verb].params:
                if option.name in ("basis", "late", "outcome", "reason", "state", "due", "uses"):
                    assert option.hidden is (option.name not in spec.claims), (verb, option.name)
                    codes = () if option.hidden else spec.codes.get(option.name, ())
                    for code in codes:
                        words = catalogue().codes[option.name][code]
                        assert words.zh in option.help or code in option.help, (verb, option.name)
                        seen += 1
    assert seen > 50


def commands_of(*arguments: str) -> dict[str, Any]:
    return dict(getattr(build(arguments), "commands", {}))


def told_by(command: Any) -> list[Any]:
    """What a command's help is made from."""
    own = [command.name, command.help, [(one.opts, getattr(one, "help", None)) for one in command.params]]
    return own + [told_by(below) for below in getattr(command, "commands", {}).values()]


def test_only_the_command_asked_for_is_built_and_it_is_the_same() -> None:
    every = commands_of()
    together = [*COMMANDS.values(), *((name,) for name in GROUPS)]
    assert list(every) == [name for names in together for name in names]
    for names in together:
        for name in names:
            some = commands_of("--home", "list", "--json", "--lang=zh", name, "status")
            assert set(some) == set(names)
            assert told_by(some[name]) == told_by(every[name])
    for word in ("", "--help", "nonsense", "--home"):
        assert list(commands_of(word, "list")) == list(every)


def test_common_options_stand_before_or_after_the_command(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARCHIVE_LEDGER_HOME")
    monkeypatch.chdir(tmp_path)
    assert run(["--home", str(office.home), "--lang", "en", "people"]) == Exit.OK
    before = capsys.readouterr().out
    assert run(["people", "--home", str(office.home), "--lang", "en"]) == Exit.OK
    assert capsys.readouterr().out == before
    assert CLERK in before
    assert run(["people"]) == Exit.OK
    assert CLERK not in capsys.readouterr().out


def test_an_event_on_many_records_is_a_list(office: Office, tmp_path: Path) -> None:
    taken(office, tmp_path, "QC03-1_甲", "QC03-2_乙")
    fixed = office.ask(
        "event", "list.freeze", "QC03-1", "QC03-2", "--as", CLERK, "--field", "list_title=移交清单"
    )
    assert fixed.exit == Exit.OK, fixed.error
    counted = office.ask(
        "event", "list.count", "--list-id", "移交清单", "--as", REVIEWER, "--outcome", "complete",
        "--answers", "last",
    )  # fmt: skip
    assert counted.document["list"] == fixed.document["list"]
    steps = office.ask("show", "QC03-2").document["steps"]
    assert [(s["event"], s["list"], s["item"]) for s in steps[1:]] == [
        ("list.freeze", fixed.document["list"], 1),
        ("list.count", fixed.document["list"], 1),
    ]
    assert steps[2]["answers"] == [fixed.document["statement"]]
    [mine, received] = office.ask("list", "--lists").document["lists"]
    assert (mine["title"], mine["items"], mine["statements"]) == ("移交清单", 2, 2)
    assert received["items"] == 2


def test_answers_to_the_last_act_differ_from_record_to_record(office: Office, tmp_path: Path) -> None:
    taken(office, tmp_path, "QC03-1_甲", "QC03-2_乙")
    for number in ("QC03-1", "QC03-2"):
        office.ask("event", "access.apply", number, "--as", CLERK, "--basis", "own_record",
                   "--field", "reader_name=张三", "--field", "purpose=核对")  # fmt: skip
    office.ask("event", "shelve", "QC03-2", "--as", CLERK, "--state", "in_place", "--field", "location=1")
    refused = office.ask("event", "access.refuse", "QC03-1", "QC03-2", "--as", CLERK, "--reason",
                         "no_mandate", "--answers", "access.apply")  # fmt: skip
    assert refused.exit == Exit.OK, refused.error
    for number in ("QC03-1", "QC03-2"):
        steps = office.ask("show", number).document["steps"]
        applied = next(step["statement"] for step in steps if step["event"] == "access.apply")
        assert steps[-1]["answers"] == [applied]


def test_a_new_version_keeps_the_files_that_are_not_replaced(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "QC03-1_甲"
    folder.mkdir(parents=True)
    for name in ("01.txt", "02.txt"):
        (folder / name).write_text(name, encoding="utf-8")
    office.ask("intake", tmp_path / "in", *TAKING)
    (tmp_path / "02.txt").write_text("new", encoding="utf-8")
    added = office.ask("event", "version.add", "QC03-1", "--as", CLERK, "--reason", "重新扫描", "--keep",
                       "--carrier", "电子",
                       "--file", tmp_path / "02.txt")  # fmt: skip
    assert added.exit == Exit.OK, added.error
    shown = office.ask("show", "QC03-1").document
    assert (shown["version"], [f["name"] for f in shown["files"]]) == (2, ["01.txt", "02.txt"])
    assert shown["files"][1]["size"] == 3
    tested = office.ask(
        "event", "four_test", "QC03-1", "--as", CLERK, "--outcome", "passed", "--file", "01.txt"
    )
    assert tested.document["files"] == ["01.txt"]


def test_a_new_record_by_hand(office: Office) -> None:
    made = office.ask("event", "capture", "new", "--as", CLERK, "--field", "title=口述记录")
    assert made.exit == Exit.OK, made.error
    found = office.ask("list", "口述").document["records"]
    assert [row["record"] for row in found] == made.document["records"]
    assert office.ask("show", made.document["records"][0][:8]).document["title"] == "口述记录"


def test_list_filters(office: Office, tmp_path: Path) -> None:
    taken(office, tmp_path, "QC03-1_甲", "QC03-2_乙", "QC03-3_丙")
    office.ask("event", "shelve", "QC03-2", "--as", CLERK, "--state", "in_place", "--field", "location=1")

    def numbers(*options: str) -> list[str]:
        return sorted(row["number"] for row in office.ask("list", *options).document["records"])

    assert numbers("--event", "shelve") == ["QC03-2"]
    assert numbers("--state", "pending") == ["QC03-1", "QC03-2", "QC03-3"]
    assert numbers("--number", "QC03-3") == ["QC03-3"]
    assert len(numbers("--limit", "2")) == 2
    office.ask("seal")
    assert numbers("--state", "pending") == ["QC03-1", "QC03-2", "QC03-3"]


def test_an_erased_field_is_gone_from_the_store(office: Office, tmp_path: Path) -> None:
    taken(office, tmp_path, "QC03-1_甲")
    applied = office.ask("event", "access.apply", "QC03-1", "--as", CLERK, "--basis", "own_record",
                         "--field", "reader_name=张三", "--field", "purpose=核对")  # fmt: skip
    erased = office.ask("event", "disclosure.erase", "QC03-1", "--as", CLERK, "--reason", "statutory_order",
                        "--erase", "reader_name", "--answers", applied.document["statement"][:12],
                        "--field", "approver=李四", "--field", "document_number=1号")  # fmt: skip
    assert erased.exit == Exit.OK, erased.error
    step = office.ask("show", "QC03-1").document["steps"][1]
    assert "reader_name" in step["hidden"]
    assert "reader_name" not in step["disclosed"]


def test_enrolment_makes_a_key_that_only_its_owner_reads(office: Office) -> None:
    made = office.ask("enrol", "--name", "钱七", "--title", "审核", "--organisation", "QingheTownship")
    assert made.exit == Exit.OK, made.error
    person = made.document["person"]
    key = office.home / "people" / person["agent"] / "key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in key.read_bytes()
    renewed = office.ask("enrol", "--name", "钱七", "--renew", "--new-key", "--days", "10")
    assert renewed.exit == Exit.OK, renewed.error
    assert renewed.document["person"]["agent"] == person["agent"]
    assert renewed.document["person"]["days_left"] < 11
    [listed] = [p for p in office.ask("people").document["people"] if p["name"] == "钱七"]
    assert listed["days_left"] < 11
    checks = {check["name"]: check for check in office.ask("doctor").document["checks"]}
    assert checks["people"]["state"] == "problem"
    assert "钱七" in checks["people"]["en"]


def test_doctor_names_what_is_missing(office: Office, tmp_path: Path) -> None:
    answer = office.ask("doctor", "--home", tmp_path / "nothing")
    states = {check["name"]: check["state"] for check in answer.document["checks"]}
    assert answer.exit == Exit.UNAVAILABLE
    assert states["python"] == states["packages"] == "ok"
    assert states["network"] == states["ledger"] == states["people"] == "problem"
    assert states["chain"] == states["pending"] == "could not check"
    for check in answer.document["checks"]:
        if check["state"] == "problem":
            assert check["remedy_zh"]
            assert check["remedy_en"]


def test_doctor_sees_keys_open_to_others(office: Office) -> None:
    key = next((office.home / "people").glob("*/key.pem"))
    key.chmod(0o644)
    checks = {check["name"]: check for check in office.ask("doctor").document["checks"]}
    assert checks["permissions"]["state"] == "problem"
    assert str(key) in checks["permissions"]["en"]


USE = ("--as", CLERK, "--purpose", "核对", "--basis", "own_record")


def test_evidence_writes_files_under_safe_names_only(office: Office, tmp_path: Path) -> None:
    taken(office, tmp_path, "QC03-1_甲")
    out = tmp_path / "out"
    unstated = office.ask("evidence", "QC03-1", "-o", out / "e.json", "--files", out / "files", *USE[:4])
    assert (unstated.exit, unstated.code, out.exists()) == (Exit.USAGE, "USE_UNSTATED", False)
    made = office.ask("evidence", "QC03-1", "-o", out / "e.json", "--files", out / "files", *USE)
    assert made.document["files"] == [str(out / "files" / "a.txt")]
    again = office.ask("evidence", "QC03-1", "-o", out / "e2.json", "--files", out / "files", *USE)
    assert again.code == "OUT_EXISTS"
    next((office.home / "ledger" / "files").rglob("*/??/*")).unlink()
    gone = office.ask("evidence", "QC03-1", "-o", out / "e3.json", "--files", out / "more", *USE)
    assert (gone.exit, gone.code) == (Exit.DATA, "FILE_NOT_HELD")


def test_without_the_extra_the_remedy_is_named() -> None:
    code = "import sys; sys.modules['typer'] = None; from api.command import main; main()"
    told = subprocess.run(
        [sys.executable, "-c", code, "status"],
        capture_output=True,
        text=True,
        env=os.environ | {"ARCHIVE_LEDGER_LANG": "en"},
        timeout=600,
        check=False,
    )
    assert told.returncode == Exit.UNAVAILABLE
    assert "pip install 'archive-ledger[api]'" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_closed_pipe_is_not_an_error() -> None:
    program = [sys.executable, "-c", "from api.command import main; main()", "events"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert b"Traceback" not in said
    assert process.returncode == 0


def test_an_interrupt_is_said_and_has_its_own_code(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    import ledger.people

    def interrupted(home: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ledger.people, "list_people", interrupted)
    answer = office.ask("people")
    assert (answer.exit, answer.code) == (Exit.INTERRUPTED, "INTERRUPTED")


def test_control_characters_do_not_reach_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output()
    out.say("第一行\n\x1b[31m红\u202e", "")
    out.table((("题名", "title"),), [("\x1b[31m红\u202e",)])
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert said.count("\\u001b") == 2
    assert said.startswith("第一行\n")
