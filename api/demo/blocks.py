"""What a page of paper is made of, and the plain-text markup that the sample papers are written in.

Line by line:

    %look NAME              kind of paper (see `looks.py`); %pagenumber N counts pages on from N
    %head KIND | ORGAN | NUMBER     letterhead, KIND is gov or plain
    # title    ## section heading    > centred    >> right-aligned    ^ not indented    ~ handwritten
    %widths 1 2 1           relative column widths of the next table
    | a | ~b |              table row, the first is the head; a cell that starts with ~ is handwritten
    [ label : ~value ; label : value !90     form row, at least 90 points high
    %sign ORGAN | DATE      signature with seal (%plain: without)
    %hands LABEL : NAME ; LABEL : NAME       signatures, each with a thumbprint
    %sketch NAME ARGUMENT   a drawing of `sketches.py`
    %gap N                  N points of nothing
    ===                     next page

Anything else is a paragraph.
"""

from dataclasses import dataclass


class MarkupError(ValueError):
    """A sample paper's markup cannot be read; the message quotes the line."""


@dataclass(frozen=True)
class Head:
    kind: str
    organ: str
    number: str


@dataclass(frozen=True)
class Title:
    text: str


@dataclass(frozen=True)
class Section:
    text: str


@dataclass(frozen=True)
class Para:
    text: str
    align: str = "left"
    indent: bool = True
    hand: bool = False


@dataclass(frozen=True)
class Cell:
    text: str
    hand: bool = False
    label: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of equal length; `widths` are relative, empty for equal columns."""

    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class FormRow:
    """Alternating label and value cells; at least `height` points high."""

    cells: tuple[Cell, ...]
    height: float


@dataclass(frozen=True)
class Sign:
    organ: str
    date: str
    sealed: bool


@dataclass(frozen=True)
class Hands:
    """Pairs of label and name."""

    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sketch:
    name: str
    argument: str


@dataclass(frozen=True)
class Gap:
    points: float


@dataclass(frozen=True)
class Break:
    pass


Block = Head | Title | Section | Para | Table | FormRow | Sign | Hands | Sketch | Gap | Break


@dataclass(frozen=True)
class Paper:
    """A whole document; `first_number` is the page number stamped on its first page, if pages are stamped."""

    look: str
    first_number: int | None
    blocks: tuple[Block, ...]


def parse(markup: str) -> Paper:
    """Read markup.

    Raises:
        MarkupError: an unknown directive, or a value that is not what the directive needs.
    """
    look, first_number = "", None
    blocks: list[Block] = []
    table: list[tuple[Cell, ...]] = []
    widths: tuple[float, ...] = ()
    for line in [*markup.splitlines(), ""]:
        text = line.strip()
        if text.startswith("|"):
            table.append(tuple(_cell(part) for part in text.strip("|").split("|")))
            continue
        if table:
            blocks.append(_table(table, widths))
            table, widths = [], ()
        name, _, rest = text.partition(" ")
        try:
            if name == "%look":
                look = rest
            elif name == "%pagenumber":
                first_number = int(rest)
            elif name == "%widths":
                widths = tuple(float(part) for part in rest.split())
            elif text:
                blocks.append(_block(text, name, rest.strip()))
        except ValueError as error:
            raise MarkupError(f"样例文稿此行无法读取 / cannot read this line: {line!r} ({error})") from error
    return Paper(look, first_number, tuple(blocks))


def _block(text: str, name: str, rest: str) -> Block:
    if name.startswith("%"):
        return _directive(name, rest)
    if text == "===":
        return Break()
    if text.startswith("["):
        return _form_row(text[1:])
    marks: dict[str, Block] = {
        "#": Title(rest),
        "##": Section(rest),
        ">": Para(rest, align="centre", indent=False),
        ">>": Para(rest, align="right", indent=False),
        "^": Para(rest, indent=False),
        "~": Para(rest, hand=True),
    }
    return marks.get(name, Para(text))


def _directive(name: str, rest: str) -> Block:
    parts = [part.strip() for part in rest.split("|")]
    if name == "%head" and len(parts) == 3:
        return Head(*parts)
    if name in ("%sign", "%plain") and len(parts) == 2:
        return Sign(parts[0], parts[1], sealed=name == "%sign")
    if name == "%hands":
        pairs = [item.partition(":") for item in rest.split(";")]
        return Hands(tuple((label.strip(), who.strip()) for label, _, who in pairs))
    if name == "%sketch":
        sketch, _, argument = rest.partition(" ")
        return Sketch(sketch, argument)
    if name == "%gap":
        return Gap(float(rest))
    raise ValueError("unknown directive")


def _cell(text: str) -> Cell:
    text = text.strip()
    return Cell(text.removeprefix("~"), hand=text.startswith("~"))


def _table(rows: list[tuple[Cell, ...]], widths: tuple[float, ...]) -> Table:
    columns = len(rows[0])
    if any(len(row) != columns for row in rows) or (widths and len(widths) != columns):
        raise MarkupError(f"样例文稿表格列数不一 / rows of unequal length: {rows[0]}")
    return Table(tuple(rows), widths)


def _form_row(text: str) -> FormRow:
    body, _, height = text.partition("!")
    cells: list[Cell] = []
    for pair in body.split(";"):
        label, colon, value = pair.partition(":")
        if not colon:
            raise ValueError("a form cell needs 'label : value'")
        cells += [Cell(label.strip(), label=True), _cell(value)]
    return FormRow(tuple(cells), float(height) if height else 0.0)
