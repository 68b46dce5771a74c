"""What an export needs to be told: names of organisations and units, words of reasons, verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.failure import words_of
from api.names import known_organisations

if TYPE_CHECKING:
    from ledger.audit_columns import ExportWords
    from ledger.handle import Ledger

# verifier.report.Verdict, as pages say it.
_VERDICTS = {0: "一致", 1: "不一致", 2: "依据不全", 3: "无法核验"}


def export_words(ledger: Ledger) -> ExportWords:
    from ledger.audit_columns import ExportWords
    from ledger.unit_store import unit_names
    from verifier.verify import verify

    names = known_organisations(ledger.settings.connection_path(ledger.paths.home))
    trust, units = own_trust_root(ledger), unit_names(ledger)

    def verdict(evidence: bytes) -> str:
        return _VERDICTS[verify(evidence, trust).verdict.value]

    return ExportWords(
        organisation=lambda msp: f"{names[msp][0]}({msp})" if msp in names else msp,
        unit=lambda unit: units[unit].zh if unit in units else unit,
        reason=lambda code: words_of(code)[0].partition("。")[0],
        verdict=verdict,
    )


def own_trust_root(ledger: Ledger) -> bytes | None:
    """Pinned at the channel's first configuration; None where the store has none."""
    from ledger.configurations import kept_configurations
    from ledger.trust import build_trust_root

    kept = kept_configurations(ledger)
    if not kept:
        return None
    settings = ledger.settings
    return build_trust_root(
        settings.origin,
        ledger.public_key,
        settings.channel,
        settings.chaincode,
        kept[0],
    ).data
