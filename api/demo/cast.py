"""The people of the story; all invented."""

from __future__ import annotations

from dataclasses import dataclass

TOWNSHIP, ARCHIVES, AUDIT, JUSTICE = "QingheTownship", "YunlingArchives", "YunlingAudit", "YunlingJustice"


@dataclass(frozen=True)
class Member:
    """Villages act through the township's organisation (村档乡管)."""

    name: str
    duty: str
    organisation: str


CAST = (
    Member("王五", "望禾村兼职档案员", TOWNSHIP),
    Member("何十五", "听泉村兼职档案员", TOWNSHIP),
    Member("刘十四", "望禾村村务监督委员会主任", TOWNSHIP),
    Member("钱七", "镇农业农村办公室干部", TOWNSHIP),
    Member("赵六", "镇综合档案室主任", TOWNSHIP),
    Member("孙八", "镇综合档案室窗口档案员", TOWNSHIP),
    Member("冯十二", "镇综合档案室数字化员", TOWNSHIP),
    Member("陈十三", "镇综合档案室保管员", TOWNSHIP),
    Member("周九", "镇人民调解委员会调解员", TOWNSHIP),
    Member("吴十", "县审计局审计员", AUDIT),
)
