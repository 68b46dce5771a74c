"""Secrecy markings: what is seen, in which forms and files, what is not, and that looking stays bounded."""

from __future__ import annotations

import io
import random
import resource
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from api.secrecy.look import Looked, look
from ledger.secrecy import Bears, borne, declared, field_is_secret, marked

MARKINGS = (
    "绝密★",
    "机密★10年",
    "秘密★长期",
    "机 密 ★ 10 年",
    "机\u3000密\u3000☆",
    "绝密⭐启封前",
    "秘密＊5年",
    "秘密*5年",
    "機密★",
    "絕密★",
    "祕密★",
    "机\u200b密★",
    "工作秘密★3年",
    "密级：机密",
    "密 级: 工作秘密",
)
INNOCENT = (
    "全县保密工作总结",
    "商业秘密保护制度",
    "**商业秘密**",
    "对外承诺保守秘密。",
    "密级：公开",
    "密级:无",
    "机密性、完整性、可用性",
    "秘密投票选举结果",
    "商业秘密★三级",
)


@pytest.mark.parametrize("marking", MARKINGS)
def test_a_marking_in_a_text(marking: str) -> None:
    assert borne(f"青禾镇人民政府文件 {marking} 关于某事的方案") == Bears.SECRET


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_no_marking(text: str) -> None:
    assert borne(text, head=True) == Bears.NOTHING
    assert not marked([text])
    assert not field_is_secret("note", text)


def test_a_grade_that_stands_alone_counts_in_names_and_at_the_head() -> None:
    for name in ("【机密】方案", "(秘密)会议纪要.txt", "机密_方案", "绝密", "［秘 密］名册"):
        assert marked([name]), name
        assert field_is_secret("title", name)
        assert field_is_secret("file.0.name", name)
    assert borne("青禾镇文件\n 机 密 \n关于……", head=True) == Bears.SECRET
    assert borne("青禾镇文件\n 机 密 \n关于……") == Bears.NOTHING


@pytest.mark.parametrize("value", ["绝密", "机 密", "秘密★10年", "工作秘密", "Top Secret", "機密"])
def test_a_grade_declared(value: str) -> None:
    assert declared(value)
    assert field_is_secret("grade", value)


@pytest.mark.parametrize("value", ["", "公开", "内部", "非密", "无", "非秘密", "不涉及国家秘密"])
def test_no_grade_declared(value: str) -> None:
    assert not declared(value)


@pytest.mark.parametrize("text", ["内部资料 注意保存", "内部资料,注意保存", "内 部 资 料\n注意保存"])
def test_internal_is_only_warned_of(text: str) -> None:
    assert borne(text) == Bears.INTERNAL


TEXT = "青禾镇人民政府文件。" * 40


def _zipped(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return out.getvalue()


def _docx(text: str) -> bytes:
    """As word processors write it: every change of looks is a run of its own."""
    runs = "".join(f"<w:r><w:rPr><w:b/></w:rPr><w:t>{ch}</w:t></w:r>" for ch in text)
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document><w:body><w:p>{runs}</w:p></w:body></w:document>'
    )
    return _zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": body})


def _xlsx(text: str) -> bytes:
    strings = f"<sst><si><t>{TEXT}</t></si><si><t>{text}</t></si></sst>"
    return _zipped({"xl/workbook.xml": "<workbook/>", "xl/sharedStrings.xml": strings})


def _odt(text: str) -> bytes:
    content = f"<office:document><text:p>{text[:1]}<text:s/>{text[1:]}</text:p></office:document>"
    return _zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def _ofd(text: str) -> bytes:
    page = f"<ofd:Page><ofd:TextObject><ofd:TextCode>{text}</ofd:TextCode></ofd:TextObject></ofd:Page>"
    return _zipped({"OFD.xml": "<ofd:OFD/>", "Doc_0/Pages/Page_0/Content.xml": page})


def _pdf(streams: list[tuple[bytes, bytes]]) -> bytes:
    out = b"%PDF-1.7\n"
    for number, (head, body) in enumerate(streams, 1):
        out += b"%d 0 obj\n<< /Length %d %s >>\nstream\n%s\nendstream\nendobj\n" % (
            number,
            len(body),
            head,
            body,
        )
    return out + b"%%EOF\n"


def _plain_pdf(text: str) -> bytes:
    return _pdf([(b"", b"BT /F1 12 Tf (" + text.encode("gb18030") + b") Tj ET")])


def _deflated_pdf(text: str) -> bytes:
    shown = b"BT /F1 12 Tf <" + text.encode("utf-16-be").hex().encode() + b"> Tj ET"
    return _pdf([(b"/Filter /FlateDecode", zlib.compress(shown))])


def _two_fonts_pdf(text: str) -> bytes:
    """As office programs print it: codes of the font's own, which a table turns into characters."""

    def table(chars: str) -> bytes:
        rows = "".join(f"<{n:04X}> <{ch.encode('utf-16-be').hex()}>\n" for n, ch in enumerate(chars, 3))
        return zlib.compress(f"begincmap {len(chars)} beginbfchar\n{rows}endbfchar endcmap".encode())

    grade, star = text[:2], text[2:]
    codes = "".join(f"{n:04X}" for n in range(3, 3 + len(grade)))
    others = "".join(f"{n:04X}" for n in range(3, 3 + len(star)))
    shown = f"BT /F1 16 Tf [<{codes}>] TJ /F2 16 Tf [<{others}>] TJ ET".encode()
    deflated = b"/Filter /FlateDecode"
    return _pdf([(deflated, zlib.compress(shown)), (deflated, table(grade)), (deflated, table(star))])


