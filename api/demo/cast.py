"""The people of the story; all invented."""

from __future__ import annotations

from dataclasses import dataclass

TOWNSHIP, ARCHIVES, AUDIT, JUSTICE = "QingheTownship", "YunlingArchives", "YunlingAudit", "YunlingJustice"


@dataclass(frozen=True)
class Member:
    """Villages act through the township's organisation (村档乡管). `title`: what they call their post;
    `duties`: codes of what they are appointed to, in department or village `unit`, if it is for one only."""

    name: str
    title: str
    organisation: str
    duties: tuple[str, ...]
    unit: str | None = None

    def enrolling(self) -> tuple[str, ...]:
        """The command that enrols and appoints them."""
        who = ("enrol", "--name", self.name, "--title", self.title, "--organisation", self.organisation)
        duties = (word for duty in self.duties for word in ("--duty", duty))
        return (*who, *duties, *(("--unit", self.unit) if self.unit else ()))


# Of the sample's tree of units.
WANGHE, TINGQUAN, FARMING = "望禾村", "听泉村", "农业农村办公室"

CAST = (
    Member("王五", "望禾村兼职档案员", TOWNSHIP, ("village_archivist",), WANGHE),
    Member("何十五", "听泉村兼职档案员", TOWNSHIP, ("village_archivist",), TINGQUAN),
    Member("刘十四", "望禾村村务监督委员会主任", TOWNSHIP, ("village_supervisor",), WANGHE),
    Member("钱七", "镇农业农村办公室干部", TOWNSHIP, ("department_reviewer",), FARMING),
    Member("赵六", "镇综合档案室主任", TOWNSHIP, ("township_archivist", "head")),
    Member("孙八", "镇综合档案室窗口档案员", TOWNSHIP, ("counter_clerk", "township_archivist")),
    Member("冯十二", "镇综合档案室数字化员", TOWNSHIP, ("township_archivist",)),
    Member("陈十三", "镇综合档案室保管员", TOWNSHIP, ("township_archivist",)),
    Member("周九", "镇人民调解委员会调解员", TOWNSHIP, ("mediator",)),
    Member("吴十", "县审计局审计员", AUDIT, ("auditor",)),
)
