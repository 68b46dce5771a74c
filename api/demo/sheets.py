"""The spreadsheets: registers, counts and tables of contents, the same bytes on every run."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from api.demo.blocks import Table
from api.demo.papers import LOST_PAGES, PAGES, paper
from api.demo.relief import VILLAGES

Value = str | int | float

_FOOT: Final = "演示样例：人名、地名、数据均为虚构"
_CREATED: Final = MappingProxyType({"05-06": datetime(2026, 1, 23)})
_ZIP_TIME: Final = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Page:
    """One worksheet: printed on one page."""

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""


def _ballots() -> list[Page]:
    rows = (
        (1, "孙十五", 28, 1, 0, "当选"),
        (2, "何十六", 26, 2, 1, "当选"),
        (3, "秦十九", 25, 3, 1, "当选"),
        (4, "许二十", 8, 19, 2, "未当选"),
    )
    note = (
        "应到31人，实到29人；发出选票29张，收回29张，有效29张。应选3名，差额1名。计票人：吕二十一、施二十二"
    )
    head = ("序号", "候选人", "赞成", "不赞成", "弃权", "结果")
    return [Page("选票统计", "望禾村党支部委员选举选票统计表", head, rows, note)]


def _attendance() -> list[Page]:
    rows: list[tuple[Value, ...]] = []
    for number, date, subject, invited, came in _printed("02-01", "期次"):
        share = f"{int(came) / int(invited):.1%}"
        rows.append((number, date, subject, int(invited), int(came), share))
    head = ("期次", "日期", "主题", "应到", "实到", "参训率")
    return [Page("签到统计", "青禾镇2024年度党员教育培训签到统计", head, tuple(rows))]


def _land_file_contents(border_pages: int, note: str) -> list[Page]:
    names = ("1998年承包合同", "承包方调查表", "地块调查表", "指界签字表", "公示结果归户表")
    dates = ("1998-09-30", "2016-07-12", "2016-08-26", "2016-07-20", "2016-11-25")
    rows: list[tuple[Value, ...]] = []
    first = 1
    for place, (name, date) in enumerate(zip(names, dates, strict=True), start=1):
        whole = PAGES[f"05-{place:02d}"]
        count = border_pages if place == 4 else whole
        span = f"{first:03d}-{first + whole - 1:03d}"
        rows.append(
            (place, f"QC03-ZY·TD-021-{place:04d}", "望禾村村民委员会；张三户", name, date, count, span)
        )
        first += whole
    rows.append(("", "", "", "合计", "", sum(int(row[5]) for row in rows), ""))
    head = ("顺序号", "档号", "责任者", "题名", "日期", "页数", "页号")
    return [Page("卷内目录", "张三户土地承包户档卷内目录", head, tuple(rows), note)]


def _first_contents() -> list[Page]:
    count = PAGES["05-04"] - len(LOST_PAGES)
    return _land_file_contents(count, "编制：冯十二　2026年1月12日")


def _contents() -> list[Page]:
    note = "编制：冯十二　2026年1月12日；2026年1月23日补扫指界签字表第3、4页（页号033、034），陈十三比对"
    return _land_file_contents(PAGES["05-04"], note)


def _relief() -> list[Page]:
    head = ("序号", "姓名", "身份证号", "救助事由", "金额（元）", "银行账号", "备注")
    pages, number = [], 0
    for village, people in VILLAGES:
        rows: list[tuple[Value, ...]] = []
        for name, reason, yuan in people:
            number += 1
            rows.append((number, name, "*" * 18, reason, yuan, f"**** **** {number:04d}", ""))
        rows.append(("", "小计", "", "", sum(person[2] for person in people), "", ""))
        title = f"青禾镇2025年第二季度临时救助资金发放花名册（{village}）"
        pages.append(Page(village, title, head, tuple(rows), "制表：章七十三　审核：钱七　2025年7月8日"))
    return pages


def _allowance() -> list[Page]:
    rows = tuple(
        (
            int(row[0]),
            row[1],
            row[2],
            int(row[3]),
            row[5],
            100 if row[5].startswith("90") else 50,
            "2022年10月",
        )
        for row in _printed("11-01", "序号")
    )
    head = ("序号", "姓名", "性别", "出生年份", "档次", "月标准（元）", "起发时间")
    return [Page("结果表", "听泉村高龄津贴申领结果表", head, rows, "制表：谢五十三　2022年10月20日")]


def _leased_land() -> list[Page]:
    rows: list[tuple[Value, ...]] = []
    for row in _printed("12-01", "序号", "地块名称"):
        if row[0].isdigit():
            area = float(row[3])
            depth = 30 if int(row[0]) % 2 else 28
            rows.append(
                (int(row[0]), row[1], row[2], round(area * 10000 / 15 / depth, 1), depth, area, row[4])
            )
    rows.append(("合计", "12户", "24块", "", "", round(sum(float(row[5]) for row in rows), 2), ""))
    head = ("序号", "承包方", "地块名称", "长（米）", "宽（米）", "面积（亩）", "坐落")
    note = "卷尺丈量，四边取平均，估算面积；按本表面积付租。丈量：何十六、云六十一　2023年2月17日"
    return [Page("地块面积表", "望禾村三组云豆示范基地地块面积表", head, tuple(rows), note)]


def _subsidies() -> list[Page]:
    rows: list[tuple[Value, ...]] = []
    columns = [0.0, 0.0, 0.0]
    for number, village, *parts in _printed("13-01", "序号", "种植类（万元）"):
        amounts = [float(part) for part in parts]
        columns = [total + amount for total, amount in zip(columns, amounts, strict=True)]
        rows.append((int(number), village, *amounts, round(sum(amounts), 2)))
    rows.append(("", "合计", *(round(total, 2) for total in columns), round(sum(columns), 2)))
    head = ("序号", "村名", "种植类（万元）", "养殖类（万元）", "集体设备（万元）", "合计（万元）")
    return [Page("分配表", "青禾镇2024年产业奖补资金分配表", head, tuple(rows))]


def _collective_income() -> list[Page]:
    income = (
        ("收入", "土地流转服务费", 6.40), ("收入", "云豆分选加工", 21.50), ("收入", "林下资源承包", 9.80),
        ("收入", "房屋出租", 5.10), ("收入小计", "", 42.80), ("支出", "加工费用", 11.20),
        ("支出", "维修管护", 4.30), ("支出", "办公及其他", 2.80), ("支出小计", "", 18.30),
        ("净收益", "", 24.50), ("提取", "公积金、公益金（30%）", 7.35), ("可分配收益", "", 17.15),
    )  # fmt: skip
    groups = (("一组", 312), ("二组", 288), ("三组", 301), ("四组", 276), ("五组", 268), ("六组", 270))
    shares: list[tuple[Value, ...]] = [(name, count, 100, count * 100) for name, count in groups]
    shares.append(("合计", sum(group[1] for group in groups), "", sum(group[1] for group in groups) * 100))
    return [
        Page("收支与分配", "望禾村集体经济2025年收支与分配", ("类别", "项目", "金额（万元）"), income),
        Page(
            "按股分红",
            "望禾村集体经济2025年按股分红表",
            ("村民小组", "股数", "每股（元）", "金额（元）"),
            tuple(shares),
        ),
    ]


def _road_contents() -> list[Page]:
    rows = (
        (1, "QH01-JJ-007-002-001", "竣工验收报告（正文）", "2022-11-30", "001-011"),
        (2, "QH01-JJ-007-002-002", "基层、面层检验记录（JC、MC各50份）", "2022-08至2022-10", "012-111"),
        (3, "QH01-JJ-007-002-003", "竣工图", "2022-11-20", "112"),
    )
    head = ("顺序号", "档号", "题名", "日期", "页号")
    return [Page("卷内目录", "通村公路硬化工程竣工验收卷卷内目录", head, rows, "本卷共112页。立卷：冯十二")]


WORKBOOKS: Final[MappingProxyType[str, Callable[[], list[Page]]]] = MappingProxyType(
    {
        "01-02": _ballots,
        "02-02": _attendance,
        "05-06": _contents,
        "10-01": _relief,
        "11-02": _allowance,
        "12-02": _leased_land,
        "13-02": _subsidies,
        "14-01": _collective_income,
        "15-03": _road_contents,
    }
)


def _printed(key: str, first: str, other: str = "", column: int = 2) -> list[list[str]]:
    """Rows printed in a paper's tables whose head starts with `first` and has `other` in `column`."""
    return [
        [cell.text for cell in row]
        for block in paper(key).blocks
        if isinstance(block, Table) and block.rows[0][0].text == first
        if not other or block.rows[0][column].text == other
        for row in block.rows[1:]
    ]


