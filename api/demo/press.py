"""Lays a `Paper` out on PDF pages: lines, tables, forms, signatures, and what a scanner adds."""

import io
from dataclasses import dataclass, field
from random import Random

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from api.demo import blocks as b
from api.demo.fonts import Face, pdf_font, require, width
from api.demo.looks import LOOKS, Look
from api.demo.luck import seeded
from api.demo.pens import handwrite, seal, thumbprint, write, write_centred
from api.demo.sketches import SKETCHES

_NO_START = "、。，：；？！）》」』”’％〕】,.:;)%"
_NO_END = "（《「『“‘〔【("
_FOOT = "演示样例：人名、地名、数据均为虚构  Sample: every person, place and figure is invented"


# Compressed streams as they are: text encoding them costs time and a quarter more bytes.
rl_config.useA85 = 0


def print_pdf(paper: b.Paper, title: str, omit: tuple[int, ...] = ()) -> bytes:
    """Print a paper; `omit` names pages (from 1) that the scan lost. The same paper gives the same bytes."""
    buffer = io.BytesIO()
    look = LOOKS[paper.look]
    # The initial font is named so that no page refers to Helvetica, which would not be embedded.
    canvas = Canvas(
        buffer,
        pagesize=(look.width, look.height),
        invariant=1,
        pageCompression=1,
        initialFontName=pdf_font("song"),  # type: ignore[arg-type]  # the stubs say float
    )
    canvas.setTitle(title)
    canvas.setAuthor("档案存证链演示样例 Archive Ledger sample")
    luck = seeded(title)
    sheet = _Sheet(canvas, look, paper.first_number, luck, frozenset(omit), canvas)
    sheet.open()
    for block in paper.blocks:
        sheet.put(block)
    sheet.close()
    canvas.save()
    return buffer.getvalue()


def wrap(text: str, face: Face, size: float, room: float, first_indent: float = 0) -> list[str]:
    """Break text into lines no wider than `room` points, by the rules of Chinese line breaking.

    Closing marks hang over the edge rather than start a line; ASCII words are not torn apart.
    """
    lines, line, used = [], "", first_indent
    for token in _tokens(text):
        advance = width(token, face, size)
        if line and used + advance > room and token[0] not in _NO_START:
            carried = line[-1] if line[-1] in _NO_END else ""
            lines.append(line.removesuffix(carried).rstrip(" "))
            line, used = carried, width(carried, face, size) if carried else 0.0
        line += token
        used += advance
    return [*lines, line]


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    for char in text:
        joined = (
            tokens and char.isascii() and char != " " and tokens[-1][-1].isascii() and tokens[-1][-1] != " "
        )
        if joined:
            tokens[-1] += char
        else:
            tokens.append(char)
    return tokens