FORMS: dict[str, Callable[[str], bytes]] = {
    "text in UTF-8": lambda text: (TEXT + text + TEXT).encode(),
    "text in UTF-8, far inside": lambda text: (TEXT * 4000 + text).encode(),
    "text in GB18030": lambda text: (TEXT + "a" + text + TEXT).encode("gb18030"),
    "text in UTF-16": lambda text: (TEXT + text).encode("utf-16"),
    "text in UTF-16, big-endian": lambda text: b"?" + (TEXT + text).encode("utf-16-be"),
    "CSV": lambda text: f"档号,题名,备注\nQC03,某户,{text}\n".encode("gb18030"),
    "XML with entities": lambda text: b"<r>" + "".join(f"&#{ord(ch)};" for ch in text).encode() + b"</r>",
    "HTML in GBK": lambda text: f"<html><meta charset=gbk><p>{text[:1]}<b>{text[1:]}</b></p></html>".encode(
        "gb18030"
    ),
    "docx": _docx,
    "xlsx": _xlsx,
    "odt": _odt,
    "ofd": _ofd,
    "a docx in a ZIP": lambda text: _zipped({"方案.docx": _docx(text)}),
    "PDF, plain": _plain_pdf,
    "PDF, deflated": _deflated_pdf,
    "PDF, two fonts with tables": _two_fonts_pdf,
    "octets of no known form": lambda text: bytes(range(256)) * 9 + text.encode() + bytes(range(256)),
}


def _look(tmp_path: Path, data: bytes) -> Looked:
    path = tmp_path / "件"
    path.write_bytes(data)
    return look(path)


@pytest.mark.parametrize("form", FORMS)
def test_a_marking_in_a_file_of_any_name(form: str, tmp_path: Path) -> None:
    assert _look(tmp_path, FORMS[form]("机密★10年")) == Looked(Bears.SECRET, partly=False)
    found = _look(tmp_path, FORMS[form]("保密工作总结"))
    assert found == Looked(Bears.NOTHING, partly=False)


def test_a_marking_across_two_readings_of_the_file(tmp_path: Path) -> None:
    """Wherever it falls among what is read at a time."""
    marking = "秘密★长期".encode()
    for shift in range(-len(marking), 2):
        data = b"x" * ((1 << 20) + shift) + marking
        assert _look(tmp_path, data).secret, shift


def test_octets_by_chance_are_no_marking(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311  the same octets every time
    assert _look(tmp_path, chance.randbytes(8 << 20)) == Looked(Bears.NOTHING, partly=False)


def _bomb() -> bytes:
    inner = _zipped({f"{n}.xml": b"\0" * (16 << 20) for n in range(4)})
    return _zipped({f"{n}.zip": inner for n in range(64)})


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a ZIP that unpacks to gigabytes": _bomb,
    "a ZIP of very many members": lambda: _zipped({f"{n}.xml": b"<a/>" for n in range(6000)}),
    "a PDF stream that inflates beyond what is read": lambda: _pdf(
        [(b"/Filter /FlateDecode", zlib.compress(b"(a) Tj " * (16 << 20)))]
    ),
    "a damaged ZIP": lambda: _docx("方案")[:-30],
    "a damaged PDF stream": lambda: _pdf([(b"/Filter /FlateDecode", b"not deflated")]),
    "an encrypted PDF": lambda: _plain_pdf("x") + b"/Encrypt 9 0 R",
}
HARMLESS: dict[str, Callable[[], bytes]] = {
    "nothing but the character": lambda: "密".encode() * (2 << 20),
    "nothing but brackets": lambda: b"<" * (4 << 20),
    "streams that never end": lambda: b"%PDF-1.7\n" + b"stream\n" * (1 << 20),
    "an entity with a million digits": lambda: b"<a>&#" + b"9" * (1 << 20) + b";&#1;</a>",
    "nothing": lambda: b"",
    "one octet": lambda: b"P",
}


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_hides_none_of_those_after_it(method: int, tmp_path: Path) -> None:
    members = {"a.bin": bytes(range(256)) * 40, "b.txt": "机密★10年".encode()}
    data = bytearray(_zipped(dict(members), method))
    begins = data.index(b"a.bin") + len("a.bin")
    # The compressed octets of the first.
    data[begins + 12 : begins + 40] = b"\xff" * 28
    assert _look(tmp_path, bytes(data)) == Looked(Bears.SECRET, partly=True)


@pytest.mark.parametrize("name", [*HOSTILE, *HARMLESS])
def test_looking_is_bounded_and_says_what_it_left(name: str, tmp_path: Path) -> None:
    data = {**HOSTILE, **HARMLESS}[name]()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    found = _look(tmp_path, data)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert found == Looked(Bears.NOTHING, partly=name in HOSTILE)
    assert grown < 160 * 1024
    assert time.monotonic() - began < 120