def draw_workbook(key: str, record_date: str) -> bytes:
    """The spreadsheet of a record's file, `key` being record and file number like "05-06".

    It bears the record's (last) date, except the contents list that was made when the file was scanned.
    """
    last = record_date.rpartition("/")[2]
    return _written(WORKBOOKS[key](), _CREATED.get(key) or datetime.fromisoformat(last))


def draw_first_contents() -> bytes:
    """Table of contents of Zhang San's land file as first handed over: two pages too few."""
    return _written(_first_contents(), datetime(2026, 1, 12))


def _written(pages: Sequence[Page], created: datetime) -> bytes:
    """An .xlsx with one worksheet a page; nothing in it depends on the time it is written."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = _FOOT
    book.properties.created = created
    for page in pages:
        _fill(book.create_sheet(page.name), page)
    raw = io.BytesIO()
    book.save(raw)
    return _timeless(raw.getvalue(), created)


def _fill(sheet: Worksheet, page: Page) -> None:
    columns = len(page.header)
    thin = Side(style="thin", color="808080")
    frame = Border(left=thin, right=thin, top=thin, bottom=thin)
    centre = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=columns)
    title = sheet.cell(1, 1, page.title)
    title.font, title.alignment = Font(name="黑体", size=16), centre
    sheet.row_dimensions[1].height = 34
    for row_number, row in enumerate((page.header, *page.rows), start=2):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(row_number, column, value)
            cell.border, cell.alignment = frame, centre
            cell.font = Font(name="宋体", size=11, bold=row_number == 2)
            if row_number == 2:
                cell.fill = PatternFill("solid", fgColor="E8E4D8")
    foot = len(page.rows) + 3
    for offset, text in enumerate(filter(None, (page.note, _FOOT))):
        sheet.merge_cells(start_row=foot + offset, start_column=1, end_row=foot + offset, end_column=columns)
        note = sheet.cell(foot + offset, 1, text)
        note.font = Font(name="楷体", size=10, color="606060")
        note.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.row_dimensions[foot + offset].height = 30 if len(text) > 40 else 18
    for column in range(1, columns + 1):
        texts = [str(row[column - 1]) for row in (page.header, *page.rows)]
        longest = max(sum(1 if char.isascii() else 2 for char in text) for text in texts)
        sheet.column_dimensions[get_column_letter(column)].width = min(44, max(8, longest + 3))
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if columns > 6 else "portrait"
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.freeze_panes = "A3"


def _timeless(workbook: bytes, created: datetime) -> bytes:
    """The same package with fixed entry times; the writer puts its own clock into zip and properties."""
    stamp = created.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()
