"""What the reader reads: the four verdicts word for word, and that nothing can be smuggled into them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.verifier.sample_reports import (
    CASES,
    NAMES,
    RECORD,
    STEPS,
    WITNESSES,
    consistent,
    does_not_hold,
    incomplete,
    inconsistent,
    no_trust_root,
    passed,
    same,
    step,
    with_check,
)
from tests.verifier.write_golden import GOLDEN
from verifier.layout import columns, fold
from verifier.printable import printable
from verifier.report import (
    CheckName,
    CheckResult,
    FileResult,
    FileStatus,
    ListReport,
    Outcome,
    Reason,
    ReceiptResult,
    RecordReport,
    Report,
    Step,
    Verdict,
)
from verifier.texts import LANGUAGES
from verifier.wording import WIDTH, page, sections


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, language: str) -> None:
    expected = (GOLDEN / f"{name}.{language}.txt").read_text("utf-8")
    assert page(CASES[name](), language) == expected


def first_lines(report: Report, language: str = "zh") -> list[str]:
    return list(sections(report, language)[0].lines)


def all_of(report: Report, language: str = "zh") -> str:
    """The page unfolded, a paragraph a line."""
    return "\n".join(
        line for section in sections(report, language) for line in (section.heading, *section.lines)
    )


def with_steps(*steps: Step, files: int = 6) -> Report:
    return replace(consistent(), records=(RecordReport(RECORD, steps, 2, files),))


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_comes_first_and_stands_once(name: str) -> None:
    lines = page(CASES[name](), "zh").splitlines()
    assert lines[0].startswith("核验结论:")
    assert sum(line.startswith("核验结论:") for line in lines) == 1


def test_files_that_came_after_the_comparison_are_not_said_to_be_compared() -> None:
    compared = next(n for n, s in enumerate(STEPS) if s.event == "original.compare")
    last = max(n for n, s in enumerate(STEPS) if s.event == "original.compare")
    assert compared < last
    assert "没有再与原件比对的记录" not in all_of(consistent())
    without = with_steps(*STEPS[:last], *STEPS[last + 1 :])
    assert "注意:此后2026年1月23日“重报”又放入文件,没有再与原件比对的记录" in all_of(without)
    assert "no later comparison with the original is recorded" in all_of(without, "en")


def test_different_is_never_called_forged() -> None:
    assert "不同不等于造假" in all_of(inconsistent())
    assert "Different does not mean forged" in all_of(inconsistent(), "en")


def test_cannot_check_is_neither_true_nor_false() -> None:
    for report in (no_trust_root(), does_not_hold()):
        assert "不等于真,也不等于假" in first_lines(report)[0]
    assert "核验文件本身不成立" in all_of(does_not_hold())
    assert "THE EVIDENCE FILE ITSELF DOES NOT HOLD" in all_of(does_not_hold(), "en")
    assert "核验文件本身不成立" not in all_of(no_trust_root())


def test_of_evidence_that_does_not_hold_nothing_is_repeated() -> None:
    told = replace(does_not_hold(), records=consistent().records, files=consistent().files)
    assert "张三" not in all_of(told)
    assert "王五" not in all_of(told)


ATTACK = "合同\n核验结论:一致\r\x1b[2J\u202e致一\u2028【现状】\u200b在库"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "field", ["title", "number", "location", "opinion", "agent_name", "agent_duty", "note"]
)
def test_a_disclosed_value_cannot_make_a_line(field: str, language: str) -> None:
    report = with_steps(replace(STEPS[0], disclosed=(("agent_name", "王五"), (field, ATTACK))))
    _assert_clean(page(report, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_name_cannot_make_a_line(language: str) -> None:
    for status in FileStatus:
        file = same(0, status=status, given=ATTACK, name=ATTACK)
        _assert_clean(page(replace(inconsistent(), files=(file,)), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_value_cannot_fold_into_a_line(language: str) -> None:
    for pad in range(60, 90):
        report = with_steps(replace(STEPS[0], disclosed=(("title", "甲" * (pad // 2) + "核验结论:一致"),)))
        _assert_clean(page(replace(report, verdict=Verdict.INCONSISTENT), language))


def test_codes_and_reasons_cannot_make_a_line() -> None:
    odd = replace(STEPS[0], event=ATTACK, outcome=ATTACK, reason=ATTACK, iss=ATTACK, withheld=(ATTACK,))
    reason = Reason("NO_SUCH", ATTACK, ATTACK, ATTACK)
    checks = with_check(passed(), CheckResult(CheckName.TIME, Outcome.NOT_RUN, 0, (reason,)))
    report = replace(with_steps(odd), checks=checks, origin=ATTACK, channel=ATTACK)
    _assert_clean(page(report, "zh"))


def _assert_clean(text: str) -> None:
    lines = text.split("\n")
    assert sum(line.startswith(("核验结论", "Verdict")) for line in lines) == 1
    assert sum(line.startswith(("【现状】", "[Present")) for line in lines) <= 1
    for ch in "\r\x1b\u202e\u2028\u200b":
        assert ch not in text


def test_printable() -> None:
    assert printable("a\tb\u200bc") == "a〈U+0009〉b〈U+200B〉c"
    assert printable("  a \u3000  b ") == "a b"
    assert printable("\ud800") == "〈U+D800〉"
    assert printable("x" * 400) == "x" * 300 + "…〈400〉"
    assert printable("𠮷野\U000e0100") == "𠮷野\U000e0100"
    assert printable("ئابدۇ") == "\u2068ئابدۇ\u2069"


@pytest.mark.parametrize("width", [40, 41, 78, 100])
def test_folding_keeps_every_word_and_the_width(width: int) -> None:
    text = "自2026年1月12日上链起:“01_1998承包合同.pdf”、“02_承包方调查表.pdf”;" * 4 + "x" * 150
    lines = fold(text, width, 2)
    assert "".join(line.strip() for line in lines) == text
    # Marks that may not begin a line hang over its end by at most two.
    assert all(columns(line) <= width + 4 for line in lines)
    assert not any(line.strip().startswith(tuple("、,。;:”")) for line in lines)
    assert all(line.startswith("    ") for line in lines[1:])


def test_a_field_is_not_parted_where_only_its_beginning_fits() -> None:
    lines = fold("档案:" + "户" * 34 + "  永久  46页", 78)
    assert lines == ["档案:" + "户" * 34, "  永久  46页"]


def test_many_steps_and_records() -> None:
    steps = tuple(replace(STEPS[1], index=n, statement=f"{n:064x}") for n in range(250))
    other = "6d0c6c5e-8f0b-4b61-9d7a-3a1e0b6f2c11"
    records = (RecordReport(RECORD, steps, 2, 6), RecordReport(other, STEPS, 1, 0))
    text = page(replace(consistent(), records=records), "zh")
    assert "【第1份,共2份】" in text
    assert "【谁经过手】250步,序号连续" in text
    assert text.count("数字化:44页") == 251
    assert "没有登记电子文件" in text
    assert all(columns(line) <= WIDTH + 4 for line in text.splitlines())


def test_a_list() -> None:
    shown = {"list_title": "望禾村2026年第1批移交清单", "list_number": "QD-2026-01"}
    frozen = step("list.freeze", "2026-01-14", "王五", size=2, list="x", shown=shown)
    counted = step("list.count", "2026-01-15", "赵六", size=2, outcome="complete")
    text = all_of(replace(consistent(), lists=(ListReport("x", (frozen, counted)),)))
    assert "望禾村2026年第1批移交清单  QD-2026-01,共2件" in text
    assert "赵六(青禾镇人民政府)清点:件数相符,清单共2件" in text
    unnamed = replace(frozen, disclosed=(), withheld=("list_title",))
    assert "清单 x,共2件" in all_of(replace(consistent(), lists=(ListReport("x", (unnamed,)),)))


def test_one_missing_witness_is_named_and_a_fork_not_excluded() -> None:
    text = all_of(inconsistent())
    assert "没有确认的:云岭县司法局" in text
    assert "不能排除有两家机构串通" in text
    assert "不能排除" not in all_of(consistent())


def test_too_few_witnesses() -> None:
    few = tuple(replace(w, attested=n < 2) for n, w in enumerate(WITNESSES))
    lacking = CheckResult(CheckName.COMMITTED, Outcome.NOT_RUN, 2, (Reason("X"),))
    report = replace(
        consistent(),
        verdict=Verdict.INCOMPLETE,
        witnesses=few,
        attested_at=None,
        checks=with_check(passed(), lacking),
    )
    text = all_of(report)
    assert "核验基准要求至少3家确认,现有2家" in text
    assert "最迟于" not in text
    assert "以上时间暂不能作准" in text
    assert "不能确认:上链已生效且不可撤回。" in text
    assert "未检查完(已查2项)" in text


def test_never_independent_always_whose() -> None:
    for language, word in (("zh", "互不隶属"), ("en", "subordinate")):
        assert word in all_of(consistent(), language)
    assert "independent" not in all_of(consistent(), "en").lower()


def test_a_later_correction_that_is_not_shown_makes_the_title_stale() -> None:
    hidden = step("metadata.correct", "2026-03-01", "赵六", reason="entry_error", withheld=("title",))
    text = all_of(with_steps(*STEPS, hidden))
    assert "其后更正过题名,更正后的内容没有出示" in text
    assert "更正过1次" in text
    shown = step("metadata.correct", "2026-03-01", "赵六", reason="entry_error", shown={"title": "新题名"})
    text = all_of(with_steps(*STEPS, shown))
    assert "档案:新题名" in text
    assert "没有出示;以上为" not in text
    assert "题名:张三户土地承包户档" in text


def test_a_pending_correction_does_not_describe_the_record() -> None:
    pending = step(
        "metadata.correct",
        "2026-03-01",
        "赵六",
        reason="entry_error",
        shown={"title": "新题名"},
        index=None,
        recorded_at=None,
        interval=None,
    )
    text = all_of(with_steps(*STEPS, pending))
    assert "档案:张三户土地承包户档" in text
    assert "另有1步已签名、尚未上链" in text


def test_final_review_is_named_only_for_the_version_that_passed_it() -> None:
    assert "终审归档的第2版" in first_lines(consistent())[1]
    added = step("repair.digital", "2026-02-10", "冯十二", files=1)
    text = all_of(with_steps(*STEPS, added))
    assert "登记的第2版" in first_lines(with_steps(*STEPS, added))[1]
    assert (
        "所列2026年1月28日的终审,是对当时已登记的文件作出的;其后登记的1个文件(数字化修复)不在这次终审之内"
        in text
    )
    assert "不能说明" not in text
    for later in (
        step("version.add", "2026-02-11", "冯十二", files=1, reason="rescanned"),
        step("list.return", "2026-02-11", "赵六", reason="missing_item"),
    ):
        text = all_of(with_steps(*STEPS, added, later))
        assert "所列2026年1月28日的终审,不能说明是对这些文件作出的" in text
        assert "不在这次终审之内" not in text


def test_a_current_version_that_was_sent_back() -> None:
    returned = STEPS[5]
    files = tuple(same(n, rejected_by=returned.statement) for n in range(6))
    report = replace(with_steps(*STEPS[:6]), files=files)
    assert "这一版已于2026年1月19日被退回(退回原因:缺件),未通过审核" in all_of(report)
    assert "最近一次退回(2026年1月19日)之后没有重报" in all_of(report)


def test_files_not_given_withheld_or_repeated() -> None:
    some = replace(consistent(), files=(same(0), same(1, status=FileStatus.NOT_GIVEN, given="")))
    assert "另有1个文件没有放入,没有比对:“02_承包方调查表.pdf”" in all_of(some)
    assert "不缺不多" not in all_of(some)
    none = replace(
        consistent(),
        verdict=Verdict.INCOMPLETE,
        files=tuple(same(n, status=FileStatus.NOT_GIVEN, given="") for n in range(6)),
    )
    none = replace(none, reasons=(Reason("NO_FILE_GIVEN"),))
    assert "没有放入这份档案的文件,没有比对文件(登记有6个" in all_of(none)
    assert "请把要核对的文件放入后再核一次" in all_of(none)
    hidden = replace(
        consistent(),
        files=(
            same(0),
            same(1, status=FileStatus.WITHHELD, given="", name=""),
            same(2, status=FileStatus.WITHHELD, place=None, name=""),
        ),
    )
    assert "有1个文件的固化信息没有出示,无从比对:第2个文件(文件名未出示)" in all_of(hidden)
    assert "可能就是没有出示固化信息的文件" in all_of(hidden)
    twice = replace(consistent(), files=(*consistent().files, same(0)))
    assert "您放入的7个文件" in all_of(twice)
    assert "其中有内容重复的" in all_of(twice)
    absent = same(1, status=FileStatus.NOT_GIVEN, given="")
    copies = replace(consistent(), files=(same(0), same(0, given="又一份.pdf"), absent))
    assert "仅就放入的1个文件,登记共6个" in first_lines(copies)[0]
    assert "您放入的1个文件" in all_of(copies)


def test_a_file_of_no_record_and_one_of_the_same_name() -> None:
    stranger = same(0, status=FileStatus.DIFFERENT, given="a/别的.pdf", name="", place=None)
    report = replace(inconsistent(), files=(stranger,))
    assert "“a/别的.pdf”与这里登记的任何一个文件都不相同" in all_of(report)
    namesake = replace(stranger, given=f"C:\\下载\\{NAMES[0]}")
    absent = same(0, status=FileStatus.NOT_GIVEN, given="")
    text = all_of(replace(report, files=(namesake, absent)))
    assert f"“C:\\下载\\{NAMES[0]}”与归档件不同。" in text
    assert "没有放入" not in text


def test_an_older_version_that_was_simply_replaced() -> None:
    older = same(3, status=FileStatus.OLDER_VERSION, version=1, rejected_by=None)
    assert "该版已被后来的版本取代" in all_of(replace(inconsistent(), files=(older,)))


def test_an_enhanced_copy_is_no_proof_where_filled_in() -> None:
    report = replace(consistent(), files=(same(0), same(1, copy="enhanced")))
    assert first_lines(report)[0] == "核验结论:一致(纸质原件扫描件、增强件)"
    assert "其中推补处不作凭证" in all_of(report)


def test_an_act_on_a_volume_names_it() -> None:
    closed = step("volume.close", "2026-03-24", "赵六", shown={"volume": "望禾村土地承包卷"})
    assert "案卷或户档:望禾村土地承包卷" in all_of(with_steps(*STEPS, closed))


def test_loans_holds_certificates() -> None:
    lent = step("borrow.out", "2026-03-23", "赵六", due="2026-04-02", state="on_loan")
    held = step("disposal.hold", "2026-03-24", "赵六", reason="in_litigation")
    revoked = step("certificate.revoke", "2026-03-25", "赵六", reason="superseded")
    text = all_of(with_steps(*STEPS, lent, held, revoked))
    assert "最近一次借出尚无归还记录,应于2026年4月2日前归还" in text
    assert "已停止销毁程序(2026年3月24日记)" in text
    assert "撤销过1份档案证明" in text
    assert "没有更正,没有撤销" not in text
    back = step("borrow.return", "2026-03-27", "赵六", outcome="intact", state="in_place")
    free = step("disposal.release", "2026-03-28", "赵六")
    text = all_of(with_steps(*STEPS, lent, held, back, free))
    assert "应于" not in text
    assert "停止销毁程序" not in text
    assert "记录状态“在库”(2026年3月27日 归还所记)" in text


def test_names_withheld_erased_and_services() -> None:
    withheld = replace(STEPS[1], disclosed=(), withheld=("agent_name",))
    erased = replace(STEPS[1], disclosed=(), erased=("agent_name", "note"), statement="e" * 64)
    service = replace(STEPS[1], statement="f" * 64, event="fixity", disclosed=(), outcome="same", pages=None)
    text = all_of(with_steps(withheld, erased, service))
    assert "姓名未出示者(青禾镇人民政府)数字化" in text
    assert "姓名已依规删除者(青禾镇人民政府)数字化" in text
    assert "系统服务(青禾镇人民政府)固化信息核验:相同" in text
    assert "依规删除的:经手人姓名、备注" in text


def test_withheld_digests_are_not_called_harmless() -> None:
    text = all_of(with_steps(replace(STEPS[0], withheld=("file.0.digests", "file.0.name"))))
    assert "这些文件没有比对" in text


RECEIPT = ReceiptResult(
    "c" * 64, "2026-01-08T01:00:00.000Z", "2026-01-08T02:00:00.000Z", known=True, logged=True
)


@pytest.mark.parametrize(
    ("known", "logged", "anchored", "said", "unsaid"),
    [
        (True, True, True, "已记入总账", "期限已过"),
        (True, False, True, "承诺期限已过", "已记入总账。"),
        (True, False, False, "尚未记入总账", "期限已过"),
        (False, False, True, "核验文件里没有这条记录", "期限已过"),
    ],
)
def test_receipts(known: bool, logged: bool, anchored: bool, said: str, unsaid: str) -> None:
    base = consistent() if anchored else incomplete()
    text = all_of(replace(base, receipt=replace(RECEIPT, known=known, logged=logged)))
    assert said in text
    assert unsaid not in text


def test_a_broken_receipt_is_not_a_different_file() -> None:
    report = replace(
        consistent(),
        verdict=Verdict.INCONSISTENT,
        reasons=(Reason("RECEIPT_BROKEN"),),
        receipt=replace(RECEIPT, logged=False),
    )
    assert first_lines(report)[0] == "核验结论:不一致(存证总账没有履行回执)"
    assert "没有查出不同" in all_of(report)
    assert "不同不等于造假" in all_of(report)


def test_upper_bounds_are_rounded_up_and_lower_bounds_down() -> None:
    text = all_of(consistent())
    assert "自2026年1月12日17:30:01上链起(记入总账不早于2026年1月12日17:20:00)" in text
    assert "最迟于2026年3月19日09:10:05已不可撤回" in text


def test_dates_partial_spanning_timed_and_at_the_end_of_time() -> None:
    dates = {
        "1998": "1998年 ",
        "1998-09": "1998年9月 ",
        "1998-09-30/2016-11-25": "1998年9月30日至2016年11月25日 ",
        "2026-01-08T23:30:00Z": "2026年1月9日07:30:00 ",
        "9999-12-31T23:59:59Z": "9999-12-31T23:59:59Z ",
        "0001-01-01T00:00:00+14:00": "0001-01-01T00:00:00+14:00 ",
    }
    for date, words in dates.items():
        assert f"  {words}" in all_of(with_steps(replace(STEPS[1], occurred_at=date)))


def test_late_entry_says_when_it_was_recorded() -> None:
    assert "(总账所记:2026年1月12日17:25:00)【补录:旧档进系统】" in all_of(consistent())


def test_a_step_that_asks_for_a_duty_names_it() -> None:
    text = all_of(with_steps(replace(STEPS[1], duties=("department_reviewer", "new_duty"))))
    assert "(任职当时有效:业务部门审核员,未知代码 new_duty)" in text
    assert "任职当时有效" not in all_of(with_steps(STEPS[1]))


def test_every_limit_is_printed() -> None:
    assert "办理程序" in all_of(incomplete())
    text = all_of(consistent())
    for limit in ("首次登记之前", "系统之外", "密钥主人本人", "是否另有免职", "哪一版程序", "最末"):
        assert limit in text


def no_longer_kept(event: str, left: int, *given: FileResult, at: str = "") -> str:
    """The page's beginning, of a record of which some files were destroyed or erased, in Chinese."""
    end = step(event, "2026-05-28", "孙八", outcome="electronic_destroyed", files=1, statement="d" * 64)
    note = Reason("FILES_DESTROYED" if at else "FILES_ERASED", at, found="1")
    report = consistent()
    return page(
        replace(
            report,
            checks=with_check(report.checks, CheckResult(CheckName.FILE, Outcome.PASSED, 1, (note,))),
            records=(RecordReport(RECORD, (*STEPS, end), 2, left),),
            files=given,
        ),
        "zh",
    ).split("档案:")[0]