@dataclass
class _Sheet:
    """The page being printed: `y` is the lower edge of what is already on it.

    A page that the scan lost is drawn like the others, on a canvas that nobody keeps: the pages after it
    then look exactly as they do in the whole paper.
    """

    kept: Canvas
    look: Look
    first_number: int | None
    luck: Random
    omit: frozenset[int]
    canvas: Canvas
    page: int = 0
    y: float = 0.0
    _form_before: bool = field(default=False)

    @property
    def room(self) -> float:
        return self.look.width - 2 * self.look.margin

    # -- pages ------------------------------------------------------------------------------------

    def open(self) -> None:
        self.page += 1
        lost = self.page in self.omit
        self.canvas = Canvas(io.BytesIO(), invariant=1) if lost else self.kept
        look, canvas = self.look, self.canvas
        self.y = look.height - look.margin
        if look.paper:
            self._scanner_view()
        canvas.setFillColorRGB(*look.ink)
        canvas.setStrokeColorRGB(*look.ink)
        if look.centred_numbers:
            write_centred(canvas, look.width / 2, 40, f"— {self.page} —", 11)
        if self.first_number is not None:
            stamp = f"{self.first_number + self.page - 1:03d}"
            write(canvas, look.width - 62 + self.luck.uniform(-3, 3), look.height - 38, stamp, 13, "hei")
        canvas.setFillGray(0.62)
        write_centred(canvas, look.width / 2, 16, _FOOT, 6, "song")
        canvas.setFillColorRGB(*look.ink)

    def _scanner_view(self) -> None:
        """Paper colour, darkened edges, binding holes; the page lies a little askew on the glass."""
        look, canvas, luck = self.look, self.canvas, self.luck
        assert look.paper is not None  # noqa: S101 - narrows the type; open() has checked
        red, green, blue = look.paper
        canvas.saveState()
        canvas.setFillColorRGB(red, green, blue)
        canvas.rect(0, 0, look.width, look.height, stroke=0, fill=1)
        age = 1.0 - blue
        for edge in range(8):
            canvas.setFillColorRGB(0.45, 0.33, 0.15, alpha=0.012 + age * 0.03)
            depth = (8 - edge) ** 2 * (0.12 + age * 0.9)
            canvas.rect(0, 0, look.width, depth, stroke=0, fill=1)
            canvas.rect(0, look.height - depth, look.width, depth, stroke=0, fill=1)
            canvas.rect(look.width - depth, 0, depth, look.height, stroke=0, fill=1)
        if look.bound:
            for place in (0.3, 0.5, 0.7):
                canvas.setFillColorRGB(0.25, 0.22, 0.2, alpha=0.85)
                canvas.circle(26 + luck.uniform(-1, 1), look.height * place, 3.1, stroke=0, fill=1)
        if age > 0.15:
            for _ in range(14):
                canvas.setFillColorRGB(0.5, 0.34, 0.14, alpha=luck.uniform(0.05, 0.16))
                spot = (luck.uniform(0, look.width), luck.uniform(0, look.height))
                canvas.circle(*spot, luck.uniform(0.6, 3.4), stroke=0, fill=1)
        canvas.restoreState()
        canvas.translate(look.width / 2, look.height / 2)
        canvas.rotate(luck.uniform(-look.tilt, look.tilt))
        canvas.translate(-look.width / 2, -look.height / 2)

    def close(self) -> None:
        self.canvas.showPage()

    def need(self, height: float) -> None:
        """Turn the page unless `height` points are left on it."""
        if self.y - height < self.look.margin * 0.85:
            self.close()
            self.open()
            self._form_before = False

    # -- blocks -----------------------------------------------------------------------------------

    def put(self, block: b.Block) -> None:
        form_before, self._form_before = self._form_before, isinstance(block, b.FormRow)
        match block:
            case b.Break():
                self.close()
                self.open()
            case b.Gap(points):
                self.y -= points
            case b.Head():
                self._head(block)
            case b.Title(text):
                self._centred_lines(text, "hei" if self.look.bound else "song", self.look.title)
                self.y -= self.look.leading * 0.4
            case b.Section(text):
                self._lines(text, "hei", self.look.size, indent=not self.look.bound)
            case b.Para():
                self._para(block)
            case b.Table():
                self._table(block)
            case b.FormRow():
                self._form_row(block, follows=form_before)
            case b.Sign():
                self._sign(block)
            case b.Hands():
                self._hands(block)
            case b.Sketch(name, argument):
                height = SKETCHES[name].height
                self.need(height + 10)
                self.y -= height + 6
                box = (self.look.margin, self.y, self.room, height)
                self.canvas.saveState()
                SKETCHES[name].draw(self.canvas, box, argument, self.luck)
                self.canvas.restoreState()

    def _head(self, head: b.Head) -> None:
        """Red letterhead; the line under it is where the paper itself begins."""
        canvas, look = self.canvas, self.look
        centre = look.width / 2
        canvas.setFillColorRGB(0.86, 0.07, 0.07)
        canvas.setStrokeColorRGB(0.86, 0.07, 0.07)
        size = min(44.0, self.room / max(len(head.organ), 9) * 0.98)
        self.y -= 62
        write_centred(canvas, centre, self.y, head.organ, size, "song")
        canvas.setFillColorRGB(*look.ink)
        self.y -= 46
        write_centred(canvas, centre, self.y, head.number, 14, "song")
        self.y -= 12
        canvas.setLineWidth(1.8)
        canvas.line(look.margin, self.y, look.width - look.margin, self.y)
        if head.kind == "party":
            canvas.setFillColorRGB(0.86, 0.07, 0.07)
            write_centred(canvas, centre, self.y - 6, "★", 20, "song")
            canvas.setFillColorRGB(*look.ink)
        canvas.setStrokeColorRGB(*look.ink)
        self.y -= 34

    def _centred_lines(self, text: str, face: Face, size: float) -> None:
        for line in wrap(text, face, size, self.room):
            self.need(size * 1.6)
            self.y -= size * 1.55
            write_centred(self.canvas, self.look.width / 2, self.y, line, size, face)

    def _lines(self, text: str, face: Face, size: float, indent: bool) -> None:
        """Justified print: all lines but the last are spread to the full width."""
        lead = 2 * size if indent else 0.0
        lines = wrap(text, face, size, self.room, lead)
        for place, line in enumerate(lines):
            self.need(self.look.leading)
            self.y -= self.look.leading
            start = lead if place == 0 else 0.0
            spare = self.room - start - width(line, face, size)
            spread = spare / (len(line) - 1) if place < len(lines) - 1 and len(line) > 1 else 0.0
            words = self.canvas.beginText(self.look.margin + start, self.y)
            words.setFont(pdf_font(face), size)
            words.setCharSpace(max(-0.6, min(spread, size * 0.3)))
            words.textOut(require(line, face))
            words.setCharSpace(0)
            self.canvas.drawText(words)

    def _para(self, para: b.Para) -> None:
        look = self.look
        if para.hand:
            self._handwritten(para.text)
        elif para.align == "centre":
            self._centred_lines(para.text, "song", look.size)
        elif para.align == "right":
            self.need(look.leading)
            self.y -= look.leading
            write(
                self.canvas,
                look.width - look.margin - width(para.text, "song", look.size) - 18,
                self.y,
                para.text,
                look.size,
            )
        else:
            self._lines(para.text, "song", look.size, indent=para.indent)

    def _handwritten(self, text: str) -> None:
        look, size = self.look, self.look.size * 1.1
        lead = 0.0 if text.startswith("^") else 2 * size
        for place, line in enumerate(wrap(text.removeprefix("^"), "kai", size, self.room - size, lead)):
            self.need(look.leading)
            self.y -= look.leading
            self.canvas.setStrokeColorRGB(0.88, 0.72, 0.68)
            self.canvas.setLineWidth(0.5)
            self.canvas.line(look.margin, self.y - 5, look.width - look.margin, self.y - 5)
            self.canvas.setStrokeColorRGB(*look.ink)
            self.canvas.setFillColorRGB(*look.hand)
            handwrite(self.canvas, look.margin + (lead if place == 0 else 0), self.y, line, size, self.luck)
            self.canvas.setFillColorRGB(*look.ink)

    # -- tables and forms -------------------------------------------------------------------------

    def _table(self, table: b.Table) -> None:
        shares = table.widths or (1.0,) * len(table.rows[0])
        columns = [self.room * share / sum(shares) for share in shares]
        head = tuple(b.Cell(cell.text, label=True) for cell in table.rows[0])
        self.y -= 10
        self.need(self._row_height(head, columns) * 2)
        self._row(head, columns, 0)
        for row in table.rows[1:]:
            if self.y - self._row_height(row, columns) < self.look.margin * 0.85:
                self.need(self.look.height)
                self._row(head, columns, 0)
            self._row(row, columns, 0)
        self.y -= 6

    def _form_row(self, row: b.FormRow, follows: bool) -> None:
        if not follows:
            self.y -= 10
        pairs = len(row.cells) // 2
        label = min(84.0, self.room / pairs * 0.42)
        value = (self.room - pairs * label) / pairs
        columns = [label, value] * pairs
        self.need(max(row.height, self._row_height(row.cells, columns)))
        self._row(row.cells, columns, row.height)

    def _cell_lines(self, cell: b.Cell, column: float) -> tuple[list[str], Face, float]:
        face: Face = "kai" if cell.hand else "hei" if cell.label else "song"
        size = min(self.look.size, 11.5) * (1.1 if cell.hand else 0.92)
        return wrap(cell.text, face, size, column - 8), face, size

    def _row_height(self, cells: tuple[b.Cell, ...], columns: list[float]) -> float:
        lines = max(len(self._cell_lines(cell, w)[0]) for cell, w in zip(cells, columns, strict=True))
        return 12 + lines * 15.0

    def _row(self, cells: tuple[b.Cell, ...], columns: list[float], least: float) -> None:
        canvas, look = self.canvas, self.look
        height = max(least, self._row_height(cells, columns))
        self.y -= height
        x = look.margin
        canvas.setLineWidth(0.6)
        for cell, column in zip(cells, columns, strict=True):
            canvas.rect(x, self.y, column, height, stroke=1, fill=0)
            lines, face, size = self._cell_lines(cell, column)
            top = self.y + height / 2 + len(lines) * 7.5 - 11.5
            roomy = len(lines) > 1 and not cell.label
            for place, line in enumerate(lines):
                middle = x + (column - width(line, face, size)) / 2
                at = x + 5 if roomy else middle
                if cell.hand:
                    canvas.setFillColorRGB(*look.hand)
                    handwrite(canvas, at, top - place * 15, line, size, self.luck)
                    canvas.setFillColorRGB(*look.ink)
                else:
                    write(canvas, at, top - place * 15, line, size, face)
            x += column

    # -- signatures -------------------------------------------------------------------------------

    def _sign(self, sign: b.Sign) -> None:
        look, canvas = self.look, self.canvas
        self.need(120)
        self.y -= 52
        size = look.size
        centre = look.width - look.margin - max(96, width(sign.organ, "song", size) / 2 + 8)
        write_centred(canvas, centre, self.y, sign.organ, size)
        write_centred(canvas, centre, self.y - look.leading, sign.date, size)
        if sign.sealed:
            seal(canvas, centre + self.luck.uniform(-8, 8), self.y - 8, sign.organ, self.luck)
        canvas.setFillColorRGB(*look.ink)
        canvas.setStrokeColorRGB(*look.ink)
        self.y -= look.leading + 44

    def _hands(self, hands: b.Hands) -> None:
        look, canvas = self.look, self.canvas
        self.need(46)
        self.y -= 34
        share = self.room / max(2, len(hands.names))
        for place, (label, name) in enumerate(hands.names):
            x = look.margin + place * share
            size = look.size * 0.95
            write(canvas, x, self.y, label + "：", size)
            x += width(label + "：", "song", size) + 2
            canvas.setFillColorRGB(*look.hand)
            handwrite(canvas, x, self.y, name, size * 1.3, self.luck)
            thumbprint(canvas, x + width(name, "kai", size * 1.3) + 6, self.y + 4, self.luck)
            canvas.setFillColorRGB(*look.ink)
            canvas.setStrokeColorRGB(*look.ink)
        self.y -= 12
