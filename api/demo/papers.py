"""Every PDF of the sample: which text it is printed from, and how many pages it must come to."""

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Final

from api.demo import land_papers, welfare_papers, works_papers
from api.demo.blocks import Paper, parse
from api.demo.households import LI, ZHANG
from api.demo.press import print_pdf
from api.demo.relief import PAID

_DATA = Path(__file__).parent / "data"

# Pages of each PDF; together with pictures and sheets they come to the pages of the sample table.
PAGES: Final = MappingProxyType(
    {
        "01-01": 5, "02-01": 4, "03-01": 2,
        "05-01": 8, "05-02": 6, "05-03": 16, "05-04": 6, "05-05": 10,
        "06-01": 8, "06-02": 6, "06-03": 12, "06-04": 4, "06-05": 8,
        "07-01": 2, "09-01": 11, "09-02": 9, "10-02": 5, "11-01": 3, "12-01": 13, "13-01": 5,
        "15-01": 111, "16-01": 26, "17-01": 2, "17-02": 2, "18-01": 2, "18-02": 1, "19-01": 4, "20-01": 3,
        "22-01": 17, "23-01": 3,
    }
)  # fmt: skip

# The two pages of Zhang San's border signatures that the first scan left out.
LOST_PAGES: Final = (3, 4)

_GENERATED: Final[MappingProxyType[str, Callable[[], str]]] = MappingProxyType(
    {
        "05-01": lambda: land_papers.contract(ZHANG),
        "05-02": lambda: land_papers.head_survey(ZHANG, 9),
        "05-03": lambda: land_papers.field_survey(ZHANG, 15),
        "05-04": lambda: land_papers.border_signatures(ZHANG, 31),
        "05-05": lambda: land_papers.published_result(ZHANG, 37),
        "06-01": lambda: land_papers.contract(LI),
        "06-02": lambda: land_papers.head_survey(LI, 9),
        "06-03": lambda: land_papers.field_survey(LI, 15),
        "06-04": lambda: land_papers.border_signatures(LI, 27),
        "06-05": lambda: land_papers.published_result(LI, 31),
        "09-01": welfare_papers.application,
        "09-02": welfare_papers.visits,
        "10-02": lambda: welfare_papers.bank_slips(PAID),
        "15-01": works_papers.road_acceptance,
        "16-01": works_papers.canal_approval,
    }
)


def paper(key: str) -> Paper:
    """The paper of a record's file, `key` being record and file number like "05-04".

    Raises:
        OSError: there is neither a generator nor a text for it.
        MarkupError: its text cannot be read.
    """
    generate = _GENERATED.get(key)
    return parse(generate() if generate else (_DATA / f"paper-{key}.txt").read_text(encoding="utf-8"))


def draw_paper(key: str, title: str) -> bytes:
    """The PDF of a record's file."""
    return print_pdf(paper(key), title)


def draw_incomplete_border_sheet(title: str) -> bytes:
    """Zhang San's border signatures as first scanned, without the lost pages."""
    return print_pdf(paper("05-04"), title, omit=LOST_PAGES)
