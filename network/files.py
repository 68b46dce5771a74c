"""Writing files so that a crash leaves the old one or the new one, and keys nobody else can read."""

import json
import os
from pathlib import Path


def write_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Atomic: temporary file beside it, fsync, rename. Makes the folder. `mode` holds from the first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.chmod(mode)
    part.replace(path)


def write_key(path: Path, content: bytes) -> None:
    write_file(path, content, 0o600)


def canonical_json(value: object) -> bytes:
    """RFC 8785 for what this package writes: strings, integers, lists, and ASCII member names."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return text.encode()
