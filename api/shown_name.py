"""What a file is called when it leaves the house: a repaired copy never without saying that it is one."""

from __future__ import annotations

from verifier.verify_files import KnownFile

ENHANCED = "增强件"
_SAID = (ENHANCED, "修复件")


def shown_name(known: KnownFile) -> str:
    name = known.name or (known.content.digests.sha256.hex() if known.content is not None else "")
    if known.copy != "enhanced" or any(word in name for word in _SAID):
        return name
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{ENHANCED}_{last}"
