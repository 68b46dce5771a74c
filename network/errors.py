"""What goes wrong in the network, said in both languages at the place where it is known."""


class NetworkError(Exception):
    """Something a person must act on: what is wrong, the limit, and the remedy, in Chinese and English.
    `detail` is what needs no translation, such as the end of a log."""

    def __init__(self, zh: str, en: str, detail: str = "") -> None:
        super().__init__("\n".join(text for text in (zh, en, detail) if text))
        self.zh = zh
        self.en = en
        self.detail = detail


class ConsortiumError(NetworkError):
    """The consortium file does not hold; `problems` is every mistake found, as (zh, en) pairs."""

    def __init__(self, where: str, problems: tuple[tuple[str, str], ...]) -> None:
        zh = "\n".join(f"  · {text}" for text, _ in problems)
        en = "\n".join(f"  · {text}" for _, text in problems)
        super().__init__(
            f"联盟配置 {where} 有 {len(problems)} 处须改正:\n{zh}",
            f"The consortium file {where} has {len(problems)} mistake(s):\n{en}",
        )
        self.problems = problems
