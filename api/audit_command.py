"""`audit`: who used what, when, for what and by whose leave; each look is itself signed and kept first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from api.audit_options import (
    Basis,
    ByOccurred,
    DocumentNumber,
    From,
    Kind,
    Name,
    Organisation,
    Outcome,
    PersonNamed,
    Purpose,
    PurposeContains,
    Record,
    Second,
    SecondPassphrase,
    Secret,
    To,
    filter_asked,
)
from api.audit_telling import groups_table, inquiries_table, marks_of, row_json
from api.conventions import Call, add_command
from api.errors import CommandError
from api.language import text
from api.named_subjects import marks_in, names_in, with_names
from api.opened import opened_ledger
from api.output import printable
from api.passphrase import PassphraseFile
from api.signer import As, own_fields, signer, unlocked
from verifier.catalogue import field_words

if TYPE_CHECKING:
    from api.audit_sign import Signing
    from ledger.handle import Ledger

_MOST = 1000


def audit_commands() -> typer.Typer:
    app = typer.Typer(
        name="audit", help=text("审计查询、导出", "Looking into uses, and exports"), no_args_is_help=True
    )
    add_command(app, "query", query, "查询利用情况(先签名登记)", "Look into uses; signed and kept first")
    add_command(app, "export", export, "导出利用情况和核验文件", "Export uses, with evidence beside them")
    add_command(app, "list", list_inquiries, "列出历次查询", "List the inquiries that took place")
    add_command(app, "open", open_sealed, "打开密查的密封件", "Open what a sealed inquiry asks")
    add_command(app, "release", release, "公开密查的内容", "Make a sealed inquiry known")
    return app


def query(
    call: Call,
    named: As,
    purpose: Purpose,
    record: Record = None,
    person: PersonNamed = None,
    name: Name = None,
    organisation: Organisation = None,
    contains: PurposeContains = None,
    first: From = None,
    last: To = None,
    occurred: ByOccurred = False,
    outcome: Outcome = "all",
    kinds: Kind = None,
    basis: Basis = "audit",
    document_number: DocumentNumber = None,
    second: Second = None,
    secret: Secret = False,
    most: Annotated[
        int, typer.Option("--limit", min=1, max=_MOST, help=text("最多几组", "at most so many groups"))
    ] = 100,
    passphrase_file: PassphraseFile = None,
    second_passphrase_file: SecondPassphrase = None,
) -> None:
    from api.audit_sign import Signing, begin
    from ledger.audit_filter import filter_words
    from ledger.audit_inquiry import QUERY
    from ledger.audit_page import read_page

    signing = Signing(
        named, second, passphrase_file, second_passphrase_file, purpose, document_number, basis, secret
    )
    with opened_ledger(call) as ledger:
        texts, period = (name, organisation, contains), (first, last, occurred)
        asked = filter_asked(call, ledger, record, person, texts, period, outcome, kinds)
        begun = begin(call, ledger, QUERY, asked, signing)
        found: list[Any] = []
        withheld, after, more = 0, None, False
        while True:
            page = read_page(ledger, begun.inquiry, asked, min(200, most - len(found)), after)
            found += page.groups
            withheld += page.withheld
            after = page.next
            if after is None or len(found) >= most:
                more = after is not None
                break
        zh, en = filter_words(asked)
        names = names_in(ledger, call.home, marks_of(found) | marks_in([zh]))
    call.out.document(
        {
            "inquiry": begun.inquiry.digest.hex(),
            "number": begun.inquiry.number,
            "sealed": begun.inquiry.is_sealed,
            "filter_zh": zh,
            "filter_en": en,
            "groups": [
                {
                    "lead": row_json(one.lead),
                    "lead_fits": one.lead_fits,
                    "rows": [row_json(row) for row in one.rows],
                    "count": one.count,
                }
                for one in found
            ],
            "withheld": withheld,
            "more": more,
        }
    )
    call.out.say(f"条件:{with_names(zh, names, zh=True)}", f"Filter: {with_names(en, names, zh=False)}")
    groups_table(call, found, names)
    call.out.say(
        f"共 {len(found)} 组;另有 {withheld} 条因相关内容已隐去,无法判断是否符合。"
        f"本次查询已登记:{begun.inquiry.digest.hex()}",
        f"{len(found)} groups; of {withheld} more nobody can tell, as what is asked about is withheld. "
        f"This inquiry is on record: {begun.inquiry.digest.hex()}",
    )
    if more:
        call.out.say("还有更多;请缩小条件,或加大 --limit。", "There are more: narrow it, or raise --limit.")


def export(
    call: Call,
    named: As,
    purpose: Purpose,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar=text("目录", "DIR"), help=text("新目录", "a new folder"))
    ],
    record: Record = None,
    person: PersonNamed = None,
    name: Name = None,
    organisation: Organisation = None,
    contains: PurposeContains = None,
    first: From = None,
    last: To = None,
    occurred: ByOccurred = False,
    outcome: Outcome = "all",
    kinds: Kind = None,
    basis: Basis = "audit",
    document_number: DocumentNumber = None,
    second: Second = None,
    secret: Secret = False,
    passphrase_file: PassphraseFile = None,
    second_passphrase_file: SecondPassphrase = None,
) -> None:
    signing_parts = (named, second, passphrase_file, second_passphrase_file)
    from api.audit_sign import Signing

    signing = Signing(*signing_parts, purpose, document_number, basis, secret)
    with opened_ledger(call) as ledger:
        texts, period = (name, organisation, contains), (first, last, occurred)
        asked = filter_asked(call, ledger, record, person, texts, period, outcome, kinds)
        _export(call, ledger, asked, signing, out)


def _export(call: Call, ledger: Any, asked: Any, signing: Signing, out: Path) -> None:
    """Into a folder that is there whole or not at all."""
    from api.audit_sign import begin
    from api.audit_words import export_words
    from ledger.audit_export import export as write
    from ledger.audit_export import without_evidence
    from ledger.audit_inquiry import EXPORT
    from ledger.unfinished import unfinished_folder

    if out.exists():
        raise CommandError(
            "OUT_EXISTS",
            f"{out} 已存在,没有覆盖。请换一个目录名。",
            f"{out} exists and is not overwritten. Choose another name.",
        )
    begun = begin(call, ledger, EXPORT, asked, signing)
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        unfinished_folder(out.parent, f".{out.name}-") as folder,
        call.out.progress("导出", "exporting") as meter,
    ):

        @contextmanager
        def sink(name: str) -> Iterator[BinaryIO]:
            with (folder / name).open("wb") as file:
                yield file

        def tell(stage: str, done: int, total: int) -> None:
            meter.say(f"{stage} {done}/{total or '?'}")

        made = write(ledger, begun.inquiry, asked, begun.said, sink, export_words(ledger), tell)
        folder.rename(out)
    counts = made.counts
    call.out.document(
        {
            "inquiry": begun.inquiry.digest.hex(),
            "number": begun.inquiry.number,
            "folder": str(out),
            "expected": counts.expected,
            "listed": counts.listed,
            "withheld": counts.withheld,
            "refused": counts.refused,
            "evidence": [name for name, _ in made.files],
            "without_evidence": counts.without_evidence,
        }
    )
    call.out.say(
        f"已导出到 {out}:应有 {counts.expected},列出 {counts.listed},隐去 {counts.withheld},"
        f"其中不予提供、拒绝 {counts.refused};核验文件 {len(made.files)} 份。",
        f"Exported to {out}: {counts.expected} expected, {counts.listed} listed, {counts.withheld} withheld, "
        f"{counts.refused} of them refused; {len(made.files)} evidence files.",
    )
    if counts.without_evidence:
        call.out.say(*without_evidence(counts))


def list_inquiries(
    call: Call,
    most: Annotated[int, typer.Option("--limit", min=1, max=_MOST, help=text("最多几条", "at most"))] = 50,
) -> None:
    from api.named_subjects import people_named
    from api.names import known_organisations
    from ledger.audit_page import inquiries

    with opened_ledger(call) as ledger:
        found = inquiries(ledger, most).inquiries
        people = people_named(ledger, call.home, [one.parsed.agent for one in found])
        names = known_organisations(ledger.settings.connection_path(ledger.paths.home))
    inquiries_table(call, found, people, names)


Statement = Annotated[
    str,
    typer.Argument(
        metavar=text("查询", "INQUIRY"),
        help=text("audit list 所列摘要(至少前 8 位)", "its digest in audit list, or the first 8 digits"),
    ),
]


def open_sealed(call: Call, statement: Statement, named: As, passphrase_file: PassphraseFile = None) -> None:
    with opened_ledger(call) as ledger:
        digest = _digest(ledger, statement)
        shown = _known(ledger, digest) or _opened(call, ledger, digest, named, passphrase_file)
    from verifier.disclosure import parse_disclosure

    fields = {one.name: one.value for one in map(parse_disclosure, shown) if isinstance(one.value, str)}
    call.out.document({"statement": digest.hex(), "disclosed": fields, "disclosures": list(shown)})
    lines = [(_field(name), printable(value)) for name, value in sorted(fields.items())]
    call.out.table((("附项", "field"), ("内容", "value")), lines)


def release(call: Call, statement: Statement, named: As, passphrase_file: PassphraseFile = None) -> None:
    from api.audit_sign import check_right
    from api.dates import now
    from ledger.accept import accept
    from ledger.audit_inquiry import find_inquiry
    from ledger.audit_sealed import release as make_known
    from ledger.seen import last_seen
    from ledger.sign import Draft, sign_statement

    person = signer(call, named)
    key = unlocked(call, person, passphrase_file)
    with opened_ledger(call) as ledger:
        inquiry = find_inquiry(ledger, _digest(ledger, statement))
        digests = [inquiry.digest, *((inquiry.second[0],) if inquiry.second else ())]
        opened = {one: _opened(call, ledger, one, named, passphrase_file) for one in digests}
        draft = Draft(
            "inquiry.release",
            now(),
            record=inquiry.number,
            answers=tuple(digests),
            fields=own_fields(person),
            seen=last_seen(ledger),
        )
        submission = sign_statement(key, ledger.origin, draft)
        check_right(ledger, key, submission, secret=True)
        done = make_known(ledger, submission, opened, lambda one: accept(ledger, [one])[0])
    call.out.document({"statement": done.statement.hex(), "released": [one.hex() for one in digests]})
    call.out.say("密查内容已公开。", "The inquiry is known now; its disclosures are kept in clear.")


def _field(name: str) -> str:
    words = field_words(name)
    return text(words.zh, words.en) if words is not None else name


def _known(ledger: Ledger, digest: bytes) -> tuple[str, ...]:
    """The disclosures of an inquiry that is not sealed, or no more: whoever asks may see them."""
    from ledger.audit_inquiry import disclosures_of, find_inquiry

    inquiry = find_inquiry(ledger, digest)
    return () if inquiry.is_sealed and not inquiry.released else disclosures_of(ledger, digest)


def _opened(
    call: Call, ledger: Ledger, digest: bytes, named: str, passphrase_file: Path | None
) -> tuple[str, ...]:
    from ledger.audit_envelope import open_envelope
    from ledger.audit_sealed import envelope_for
    from verifier.certificate import read_signer

    key = unlocked(call, signer(call, named), passphrase_file)
    envelope = envelope_for(ledger, digest, key.agent)
    return open_envelope(envelope, digest, key.key, read_signer(key.certificate_der).key_sha256)


def _digest(ledger: Ledger, given: str) -> bytes:
    """Raises CallerError AUDIT_UNKNOWN, STATEMENT_SEVERAL."""
    from api.lookup import statement_named
    from verifier.errors import CallerError

    found = statement_named(ledger, given)
    if found is None:
        raise CallerError("AUDIT_UNKNOWN", given)
    return found