_OLD = same(0, place=None)


@pytest.mark.parametrize(
    ("text", "said", "unsaid"),
    [
        (
            no_longer_kept("destroy.witness", 0, at="d" * 64),
            ("1个已于2026年5月28日监销", "现在没有应保存的电子文件"),
            ("没有登记电子文件",),
        ),
        (
            no_longer_kept("destroy.witness", 0, _OLD, at="d" * 64),
            ("与登记过的文件相同", "1个已于2026年5月28日监销", "现在没有应保存的电子文件"),
            ("没有登记电子文件", "0个文件", "内容有重复", "不缺不多"),
        ),
        (
            no_longer_kept("file.erase", 0, _OLD),
            ("与登记过的文件相同", "1个属误传", "现在没有应保存的电子文件"),
            ("没有登记电子文件", "0个文件", "不缺不多"),
        ),
        (
            no_longer_kept("file.erase", 1, same(1)),
            ("您放入的1个文件,与2026年1月28日终审归档的第2版", "不缺不多", "1个属误传"),
            ("与登记过的文件相同", "现在没有应保存的电子文件"),
        ),
        (
            no_longer_kept("file.erase", 1, same(1), _OLD),
            ("与2026年1月28日终审归档的第2版", "不缺不多", "您放入的1个文件(", "登记过的文件相同"),
            ("现在没有应保存的电子文件",),
        ),
    ],
)
def test_a_file_that_is_kept_no_longer_is_none_that_never_was(
    text: str, said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    text = text.replace("\n  ", "")
    assert [one for one in said if one not in text] == []
    assert [one for one in unsaid if one in text] == []
