"""The event catalogue as a table, and one event in full."""

from __future__ import annotations

from api.conventions import Call
from api.event.request import option_of
from api.language import text
from verifier.catalogue import Catalogue, EventSpec, catalogue, code_words, field_words


def show_all(call: Call, known: Catalogue) -> None:
    call.out.document({"events": [spec_json(spec) for spec in known.events.values()]})
    heads = (("组", "group"), ("代码", "code"), ("行为", "event"), ("必填", "required"), ("对象", "on"))
    rows = []
    for spec in known.events.values():
        group, words = known.groups[spec.group], spec.words
        needed = [option_of(claim) for claim in sorted(spec.required_claims)]
        needed += [_words(field_words(name)) for name in sorted(spec.required_fields)]
        rows.append(
            (text(group.zh, group.en), spec.name, text(words.zh, words.en), " ".join(needed), _on(spec))
        )
    call.out.table(heads, rows)


def _on(spec: EventSpec) -> str:
    if spec.list == "required":
        return text("清单", "list")
    if spec.record == "none":
        return text("人员或系统", "person or system")
    return text("记录", "record") if spec.list == "none" else text("记录、清单", "record, list")


def show_one(call: Call, spec: EventSpec) -> None:
    call.out.document({"events": [spec_json(spec)]})
    words = spec.words
    call.out.say(f"{words.zh}({spec.name})", f"{words.en} ({spec.name})")
    rows = []
    for claim in sorted(spec.claims):
        allowed = [f"{code} {_words(code_words(claim, code))}" for code in sorted(spec.codes.get(claim, ()))]
        rows.append((option_of(claim), _need(claim in spec.required_claims), "; ".join(allowed)))
    needed = spec.required_fields | catalogue().person_fields
    for name in sorted(spec.fields | catalogue().person_fields):
        rows.append((f"--field {name}", _need(name in needed), _words(field_words(name))))
    call.out.table((("选项", "option"), ("要求", "need"), ("可用值", "values")), rows)
    call.out.say(
        "agent_name、agent_duty 由 --as 自动填写。", "agent_name and agent_duty are filled in from --as."
    )


def _need(required: bool) -> str:
    return text("必填", "required") if required else text("选填", "optional")


def _words(words: object) -> str:
    zh, en = getattr(words, "zh", ""), getattr(words, "en", "")
    return text(zh, en)


def spec_json(spec: EventSpec) -> dict[str, object]:
    return {
        "name": spec.name,
        "group": spec.group,
        "zh": spec.words.zh,
        "en": spec.words.en,
        "record": spec.record,
        "list": spec.list,
        "files": spec.files,
        "required_claims": sorted(spec.required_claims),
        "optional_claims": sorted(spec.optional_claims),
        "required_fields": sorted(spec.required_fields),
        "optional_fields": sorted(spec.optional_fields),
        "codes": {claim: sorted(codes) for claim, codes in spec.codes.items()},
        "by": sorted(spec.by),
        "roles": sorted(spec.roles),
        "premis": spec.premis,
    }
