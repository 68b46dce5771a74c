"""Markings in octets of which the form is not known: UTF-8, GB18030 or UTF-16 text anywhere among them.

Every marking has the character 密, so only what stands around its octets is read as text: any size of file is
looked through from end to end, as it comes.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.secrecy import Bears, borne

# Codec, the octets of 密 and of 内 in it, and how its characters are aligned.
_CODECS = (
    ("utf-8", "密".encode(), "内".encode(), 1),
    ("gb18030", "密".encode("gb18030"), "内".encode("gb18030"), 1),
    ("utf-16-le", "密".encode("utf-16-le"), "内".encode("utf-16-le"), 2),
    ("utf-16-be", "密".encode("utf-16-be"), "内".encode("utf-16-be"), 2),
)
_BEFORE, _AFTER = 64, 192
# What is read as text at a time, once something is found: so that every character is read about once.
_WINDOW = 4096
OVERLAP = _BEFORE + _AFTER


class Looking:
    """`feed` it the octets in order; `finish`; then `found`."""

    def __init__(self) -> None:
        self.found = Bears.NOTHING
        self._tail = b""
        self._head = True

    def feed(self, chunk: bytes) -> None:
        data = self._tail + chunk
        if len(data) > OVERLAP * 4:
            self._look(data)
            self._tail, self._head = data[-OVERLAP:], False
        else:
            self._tail = data

    def finish(self) -> Bears:
        self._look(self._tail)
        return self.found

    def _look(self, data: bytes) -> None:
        if self._head:
            self.found |= _head(data[:8192])
        for codec, secret, internal, aligned in _CODECS:
            for sought in (secret, internal):
                for text in _around(data, sought, codec, aligned):
                    self.found |= borne(text)


def _head(data: bytes) -> Bears:
    """A document's beginning, if it is all text: a grade alone on a line is a marking there."""
    for codec in _guessed(data):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError as error:
            # The last character may be cut.
            if error.start < len(data) - 4 or not error.start:
                continue
            text = data[: error.start].decode(codec, "replace")
        if "\0" not in text:
            return borne(text, head=True)
    return Bears.NOTHING


def _guessed(data: bytes) -> tuple[str, ...]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    return ("utf-8-sig", "gb18030")


def _around(data: bytes, sought: bytes, codec: str, aligned: int) -> Iterator[str]:
    """The text around each place of `sought`."""
    at = data.find(sought)
    while at >= 0:
        first = max(0, at - _BEFORE)
        first += (at - first) % aligned
        window = data[first : at + _WINDOW]
        yield window.decode(codec, "ignore")
        if codec == "gb18030":
            # Its characters have no beginning that shows; what stood before may have shifted them.
            yield window[1:].decode(codec, "ignore")
        at = data.find(sought, at + _WINDOW - _AFTER)
