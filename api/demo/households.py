"""The two households of the story, their people and their fields; areas in mu (亩), lengths in metres."""

from dataclasses import dataclass
from typing import Final

from api.demo import plots


@dataclass(frozen=True)
class Member:
    name: str
    relation: str
    sex: str
    birth: str


@dataclass(frozen=True)
class Field:
    """One contracted field; the four neighbours are named as papers name them."""

    name: str
    area: float
    contracted: float  # as paced out in 1998
    depth: float
    east: str
    south: str
    west: str
    north: str
    grade: str = "二等"

    @property
    def front(self) -> float:
        return round(self.area * plots.SQUARE_METRES_PER_MU / self.depth, 2)


@dataclass(frozen=True)
class Household:
    code: str
    members: tuple[Member, ...]
    fields: tuple[Field, ...]

    @property
    def head(self) -> str:
        return self.members[0].name

    @property
    def area(self) -> float:
        return round(sum(field.area for field in self.fields), 2)


ZHANG: Final = Household(
    "021",
    (
        Member("张三", "户主", "男", "1962年04月08日"),
        Member("孙六十三", "妻", "女", "1964年09月21日"),
        Member("张六十四", "子", "男", "1988年12月03日"),
        Member("张六十五", "女", "女", "1991年06月17日"),
    ),
    (
        Field("大湾田", 1.42, 1.30, 29.0, "严二十五", "魏二十八", "何十六", "灌溉渠", "一等"),
        Field("寨脚田", 1.08, 1.00, 24.0, "田埂", "金二十七", "华二十六", "水沟", "一等"),
        Field("水渠边", plots.mu(plots.ZHANG), 1.80, 31.0, "李四", "灌溉渠", "曹二十四", "田埂", "一等"),
        Field("老屋前", 0.63, 0.60, 18.5, "村道", "魏二十八", "张三宅基", "陶二十九"),
        Field("坡背", 1.25, 1.10, 22.0, "姜三十", "林地", "韩三十一", "小路", "三等"),
        Field("竹园边", 0.91, 0.85, 20.0, "竹林", "尤三十五", "小路", "施二十二", "三等"),
    ),
)

LI: Final = Household(
    "022",
    (
        Member("李四", "户主", "男", "1965年02月14日"),
        Member("何六十六", "妻", "女", "1966年11月02日"),
        Member("李六十七", "子", "男", "1990年08月25日"),
        Member("尤六十八", "母", "女", "1939年05月30日"),
    ),
    (
        Field("秧田", 1.25, 1.15, 26.0, "华二十六", "陶二十九", "曹二十四", "灌溉渠", "一等"),
        Field("石桥头", 0.88, 0.80, 19.0, "听泉河", "石桥", "金二十七", "小路"),
        Field("渠东", plots.mu(plots.LI), 1.50, 31.0, "华二十六", "灌溉渠", "张三", "田埂", "一等"),
        Field("后山脚", 1.13, 1.05, 21.0, "林地", "曹二十四", "魏二十八", "后山", "三等"),
    ),
)
