"""The counter's verbs: nobody copies a digest, and a wrong turn is told by its rule."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from api.command import run
from ledger.handle import open_ledger
from tests.api.asking import Answer
from tests.api.conftest import CLERK, REVIEWER, TAKING, Office
from tests.people import TOWN, certified, enrol_all

Capture = pytest.CaptureFixture[str]
LIST = "望禾村移交清单"


def hire(office: Office, *names: str) -> None:
    """With all the duties of a township, so that only the rules of handling keep anybody out."""
    with closing(open_ledger(office.home)) as ledger:
        keys = [certified(office.home, office.home, TOWN, name) for name in names]
        enrol_all(ledger, office.home, keys)


@pytest.fixture
def counter(office: Office, tmp_path: Path) -> Office:
    for number in (1, 2, 3):
        folder = tmp_path / "in" / f"QC03-{number}_第{number}件"
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(str(number), encoding="utf-8")
    assert office.ask("intake", tmp_path / "in", *TAKING).exit == 0
    hire(office, "刘十四", "钱七", "孙八")
    return office


def refused(answer: Answer, code: str) -> None:
    assert answer.exit != 0
    assert f"[{code}]" in answer.error, answer.error


def printed(capsys: Capture, *words: str) -> str:
    """What a Chinese reader sees."""
    assert run([*words, "--lang", "zh"]) == 0
    return capsys.readouterr().out


def test_a_list_by_verbs(counter: Office, capsys: pytest.CaptureFixture[str]) -> None:
    ask = counter.ask

    def done(*words: str) -> Answer:
        answer = ask(*words)
        assert answer.exit == 0, answer.error
        return answer

    fixed = done("transfer", "freeze", "QC03-1", "QC03-2", "QC03-3", "--title", LIST, "--as", CLERK).document
    refused(
        ask("transfer", "review-village", LIST, "--outcome", "approved", "--as", CLERK), "CUSTODY_SAME_PERSON"
    )
    refused(ask("transfer", "review-village", LIST, "--as", "刘十四"), "EVENT_CLAIM_MISSING")
    reviewed = done("transfer", "review-village", LIST, "--outcome", "通过", "--as", "刘十四").document
    assert (reviewed["list"], reviewed["answers"]) == (fixed["list"], [fixed["statement"]])
    done("transfer", "return-item", LIST, "QC03-2", "--reason", "缺件", "--as", "钱七")
    shown = done("transfer", "show", LIST).document
    assert (shown["status"], [one["reason"] for one in shown["items"]]) == (
        "divided",
        [None, "missing_item", None],
    )
    (waiting,) = done("work", "--as", CLERK).document["sent_back"]
    assert (waiting["number"], waiting["reason"]) == ("QC03-2", "missing_item")
    capsys.readouterr()
    assert run(["work", "--as", CLERK, "--lang", "zh"]) == 0
    assert "其余各件另立清单定稿(transfer go-on)" in capsys.readouterr().out
    rest = done("transfer", "go-on", LIST, "--title", "续单", "--as", CLERK).document
    assert len(rest["records"]) == 2
    done("transfer", "resubmit", "QC03-2", "--reason", "supplied", "--as", CLERK)
    assert done("work", "--as", CLERK).document["sent_back"] == []
    done("transfer", "review-department", "续单", "--outcome", "approved", "--as", "钱七")
    done("transfer", "review-final", "续单", "--outcome", "approved", "--as", "孙八")
    (filed,) = done("transfer", "list", "--status", "filed").document["lists"]
    assert (filed["title"], filed["state"]) == ("续单", "filed")
    refused(ask("transfer", "list", "--status", "x"), "USAGE_VALUE")
    refused(
        ask("transfer", "return-item", "续单", "QC03-2", "--reason", "缺件", "--as", "钱七"), "FILL_RECORD"
    )
    refused(ask("transfer", "show", "没有"), "LIST_UNKNOWN")


def test_a_loan_by_verbs(counter: Office) -> None:
    ask, reader = counter.ask, ("--reader", "周九", "--purpose", "勘验")
    out = ("loan", "out", "QC03-1", "--due", "2026-02-01", *reader)
    refused(ask(*out, "--basis", "mediation", "--as", "孙八"), "CUSTODY_UNAPPROVED")
    assert ask("loan", "apply", "QC03-1", "--basis", "人民调解", *reader, "--as", "孙八").exit == 0
    refused(ask("loan", "approve", "QC03-1", "--outcome", "同意", "--as", "孙八"), "CUSTODY_OWN_WORK")
    assert ask("loan", "approve", "QC03-1", "--outcome", "granted", "--as", "钱七").exit == 0
    lent = ask(*out, "--as", "孙八")
    assert lent.exit == 0, lent.error
    (row,) = ask("loan", "list", "--state", "逾期").document["loans"]
    assert (row["number"], row["due"], row["said"]["purpose"]) == ("QC03-1", "2026-02-01", "勘验")
    assert [one["number"] for one in ask("work", "--as", "孙八").document["overdue"]] == ["QC03-1"]
    late = ("--due", "2026-02-20", "--occurred", "2026-02-10", "--late", "offline", "--as", "孙八")
    refused(ask("loan", "renew", "QC03-1", *late), "CUSTODY_RENEWED_LATE")
    assert ask("loan", "return", "QC03-1", "--outcome", "完好", "--as", "孙八").exit == 0
    assert ask("loan", "list", "--state", "overdue").document["loans"] == []


def test_a_destruction_by_verbs_waits_for_its_witness(counter: Office, capsys: Capture) -> None:
    ask, record = counter.ask, "QC03-3"

    def done(*words: str) -> Answer:
        answer = ask("destroy", *words)
        assert answer.exit == 0, answer.error
        return answer

    def waiting(name: str) -> list[tuple[str, str]]:
        found = ask("work", "--as", name).document["destructions"]
        return [(one["number"], one["outcome"]) for one in found]

    done("review", record, "--outcome", "拟销毁", "--as", CLERK)
    done("propose", record, "--as", CLERK)
    given = ("--outcome", "approved", "--field", "document_number=档销〔2026〕1号")
    refused(ask("destroy", "approve", record, *given, "--as", "孙八"), "CUSTODY_DUTY")
    done("approve", record, *given, "--as", REVIEWER)
    assert waiting("孙八") == []
    carried = done("carry-out", record, "--outcome", "电子已删除", "--as", "钱七").document
    assert [waiting(name) for name in (CLERK, "钱七", REVIEWER)] == [[], [], []]
    assert waiting("孙八") == [(record, "electronic_destroyed")]
    assert "监销待见证:QC03-3 第3件(电子已删除)" in printed(capsys, "work", "--as", "孙八")
    seen = ("destroy", "witness", record, "--outcome")
    refused(ask(*seen, "electronic_destroyed", "--as", "钱七"), "CUSTODY_SAME_PERSON")
    refused(ask(*seen, "纸质已销毁", "--as", "孙八"), "CUSTODY_WITNESS_OTHER")
    witnessed = done("witness", record, "--outcome", "电子已删除", "--as", "孙八").document
    assert witnessed["answers"] == [carried["statement"]]
    assert waiting("孙八") == waiting("刘十四") == []
    assert ask("list", record).document["records"][0]["handling"]["destruction"] == "destroyed"


def test_a_later_step_says_which_one_it_would_leave_out(counter: Office, capsys: Capture) -> None:
    ask = counter.ask
    assert ask("transfer", "freeze", "QC03-1", "--title", LIST, "--as", CLERK).exit == 0
    asked = ask("--lang", "zh", "work", "--as", "钱七")
    steps = {one["event"]: one["skips"] for one in asked.document["lists"][0]["steps"]}
    assert steps == {"review.village": None, "review.department": "review.village"}
    said = "业务部门审核(村级初审尚未办;只有按规定的流转路线才可先办)"
    assert said in printed(capsys, "work", "--as", "钱七")
    assert said in printed(capsys, "transfer", "show", LIST)
    reviewed = ask("transfer", "review-village", LIST, "--outcome", "通过", "--as", "刘十四")
    assert reviewed.exit == 0, reviewed.error
    (listed,) = ask("work", "--as", "钱七").document["lists"]
    assert listed["steps"] == [{"event": "review.department", "basis": None, "skips": None}]


def test_a_duty_is_handed_over_by_who_has_it(counter: Office) -> None:
    ask, hand = counter.ask, ("duty", "handover", "窗口经办人", "--to", "冯十二")
    done = ask(*hand, "--as", "孙八")
    assert (done.exit, done.document["event"], done.document["duty"]) == (0, "duty.handover", "counter_clerk")
    refused(ask(*hand, "--as", "孙八"), "DUTY_NOT_HELD")
    held = ask("duty", "list").document["duties"]
    assert "counter_clerk" not in {one["duty"] for one in held if one["subject"] == done.document["subject"]}
    assert ask("units", "--set", "api/data/units.sample.json").exit == 0
    made = ask(
        *("enrol", "--name", "何十五", "--organisation", TOWN, "--duty", "村级兼职档案员", "--unit", "听泉村")
    )
    assert made.exit == 0, made.error
    # Given for one village, it is put down there, though nobody names it.
    left = ask("duty", "handover", "village_archivist", "--to", "王五", "--as", "何十五")
    assert left.exit == 0, left.error
    assert left.document["unit"] is not None


TO = ("--field", "对方经办人=冯十二")
NEW = ("--field", "题名=甲", "--field", "档号=QC9")
READING = ("--reader", "周九", "--purpose", "勘验")
NO = ("refuse", "QC03-1", "--reason", "未开放", "--as", "钱七")
YES = ("approve", "QC03-1", "--outcome", "同意", "--as", "钱七")
# In turn, on one record: what is tried, its code, and what a person is told of it.
NOTHING_THERE: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (("loan", *NO), "FILL_NO_APPLICATION", ("没有待答复的利用申请", "位置:QC03-1")),
    (("loan", *YES), "FILL_NO_APPLICATION", ("loan apply",)),
    (("loan", "renew", "QC03-1", "--due", "2026-12-31", "--as", "钱七"), "FILL_NO_LOAN", ("没有借出过",)),
    (("loan", "return", "QC03-1", "--outcome", "完好", "--as", "钱七"), "FILL_NO_LOAN", ()),
    (
        ("transfer", "resubmit", "QC03-1", "--reason", "supplied", "--as", CLERK),
        "FILL_NOTHING",
        ("单件退回(item.return)、整单退回(list.return)",),
    ),
    (("loan", "apply", "QC03-1", "--basis", "人民调解", *READING, "--as", "孙八"), "", ()),
    (("loan", *NO), "", ()),
    (("loan", *NO), "FILL_NO_APPLICATION", ("实为:已答复不予提供(refused)",)),
    (
        ("loan", "out", "QC03-1", "--due", "2026-12-31", *READING, "--basis", "人民调解", "--as", "孙八"),
        "CUSTODY_UNAPPROVED",
        ("loan approve 记录 --outcome 同意",),
    ),
    (
        ("event", "接收登记", "new", "--carrier", "纸质", "--field", "题名=甲", "--as", CLERK),
        "CARRIER_NOT_HERE",
        ("没有文件的档案,载体写作附项:--field 载体=纸质",),
    ),
    (("event", "接收登记", "new", "--field", "载体=纸质", *NEW, "--as", CLERK), "", ()),
    (
        (
            "event",
            "上架",
            "QC03-1",
            "--carrier",
            "纸质",
            "--state",
            "在库",
            "--field",
            "原件位置=1",
            "--as",
            CLERK,
        ),
        "CARRIER_NOT_HERE",
        ("metadata.correct",),
    ),
    (
        ("event", "工作交接", "--subject", "孙八", "--duty", "窗口经办人", *TO, "--as", "钱七"),
        "DUTY_NOT_OWN",
        ("应为 孙八(", "实为 钱七(", "duty handover 职责 --to 接手人 --as 任职人"),
    ),
    (
        (
            "event",
            "工作交接",
            "--subject",
            "孙八",
            "--duty",
            "窗口经办人",
            "--unit",
            "天边",
            *TO,
            "--as",
            "孙八",
        ),
        "UNIT_NAMED",
        ("不是机构表中的单位",),
    ),
)


def test_where_there_is_nothing_to_answer_that_is_said_with_what_to_do(counter: Office) -> None:
    for tried, code, told in NOTHING_THERE:
        answer = counter.ask(*tried, "--lang", "zh")
        if code:
            refused(answer, code)
        else:
            assert answer.exit == 0, answer.error
        for words in told:
            assert words in answer.error, (tried, answer.error)


def test_volumes_originals_and_evidence_over_a_volume(counter: Office, tmp_path: Path) -> None:
    ask = counter.ask
    for number, event in (("QC03-1", "volume.create"), ("QC03-2", "volume.add")):
        assert ask("event", event, number, "--field", "volume=张三户", "--as", CLERK).exit == 0
    (volume,) = ask("volumes", "张三户").document["volumes"]
    assert (volume["state"], len(volume["records"])) == ("open", 2)
    refused(ask("volumes", "李四户"), "VOLUME_UNKNOWN")
    made = ask("evidence", "--volume", "张三户", "-o", tmp_path / "volume.evidence.json")
    assert made.document["records"] == sorted(volume["records"]), made.error
    shelf = ("--state", "在库", "--field", "location=02库-03架", "--as", CLERK)
    assert ask("event", "shelve", "QC03-3", *shelf).exit == 0
    (row,) = ask("originals", "--location", "02库", "--state", "在库").document["originals"]
    assert (row["number"], row["state"]) == ("QC03-3", "in_place")
