"""The files of an act: hashed first, kept only once the act is admitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from api.errors import CommandError, Exit
from api.intake.formats import format_of
from api.intake.names import kept_name, name_faults
from api.secrecy.look import look
from ledger.secrecy import marked
from verifier.claims import FileClaim
from verifier.digests import Digests, both_of_chunks
from verifier.disclosure import FileDigests


@dataclass(frozen=True)
class ActFile:
    """A file that an act names. `path` is None for one that the record has already. `marked_internal`: it
    bears such a marking; `partly`: not all of it could be looked through for secrecy markings."""

    name: str
    digests: Digests
    size: int
    path: Path | None
    claim: FileClaim
    marked_internal: bool = False
    partly: bool = False


def read_file(given: str, role: str, carrier: str, copy: str) -> ActFile:
    """Raises CommandError FILE_UNREADABLE, FILE_EMPTY, FILE_NAME, FILE_SECRET."""
    path = Path(given)
    name = kept_name(path.name)
    if marked([name]):
        raise _secret("文件名", "its name")
    faults = [code for code in name_faults(path.name) if code != "NAME_NOT_NFC"]
    if faults:
        raise CommandError(
            "FILE_NAME",
            f"文件名“{name!r}”不能使用({'、'.join(faults)})。请改名。",
            f"The file name {name!r} cannot be used ({', '.join(faults)}). Rename it.",
            Exit.DATA,
        )
    try:
        if path.is_symlink():
            raise _unreadable(path, "symbolic link")
        looked = look(path)
        with path.open("rb") as stream:
            digests, size = both_of_chunks(iter(lambda: stream.read(1 << 18), b""))
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None
    if looked.secret:
        raise _secret("文件内容", "its content")
    if size == 0:
        raise CommandError(
            "FILE_EMPTY",
            f"{path} 是空文件。请换成完整的文件。",
            f"{path} is empty. Replace it by the complete file.",
            Exit.DATA,
        )
    claim = FileClaim(role, format_of(name), carrier, copy, digests, size)
    return ActFile(name, digests, size, path, claim, looked.internal, looked.partly)


def claims_of(
    files: Sequence[ActFile], *, hide_digests: bool
) -> tuple[tuple[FileClaim, ...], dict[str, str | FileDigests]]:
    """The clear claims, and the disclosures that belong to them."""
    claims: list[FileClaim] = []
    fields: dict[str, str | FileDigests] = {}
    for number, file in enumerate(files):
        hidden = hide_digests or file.claim.digests is None
        if file.name:
            fields[f"file.{number}.name"] = file.name
        if hidden:
            fields[f"file.{number}.digests"] = FileDigests(file.digests, file.size)
        one = file.claim
        claims.append(
            FileClaim(
                one.role,
                one.format,
                one.carrier,
                one.copy,
                None if hidden else file.digests,
                None if hidden else file.size,
            )
        )
    return tuple(claims), fields


def _secret(zh: str, en: str) -> CommandError:
    return CommandError(
        "FILE_SECRET",
        f"{zh}标有密级,不予接收,没有存放。请按保密规定处置,不要放在本机。",
        f"The file is refused and not kept: {en} bears a secrecy marking. Handle it by the secrecy rules.",
        Exit.DATA,
    )


def _unreadable(path: Path, why: str) -> CommandError:
    return CommandError(
        "FILE_UNREADABLE",
        f"文件 {path} 读不出:{why}。请检查路径、权限或介质。",
        f"The file {path} cannot be read: {why}. Check its path, permissions or the medium.",
        Exit.DATA,
    )
