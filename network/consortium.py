"""The consortium file: read at the edge, every mistake reported at once, typed from there on."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml

from network.errors import ConsortiumError, NetworkError

VERSION = "archive-ledger consortium v1"
PACKAGED = Path(__file__).with_name("consortium.yaml")
# Byzantine agreement bears f failures among 3f+1: below four it bears none.
FEWEST = 4
# Ports are 7050 + 100 for each organisation; twenty stay well below 32768 and in reach of one machine.
MOST = 20

_MSP = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,31}")
_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_ORIGIN = re.compile(rf"{_LABEL}(\.{_LABEL})+(/[a-z0-9._-]+)+")

T = TypeVar("T")
Problem = tuple[str, str]


@dataclass(frozen=True)
class Words:
    zh: str
    en: str


@dataclass(frozen=True)
class Organisation:
    msp: str
    name: Words
    role: Words


@dataclass(frozen=True)
class Ledger:
    """A ledger: its origin, the msp that operates it, the certificate role (OU) that may anchor it."""

    origin: str
    operator: str
    role: str


@dataclass(frozen=True)
class Consortium:
    """Organisations in the file's order: the order gives each its ports and its consenter number."""

    organisations: tuple[Organisation, ...]
    ledgers: tuple[Ledger, ...]

    def organisation(self, msp: str) -> Organisation:
        """Raises NetworkError when there is none of that id."""
        for one in self.organisations:
            if one.msp == msp:
                return one
        known = ", ".join(one.msp for one in self.organisations)
        raise NetworkError(
            f"联盟中没有机构“{msp}”;现有:{known}。",
            f"No organisation '{msp}' in the consortium; there are: {known}.",
        )


