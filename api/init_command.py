"""`init`: makes the ledger, registers it on the chain and anchors its first, empty batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.errors import CommandError
from api.language import text
from api.names import known_organisations, organisation, organisation_names
from api.opened import opened_chain, opened_ledger
from ledger.store.address import VARIABLE
from verifier.catalogue import KINDS
from verifier.shape import ORIGIN

if TYPE_CHECKING:
    from ledger.fabric.connection import Connection
    from ledger.settings import Settings
    from ledger.units import UnitTree

Operator = Annotated[
    str | None,
    typer.Option("--operator", metavar="MSP", help=text("经办机构代号", "id of the operating organisation")),
]
ConnectionFile = Annotated[
    Path | None,
    typer.Option(
        "--connection",
        metavar=text("文件", "FILE"),
        help=text("网络交来的 connection.json", "the network's connection.json"),
    ),
]

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help=text(
            f"PostgreSQL 数据库地址(不含密码;默认取环境变量 {VARIABLE},再默认为 SQLite 文件)",
            f"address of a PostgreSQL database, without password (default: {VARIABLE}, else a SQLite file)",
        ),
    ),
]

# The role that a node certificate of the ledger's client bears; network/ issues it so.
ROLE = "ledger"
# What an organisation is, by its name, where --kind does not say. Kinds are the event catalogue's.
_KIND_BY_NAME = (
    ("audit", ("审计", "audit")),
    ("archive", ("档案馆", "档案局", "archives")),
    ("justice", ("司法", "法院", "公证", "检察", "justice", "court", "notary")),
    ("township", ("镇", "乡", "街道", "村", "township", "town", "village")),
)

_KINDS_ZH = {"archive": "档案", "audit": "审计", "justice": "司法", "township": "乡镇"}


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "init",
        init,
        "建立存证总账:登记上链,并固定第一个(空)批次;中断后可重复执行",
        "Make the ledger: register it on the chain, anchor its first (empty) batch; may be repeated",
    )


def init(
    call: Call,
    origin: Annotated[
        str,
        typer.Option(
            "--origin",
            help=text(
                "总账名称,主机名/路径,全部小写,永久不变,如 qinghe.yunling.example/archives",
                "the ledger's name, host/path in lower case, permanent: qinghe.yunling.example/archives",
            ),
        ),
    ],
    operator: Operator = None,
    connection: ConnectionFile = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="MSP=KIND",
            help=text(
                f"机构类型({'、'.join(KINDS[1:])}),不写则按名称推定",
                f"kind of an organisation ({', '.join(KINDS[1:])}); guessed from its name if not given",
            ),
        ),
    ] = None,
    database: Database = None,
    units: Annotated[
        Path | None,
        typer.Option(
            "--units",
            metavar=text("文件", "FILE"),
            help=text(
                "机构表:各机构的部门、村、站所(默认按联盟成员给出样例)",
                "the organisations' departments, villages and stations (default: a sample)",
            ),
        ),
    ] = None,
) -> None:
    from ledger.anchor import anchor
    from ledger.attest import attest
    from ledger.chain_state import open_on_chain
    from ledger.unit_store import current_tree, put_tree

    if not ORIGIN.match(origin):
        raise CommandError(
            "ORIGIN_FORM",
            f"--origin 只能用小写字母、数字和 . / -,不超过 200 个字符;现为“{origin}”。",
            f"--origin takes lower-case letters, digits and . / -, at most 200 characters; found '{origin}'.",
        )
    if units is not None:
        _tree_of(units, _connection_path(call.home, operator, connection))
    created = _create(call, origin, operator, connection, kind or (), database)
    with opened_ledger(call) as ledger, opened_chain(ledger) as chain:
        if current_tree(ledger) is None:
            put_tree(ledger, _tree_of(units, ledger.settings.connection_path(ledger.paths.home)))
        with call.out.progress("登记上链", "registering on the chain"):
            registered = open_on_chain(ledger, chain)
            anchored = anchor(ledger, chain)
            attested = attest(ledger, chain)
        call.out.document(
            {
                "created": created,
                "registered": registered,
                "origin": ledger.origin,
                "ledger": ledger.id.hex(),
                "channel": ledger.settings.channel,
                "operator": ledger.settings.operator,
                "kinds": dict(ledger.settings.kinds),
                "database": str(ledger.place),
                "anchored_batch": anchored.anchor.batch if anchored else None,
                "attested_by": list(attested.organisations) if attested else [],
            }
        )
        short = ledger.id.hex()[:16]
        names = known_organisations(ledger.settings.connection_path(ledger.paths.home))
        operator_name = organisation(ledger.settings.operator, names)
        kinds = text("、", ", ").join(
            organisation(msp, names) + text(f"({_KINDS_ZH[kind]})", f" ({kind})")
            for msp, kind in sorted(ledger.settings.kinds.items())
        )
        call.out.say(
            f"存证总账 {ledger.origin} 已{'建立' if created else '存在'},编号 {short}…,"
            f"经办 {operator_name},通道 {ledger.settings.channel}。\n机构类型:{kinds}",
            f"The ledger {ledger.origin} {'is made' if created else 'was there'}:\nid {short}…, "
            f"operator {operator_name}, channel {ledger.settings.channel}.\nKinds: {kinds}",
        )
        if attested:
            call.out.say(
                f"第 0 批次已上链,{len(attested.organisations)} 家机构确认。",
                f"Batch 0 is anchored; {len(attested.organisations)} organisations attested it.",
            )


def _tree_of(units: Path | None, connection: Path) -> UnitTree:
    from api.units_command import given_or_sample

    return given_or_sample(units, organisation_names(connection))


def _create(
    call: Call,
    origin: str,
    operator: str | None,
    connection: Path | None,
    kinds: Sequence[str],
    database: str | None,
) -> bool:
    """False if the same ledger is there already: then what is left of its opening is done."""
    from ledger.create import begin_store, create_ledger
    from ledger.paths import LedgerPaths

    if LedgerPaths(call.home).settings.exists():
        if _is_empty(call):
            begin_store(call.home)
        with opened_ledger(call) as ledger:
            if (origin, operator or ledger.settings.operator) == (ledger.origin, ledger.settings.operator):
                return False
            raise CommandError(
                "LEDGER_OTHER",
                f"{call.home} 中已有另一本总账 {ledger.origin}。请用 --home 另指目录。",
                f"{call.home} already holds another ledger, {ledger.origin}. Choose another --home.",
            )
    settings = new_settings(call, origin, operator, connection, kinds, database)
    create_ledger(call.home, settings).close()
    return True


def _is_empty(call: Call) -> bool:
    """Whether its PostgreSQL database holds nothing, as when its making was broken off at the last moment."""
    from verifier.errors import LedgerError

    try:
        with opened_ledger(call):
            return False
    except LedgerError as error:
        if error.code != "STORE_EMPTY":
            raise
        return True


def new_settings(
    call: Call,
    origin: str,
    operator: str | None,
    connection: Path | None,
    kinds: Sequence[str],
    database: str | None = None,
) -> Settings:
    """What a ledger of this name is told, by what the network handed over.

    Raises CommandError OPERATOR_OTHER, KIND_FORM, and what `read_connection` and `postgres_at` raise.
    """
    from ledger.fabric.connection import read_connection
    from ledger.settings import Settings
    from ledger.store.address import address_asked_for

    path = _connection_path(call.home, operator, connection)
    found = read_connection(path)
    if operator is not None and operator != found.msp:
        raise CommandError(
            "OPERATOR_OTHER",
            f"{path} 是机构 {found.msp} 的,不是 {operator} 的。请用该机构的 connection.json。",
            f"{path} belongs to {found.msp}, not to {operator}. Use that organisation's connection.json.",
        )
    home = call.home.resolve()
    kept = path.resolve()
    return Settings(
        origin=origin,
        operator=found.msp,
        role=ROLE,
        channel=found.channel,
        chaincode=found.chaincode,
        connection=str(kept.relative_to(home) if kept.is_relative_to(home) else kept),
        kinds=_kinds(found, kinds),
        database=address_asked_for(database),
    )


def _connection_path(home: Path, operator: str | None, connection: Path | None) -> Path:
    if connection is not None:
        return connection
    of_operator = home / "network" / "organisations" / (operator or "") / "connection.json"
    return of_operator if operator and of_operator.exists() else home / "network" / "connection.json"


def _kinds(connection: Connection, given: Sequence[str]) -> dict[str, str]:
    names = {peer.msp: f"{peer.name_zh} {peer.name_en} {peer.msp}".lower() for peer in connection.peers}
    kinds = {msp: _kind_of(name) for msp, name in names.items()}
    for pair in given:
        msp, _, kind = pair.partition("=")
        if msp not in names or kind not in KINDS[1:]:
            raise CommandError(
                "KIND_FORM",
                f"--kind 应写作 机构代号=类型;机构有 {'、'.join(names)},"
                f"类型有 {'、'.join(KINDS[1:])};现为“{pair}”。",
                f"--kind is MSP=KIND, of {', '.join(names)} and {', '.join(KINDS[1:])}; found '{pair}'.",
            )
        kinds[msp] = kind
    return {msp: kind for msp, kind in kinds.items() if kind}


def _kind_of(name: str) -> str:
    return next((kind for kind, words in _KIND_BY_NAME if any(word in name for word in words)), "")
