"""The media type of a file, by its extension: what the statement calls its format."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath

# The built-in table alone: what a machine's own configuration adds would differ between offices.
_TYPES = mimetypes.MimeTypes(filenames=())
_OFFICE = {
    ".ofd": "application/ofd",
    ".wps": "application/vnd.ms-works",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".jp2": "image/jp2",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".md": "text/markdown",
}
UNKNOWN = "application/octet-stream"


def format_of(name: str) -> str:
    """Never raises; what no table knows is `application/octet-stream`."""
    suffix = PurePosixPath(name).suffix.lower()
    return _OFFICE.get(suffix) or (_TYPES.guess_type(f"file{suffix}", strict=True)[0] or UNKNOWN).lower()