def read_consortium(path: Path) -> Consortium:
    """Raises NetworkError when the file cannot be read, ConsortiumError with every mistake in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NetworkError(
            f"读不出联盟配置 {path}:{error}。请检查路径、权限,并以 UTF-8 保存。",
            f"Cannot read the consortium file {path}: {error}. Check path and permission; save it as UTF-8.",
        ) from error
    return parse_consortium(text, str(path))


def parse_consortium(text: str, where: str) -> Consortium:
    """`where` names the source in errors. Raises ConsortiumError."""
    try:
        tree: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        at = " ".join(str(error).split())
        raise ConsortiumError(where, ((f"不是有效的 YAML:{at}", f"not valid YAML: {at}"),)) from error
    reader = _Reader()
    consortium = reader.consortium(tree)
    if reader.problems:
        raise ConsortiumError(where, tuple(reader.problems))
    return consortium


class _Reader:
    """Walks the tree and gathers problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def say(self, zh: str, en: str) -> None:
        self.problems.append((zh, en))

    def consortium(self, tree: object) -> Consortium:
        top = self.members(tree, "", ("version", "organisations", "ledgers"))
        if "version" in top and top["version"] != VERSION:
            self.say(
                f"version:应写“{VERSION}”,现为“{top['version']}”",
                f"version: write '{VERSION}', found '{top['version']}'",
            )
        organisations = self.items(top.get("organisations"), "organisations", self.organisation)
        ledgers = self.items(top.get("ledgers"), "ledgers", self.ledger)
        if "organisations" in top and not FEWEST <= len(organisations) <= MOST:
            count = len(organisations)
            self.say(
                f"organisations:须有 {FEWEST} 至 {MOST} 家机构,现有 {count} 家",
                f"organisations: {FEWEST} to {MOST} are needed, found {count}",
            )
        if "ledgers" in top and not ledgers:
            self.say("ledgers:至少须有一本总账", "ledgers: at least one is needed")
        self.unique([one.msp.lower() for one in organisations], "organisations", "msp")
        self.unique([one.name.zh for one in organisations], "organisations", "name.zh")
        self.unique([one.origin for one in ledgers], "ledgers", "origin")
        known = {one.msp for one in organisations}
        for number, ledger in enumerate(ledgers, 1):
            if ledger.operator and ledger.operator not in known:
                self.say(
                    f"ledgers[{number}].operator:“{ledger.operator}”不在 organisations 中;请写其中一家的 msp",
                    f"ledgers[{number}].operator: '{ledger.operator}' is not an msp in organisations",
                )
        return Consortium(tuple(organisations), tuple(ledgers))

    def organisation(self, tree: object, at: str) -> Organisation:
        fields = self.members(tree, at, ("msp", "name", "role"))
        msp = self.text(fields, at, "msp")
        if msp and not _MSP.fullmatch(msp):
            self.say(
                f"{at}.msp:“{msp}”须以字母开头,只用字母、数字和连字符,不超过 32 个字符",
                f"{at}.msp: '{msp}' starts with a letter, then letters, digits, hyphens; at most 32",
            )
        return Organisation(msp, self.words(fields, at, "name"), self.words(fields, at, "role"))

    def ledger(self, tree: object, at: str) -> Ledger:
        fields = self.members(tree, at, ("origin", "operator", "role"))
        origin = self.text(fields, at, "origin")
        if origin and (not _ORIGIN.fullmatch(origin) or len(origin) > 128):
            self.say(
                f"{at}.origin:“{origin}”须为“主机名/路径”,全部小写,不超过 128 个字符,"
                "如 qinghe.yunling.example/archives",
                f"{at}.origin: '{origin}' must be host/path in lower case, at most 128 characters, "
                "for example qinghe.yunling.example/archives",
            )
        role = self.text(fields, at, "role")
        if role and role != "ledger":
            self.say(
                f"{at}.role:须为“ledger”(发给节点的证书只有这一种上链角色),现为“{role}”",
                f"{at}.role: must be 'ledger', the one role that may anchor; found '{role}'",
            )
        return Ledger(origin, self.text(fields, at, "operator"), role)

    def members(self, tree: object, at: str, names: tuple[str, ...]) -> dict[str, object]:
        """The mapping's members; says which are missing and which are unknown."""
        here, dot = (at, f"{at}.") if at else ("(文件 file)", "")
        if not isinstance(tree, dict):
            listed = ", ".join(names)
            self.say(f"{here}:须为含 {listed} 的映射", f"{here}: must be a mapping with {listed}")
            return {}
        for name in names:
            if name not in tree:
                self.say(f"{dot}{name}:缺少此项,请补上", f"{dot}{name}: missing; add it")
        for name in tree:
            if name not in names:
                self.say(
                    f"{dot}{name}:不认识的项;此处只有 {', '.join(names)}",
                    f"{dot}{name}: unknown; here are only {', '.join(names)}",
                )
        return {name: tree[name] for name in names if name in tree}

    def items(self, tree: object, at: str, read: Callable[[object, str], T]) -> list[T]:
        if tree is None:
            return []
        if not isinstance(tree, list):
            self.say(f"{at}:须为列表(每项以“-”开头)", f"{at}: must be a list (each item starts with '-')")
            return []
        return [read(item, f"{at}[{number}]") for number, item in enumerate(tree, 1)]

    def text(self, fields: dict[str, object], at: str, name: str) -> str:
        if name not in fields:
            return ""
        value = fields[name]
        if (
            not isinstance(value, str)
            or not value.strip()
            or value != value.strip()
            or not value.isprintable()
        ):
            self.say(
                f"{at}.{name}:须为一行非空文字(首尾无空格;数字和 yes/no 请加引号)",
                f"{at}.{name}: must be one line of text, no space at its ends (quote numbers and yes/no)",
            )
            return ""
        return value

    def words(self, fields: dict[str, object], at: str, name: str) -> Words:
        if name not in fields:
            return Words("", "")
        inside = f"{at}.{name}"
        both = self.members(fields[name], inside, ("zh", "en"))
        return Words(self.text(both, inside, "zh"), self.text(both, inside, "en"))

    def unique(self, values: list[str], at: str, name: str) -> None:
        for value in sorted({value for value in values if value and values.count(value) > 1}):
            self.say(
                f"{at}:{name}“{value}”出现多次,须各不相同", f"{at}: {name} '{value}' appears more than once"
            )
