"""What intake found wrong, as values; each code has its words and its remedy."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from api.language import text
from api.output import printable

# Codes that leave the whole record out. Every other code is a note: the record is taken.
_WORDS: dict[str, tuple[bool, str, str]] = {
    "SECRET": (
        True,
        "标有密级(绝密、机密、秘密、工作秘密),不予接收,文件没有存放。请按保密规定处置,不要放在本机",
        "marked as secret: refused, none of its files is kept. Handle it by the secrecy rules",
    ),
    "SECRET_DECLARED": (
        True,
        "声明了密级(绝密、机密、秘密、工作秘密),不予接收,文件没有打开。请按保密规定处置,不要放在本机",
        "declared as secret: refused, none of its files is opened. Handle it by the secrecy rules",
    ),
    "FILE_ERASED": (
        True,
        "有文件曾按误传处置删除,不予接收,文件没有存放。请按保密规定处置,不要放在本机",
        "has a file that was erased as received by mistake: refused, none of its files is kept. Handle it by "
        "the secrecy rules",
    ),
    "MARKED_INTERNAL": (
        False,
        "见有“内部资料 注意保存”一类标志,照常接收。请核对公开属性",
        "is marked as internal, to be kept with care; it is taken. Check its access status",
    ),
    "NOT_LOOKED_THROUGH": (
        False,
        "加密、损坏或展开过大,没有全部查看有无密级标志。请人工查看",
        "is encrypted, damaged or unpacks to too much: not all of it was looked through for secrecy "
        "markings. Look yourself",
    ),
    "TITLE_MISSING": (True, "缺题名。请补上", "has no title. Fill it in"),
    "DATE_FORM": (
        True,
        "日期写法不对,应为 2021、2021-03、2021-03-18,或用“/”连接起止。请改正",
        "date must be 2021, 2021-03, 2021-03-18, or two of these joined by '/'. Correct it",
    ),
    "PAGES_FORM": (True, "页数须为整数。请改正", "pages must be a whole number. Correct it"),
    "CARRIER_FORM": (
        True,
        "载体须为 纸质、电子、双套 之一。请改正",
        "carrier must be one of paper, electronic, both. Correct it",
    ),
    "COPY_FORM": (
        True,
        "份别须为 原件、扫描件、增强件、复制件 之一。请改正",
        "copy must be one of original, scan, enhanced, copy. Correct it",
    ),
    "COPY_OF_PAPER": (
        True,
        "载体为纸质的,计算机文件不会是原件。请把份别改为扫描件、增强件或复制件,或把载体改为电子或双套",
        "of a record on paper no computer file is the original. Correct its copy, or its carrier",
    ),
    "VALUE_FORM": (
        True,
        "内容过长或含控制字符。请改正",
        "a value is too long or holds control characters. Correct it",
    ),
    "NUMBER_REPEATED": (
        True,
        "档号与前面的记录相同(重号),只收第一条。请改正档号",
        "its archival number stands twice; only the first is taken. Correct it",
    ),
    "NUMBER_TAKEN": (
        True,
        "该档号已在存证总账中(见详情),没有重复接收。补交新版请用 event version.add;确是另一份档案,请改正档号",
        "its archival number is in the ledger already (see the detail); not taken again. For a new version: "
        "event version.add. If it is another record, correct the number",
    ),
    "RECORD_CHANGED": (
        True,
        "此档号或文件夹此前已接收过(见详情),本次内容不同。补扫请用 event digitise,"
        "补交新版请用 event version.add;确是另一份档案,请改正档号",
        "its number or folder was taken before (see the detail), with other content. For scans made since "
        "use event digitise, for a new version event version.add; if it is another record, correct it",
    ),
    "FOLDER_MISSING": (
        True,
        "找不到表中写的文件夹。请核对",
        "the folder named in the table is not there. Check it",
    ),
    "FOLDER_AMBIGUOUS": (
        True,
        "有多个文件夹都像是它的。请在“文件夹”列写明",
        "several folders could be its own. Name one in the column 'folder'",
    ),
    "FOLDER_EMPTY": (
        True,
        "文件夹里没有文件,没有接收。请放入文件;只有纸质原件的,请列入清单(records.tsv),载体写“纸质”",
        "folder holds no file; not taken. Put its files there; a record on paper alone goes into a table "
        "(records.tsv) with the carrier 'paper'",
    ),
    "FOLDER_UNTITLED": (
        True,
        "文件夹名里没有题名。请写作 档号_题名 或 题名",
        "folder's name holds no title. Name it NUMBER_TITLE or TITLE",
    ),
    "NUMBER_CASE": (
        True,
        "文件夹名开头像是档号,但字母不是大写,不知是档号还是题名。请把档号的字母改为大写",
        "folder's name begins like an archival number in small letters. Write the number in capitals",
    ),
    "FILES_ABSENT": (
        True,
        "没有文件,表中又没有写明只有纸质原件(载体“纸质”)。请补文件,或改正载体",
        "has no file, and its row does not say that it is on paper alone (carrier 'paper'). Add the files, "
        "or correct the carrier",
    ),
    "FOLDER_UNREADABLE": (
        True,
        "文件夹读不出。请检查权限或介质",
        "folder cannot be read. Check permissions or the medium",
    ),
    "FILE_MISSING": (True, "表中列出的文件不存在。请补齐", "a file listed in the table is not there. Add it"),
    "FILE_OUTSIDE": (
        True,
        "文件路径越出本次接收的目录。请改为目录内的相对路径",
        "its path leaves the intake folder. Use a path inside it",
    ),
    "FILE_UNREADABLE": (
        True,
        "读不出。请检查权限或介质后重试",
        "cannot be read. Check permissions or the medium, then run again",
    ),
    "FILE_EMPTY": (True, "是空文件。请换成完整的文件", "is empty. Replace it by the complete file"),
    "FILE_SYMLINK": (
        True,
        "是符号链接,不知原件何在。请换成文件本身",
        "is a symbolic link. Put the file itself there",
    ),
    "FILE_SPECIAL": (True, "不是普通文件。请移走", "is not a regular file. Take it away"),
    "FILE_CHANGED": (
        True,
        "读取期间被改动。请停止改动后重试",
        "changed while it was read. Stop that, then run again",
    ),
    "FILE_LISTED_TWICE": (
        True,
        "同一条记录把该文件列了两次。请删去一个",
        "is listed twice in one record. Remove one",
    ),
    "FILES_TOO_MANY": (
        True,
        "文件过多,一条记录装不下(约 180 个)。请分件或合并成册",
        "too many files for one record (about 180). Split it, or merge pages into one file",
    ),
    "NAME_NOT_UTF8": (
        True,
        "文件名不是 UTF-8 编码。请改名",
        "its name is not UTF-8. Rename it",
    ),
    "NAME_CONTROL": (
        True,
        "文件名含控制字符或不可见字符。请改名",
        "its name holds control or invisible characters. Rename it",
    ),
    "NAME_DIRECTION": (
        True,
        "文件名含改变显示方向的字符。请改名",
        "its name holds characters that turn the reading direction. Rename it",
    ),
    "NAME_ENDS": (
        True,
        "文件名首尾有空格或以“.”结尾。请改名",
        "its name begins or ends with a space, or ends with a dot. Rename it",
    ),
    "NAME_RESERVED": (
        True,
        '文件名在 Windows 上不能使用(保留名,或含 < > : " | ? * \\)。请改名',
        'its name cannot be used on Windows (reserved, or one of < > : " | ? * \\). Rename it',
    ),
    "NAME_LONG": (
        True,
        "文件名(含路径)超过 240 个字符。请缩短",
        "its path has over 240 characters. Shorten it",
    ),
    "NAME_NOT_NFC": (
        False,
        "文件名不是 NFC 形式,按 NFC 登记",
        "its name is not in Unicode NFC; recorded in NFC",
    ),
    "FILE_DUPLICATE": (False, "内容与另一文件完全相同", "has the same content as another file"),
    "FILE_UNLISTED": (False, "表中未列出,没有接收", "is not listed in the table; not taken"),
    "FILE_JUNK": (False, "系统或办公软件的临时文件,没有接收", "is a system's leftover; not taken"),
    "FILE_STRAY": (False, "不属于任何记录,没有接收", "belongs to no record; not taken"),
    "NUMBER_ABSENT": (
        False,
        "没有档号,登记为“收集”;编号后请用 event number 补记",
        "has no archival number; recorded as collected. Once numbered, use: event number",
    ),
    "RECORD_WITHOUT_FILES": (
        False,
        "没有文件(只登记纸质原件)",
        "has no file (the paper original alone is recorded)",
    ),
    "COLUMN_UNKNOWN": (False, "不认识的列,没有采用", "unknown column; not used"),
    "ENCODING_GUESSED": (
        False,
        "表不是 UTF-8,按 GB18030 读取。请抽查汉字是否正确",
        "the table is not UTF-8; read as GB18030. Look whether its characters are right",
    ),
}

CODES = tuple(_WORDS)


@dataclass(frozen=True)
class Fault:
    """`place`: the row or folder; `file`: relative name, or empty; `detail`: the value or the other file."""

    code: str
    place: str
    file: str = ""
    detail: str = ""

    @property
    def leaves_out(self) -> bool:
        """Whether the whole record is left out because of it."""
        return _WORDS[self.code][0]

    @property
    def words(self) -> tuple[str, str]:
        return _WORDS[self.code][1:]


HEADS = (
    ("处理", "what happened"),
    ("代码", "code"),
    ("位置", "place"),
    ("文件", "file"),
    ("说明", "what is wrong, and the remedy"),
    ("详情", "detail"),
)


def cells(fault: Fault) -> tuple[str, ...]:
    """One row of the report, in the current language."""
    happened = text("未接收", "left out") if fault.leaves_out else text("提示", "note")
    return (happened, fault.code, fault.place, fault.file, text(*fault.words), fault.detail)


def as_json(faults: Sequence[Fault]) -> list[dict[str, object]]:
    """Members: code, place, file, detail, left_out, zh, en."""
    out: list[dict[str, object]] = []
    for fault in faults:
        facts = {name: printable(value) for name, value in asdict(fault).items()}
        out.append({**facts, "left_out": fault.leaves_out, "zh": fault.words[0], "en": fault.words[1]})
    return out


def report_bytes(faults: Sequence[Fault], suffix: str) -> bytes:
    """The report as a file: `.json`, else CSV in UTF-8 with the mark that spreadsheets need."""
    if suffix.lower() == ".json":
        return (json.dumps(as_json(faults), ensure_ascii=False, indent=2) + "\n").encode()
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([text(zh, en) for zh, en in HEADS])
    for fault in faults:
        writer.writerow([_inert(printable(cell)) for cell in cells(fault)])
    return out.getvalue().encode("utf-8-sig")


def _inert(cell: str) -> str:
    """A cell that a spreadsheet will not run as a formula: names come from whoever made the files."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
