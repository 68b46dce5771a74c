"""Draws the sample records: one folder each, with the real files that the sample table names.

Zhang San's land file has a second folder with the files as first handed over: the border signatures two
pages short and the table of contents that counts them so; its other files are the same bytes.
"""

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Final

from api.demo import maps, plans
from api.demo.manuscript import draw_manuscript
from api.demo.papers import PAGES, draw_incomplete_border_sheet, draw_paper
from api.demo.photos import PHOTOS
from api.demo.records import SampleRecord, SampleTableError, read_samples
from api.demo.sheets import WORKBOOKS, draw_first_contents, draw_workbook
from api.demo.survey import draw_survey

__all__ = ["SampleRecord", "SampleTableError", "draw_samples", "first_version_folder"]

Progress = Callable[[int, int, str], None]

RESUBMITTED: Final = 5  # number of the record that was returned and handed in again

_DATA = Path(__file__).parent / "data"

_PICTURES: Final[MappingProxyType[str, Callable[[], bytes]]] = MappingProxyType(
    {
        **PHOTOS,
        "04-01": maps.draw_scan,
        "04-02": maps.draw_enhancement,
        "15-02": plans.draw_road_as_built,
        "16-02": plans.draw_canal_design,
        "19-03": draw_survey,
        "20-02": plans.draw_new_border,
        "24-02": draw_manuscript,
    }
)


def draw_samples(target: Path, progress: Progress | None = None) -> list[SampleRecord]:
    """Write every sample record's folder `NN_TITLE` under `target`; a record without files gets an empty one.

    `progress` is called after each file with files done, files in all, and "FOLDER/FILE". The same bytes
    are written on every run.

    Raises:
        SampleTableError: the table is malformed or names a file that nothing here draws.
        OSError: a file cannot be written.
    """
    records = read_samples()
    total = sum(len(record.files) * (2 if record.number == RESUBMITTED else 1) for record in records)
    done = 0
    for record in records:
        contents: dict[str, bytes] = {}
        (target / record.folder).mkdir(parents=True, exist_ok=True)
        for name in record.files:
            contents[name] = _draw(record, name)
            (target / record.folder / name).write_bytes(contents[name])
            done = _report(progress, done, total, f"{record.folder}/{name}")
        if record.number == RESUBMITTED:
            first = target / first_version_folder(record)
            first.mkdir(exist_ok=True)
            for name, content in _first_version(record, contents).items():
                (first / name).write_bytes(content)
                done = _report(progress, done, total, f"{first.name}/{name}")
    return records


def first_version_folder(record: SampleRecord) -> str:
    """Name of the folder with the record as first handed over."""
    return f"{record.folder}_第1版"


def _report(progress: Progress | None, done: int, total: int, what: str) -> int:
    if progress is not None:
        progress(done + 1, total, what)
    return done + 1


def _draw(record: SampleRecord, name: str) -> bytes:
    key = f"{record.number:02d}-{name[:2]}"
    if key in PAGES:
        return draw_paper(key, _title(record, name))
    if key in WORKBOOKS:
        return draw_workbook(key, record.date)
    if key in _PICTURES:
        return _PICTURES[key]()
    text = _DATA / f"text-{key}.txt"
    if text.exists():
        return text.read_bytes()
    raise SampleTableError(
        f"样例清单第{record.number}号档案的文件“{name}”没有对应的绘制方法。"
        "请改正 records.tsv 或补上绘制方法。\n"
        f"Record {record.number}: nothing draws {name}. Correct records.tsv or add a drawing."
    )


def _title(record: SampleRecord, name: str) -> str:
    return f"{record.title} {Path(name).stem}"


def _first_version(record: SampleRecord, second: dict[str, bytes]) -> dict[str, bytes]:
    """The files as first handed over, from those of the second version."""
    first = dict(second)
    for name in second:
        if name.startswith("04_"):
            first[name] = draw_incomplete_border_sheet(_title(record, name))
        elif name.startswith("06_"):
            first[name] = draw_first_contents()
    return first
