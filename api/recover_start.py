"""From what `recover` begins: a ledger that is lost altogether is begun again, one that is here is held to
what the command names."""

from __future__ import annotations

from pathlib import Path

from api.conventions import Call
from api.errors import CommandError
from api.init_command import new_settings
from api.opened import opened_ledger
from verifier.trust import read_trust_root


def nothing_to_look_from(call: Call) -> CommandError:
    return CommandError(
        "USAGE_VALUE",
        f"{call.home} 中没有总账,--dry-run 无从比较:全部批次都缺。没有改动。"
        "要重建,请去掉 --dry-run,用 --trust 给出核验基准。",
        f"There is no ledger in {call.home} that --dry-run could compare: every batch is missing. Nothing "
        "was changed. To begin again, leave --dry-run out and name the trust root with --trust.",
    )


def begin_again(
    call: Call, trust: Path | None, key: Path | None, operator: str | None, connection: Path | None
) -> None:
    from ledger.rebuild import rebuild

    if trust is None:
        raise CommandError(
            "TRUST_NEEDED",
            f"{call.home} 中没有总账。总账全部丢失时,请用 --trust 给出这本总账的核验基准(*.trust.json);"
            "有备份的,请先 archive-ledger restore。",
            f"There is no ledger in {call.home}. If it is lost altogether, name its trust root with --trust; "
            "if there is a back-up, first: archive-ledger restore",
        )
    root = read_trust_root(trust.read_bytes())
    settings = new_settings(call, root.origin, operator, connection, ())
    if settings.channel != root.channel:
        raise CommandError(
            "NETWORK_OTHER",
            f"核验基准是通道 {root.channel} 的,现在的网络是 {settings.channel}。请用原来的网络。",
            f"The trust root is of channel {root.channel}; this network is {settings.channel}. Use the one "
            "that the ledger was anchored on.",
        )
    rebuild(call.home, settings, root.checkpoint_key, key.read_bytes() if key else None).close()


def hold_to(call: Call, trust: Path | None, operator: str | None, connection: Path | None) -> None:
    """That the ledger here is the one which the options name: given again, as when the command is repeated
    after an interruption, they change nothing.

    Raises CommandError OPTIONS_OTHER with every option that names something else; as `read_trust_root`.
    """
    if trust is None and operator is None and connection is None:
        return
    with opened_ledger(call) as ledger:
        settings, public_key = ledger.settings, ledger.public_key
        kept = settings.connection_path(ledger.paths.home)
    other: list[tuple[str, str, str]] = []
    if trust is not None:
        root = read_trust_root(trust.read_bytes())
        named = (root.origin, root.channel, root.checkpoint_key.hex())
        here = (settings.origin, settings.channel, public_key.hex())
        other += [("--trust", one, two) for one, two in zip(named, here, strict=True) if one != two]
    if operator is not None and operator != settings.operator:
        other.append(("--operator", operator, settings.operator))
    if connection is not None and connection.resolve() != kept.resolve():
        other.append(("--connection", str(connection), str(kept)))
    if other:
        zh = "\n".join(f"  {option}:所给 {given},本账 {own}" for option, given, own in other)
        en = "\n".join(f"  {option}: given {given}, this ledger's {own}" for option, given, own in other)
        raise CommandError(
            "OPTIONS_OTHER",
            f"{call.home} 中已有总账,与所给的不是一回事,没有改动:\n{zh}\n"
            "这本总账要补回的,请去掉这些选项;要从头重建另一本的,请用 --home 另指空目录。",
            f"{call.home} already holds a ledger, and the options name something else; nothing was "
            f"changed:\n{en}\nTo bring back what this ledger lacks, leave them out; to begin another one "
            "again, name an empty folder with --home.",
        )


def give_key(call: Call, key: Path) -> None:
    from ledger.rebuild import give_back_key

    with opened_ledger(call) as ledger:
        give_back_key(ledger.paths, ledger.public_key, key.read_bytes())
