"""The text of XML and HTML: tags taken away, entities read. Nothing is parsed, so nothing can expand."""

from __future__ import annotations

import html
import re

from ledger.secrecy import Bears, borne

# Where one of these ends the next text stands on a line of its own.
_LINE = re.compile(
    r"</(?:\w+:)?(?:p|h[1-6]|div|td|th|tr|li|title|si|row|TextObject)\s*>|<(?:\w+:)?br\b", re.I
)
_TAG = re.compile(r"<[^<>]*>")
# No character has so long a number; reading it would be refused.
_OVERLONG = re.compile(r"&#[xX]?[0-9a-fA-F]{8,}")
_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""")
_KNOWN = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030"}


def looks_tagged(data: bytes) -> bool:
    head = data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    return head.startswith((b"<", b"\0<"))


def borne_by_tagged(data: bytes) -> Bears:
    text = _decode(data)
    if "密" not in text and "内" not in text and "&#" not in text:
        return Bears.NOTHING
    bare = _OVERLONG.sub("", _TAG.sub("", _LINE.sub("\n", text)))
    return borne(html.unescape(bare), head=True)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    found = _DECLARED.search(data[:2048])
    codec = _KNOWN.get(found[1].decode("ascii").lower(), "utf-8") if found else "utf-8"
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return data.decode("gb18030" if codec == "utf-8" else codec, "replace")
