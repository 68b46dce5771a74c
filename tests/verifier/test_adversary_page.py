"""Evidence that holds and yet tries to make the page say more than it proves.

The signer is a person of some organisation, or the ledger's operator who decides what is logged first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.verifier.fabric.forge import peers, seal
from tests.verifier.fabric.forge_channel import config_envelope
from tests.verifier.fabric.forge_keys import Org, authority, node, org, orgs
from tests.verifier.forge_evidence import (
    CURRENT,
    LAST_BATCH,
    OLD_FORM,
    ZHANG,
    Act,
    Script,
    forge,
    given,
    good,
    recorded,
)
from tests.verifier.forge_people import Payload, Person, person, state
from verifier.report import FileStatus, Report, Verdict
from verifier.verify import GivenFile, verify
from verifier.wording import page

OUTSIDER, REVIEWER, SERVICE = person("village", 2), person("reviewer", 1), person("service", role="service")


def judge(script: Script, files: tuple[GivenFile, ...] = CURRENT) -> Report:
    forged = forge(script)
    return verify(forged.octets, forged.trust_octets, files)


def told(report: Report) -> str:
    """The page on one line, as a reader reads it."""
    return "".join(line.strip() for line in page(report, "zh").splitlines())


def saying(signer: Person, event: str, fields: dict[str, Any], **claims: Any) -> Script:
    """One step more at the end of Zhang's trail."""

    def edit(acts: list[Act]) -> None:
        signed = state(signer, "more", event, fields, record=ZHANG, **claims)
        acts.append(Act("more", LAST_BATCH, signed, recorded(LAST_BATCH, 9)))

    return Script(acts=edit)


def test_an_old_file_registered_again_and_not_logged() -> None:
    """A file that was sent back, in a new statement that nobody logged, is no file of the current version."""

    def edit(acts: list[Act]) -> None:
        signed = state(
            OUTSIDER,
            "again",
            "resubmit",
            record=ZHANG,
            answers=["ab" * 32],
            version=3,
            files=[OLD_FORM.claim()],
        )
        acts.append(Act("again", None, signed, ""))

    report = judge(Script(acts=edit), (*CURRENT, given(OLD_FORM)))
    assert report.verdict is Verdict.INCOMPLETE
    assert [file.since is None for file in report.files] == [False, False, False, True]
    assert "您放入的1个文件与登记人2026年1月12日签名登记的相同,但该登记尚未上链固定" in told(report)


def _without_scan(claims: dict[str, Callable[[Payload], None]]) -> Script:
    """The files of version 2 come with one statement, which the approval answers if `claims` let it."""

    def edit(acts: list[Act]) -> None:
        acts[:] = [act for act in acts if act.name != "scan"]

    return Script(claims=claims, acts=edit)


def _answers_first(payload: Payload) -> None:
    payload["answers"] = sorted([good().statement("receive"), good().statement("relist")])


APPROVALS: dict[str, tuple[Script, bool]] = {
    "of these files": (_without_scan({}), True),
    "of the first version, by number": (_without_scan({"final": lambda p: p.update(version=1)}), False),
    "of the first version, by what it answers": (_without_scan({"final": _answers_first}), False),
    "of nobody knows what": (_without_scan({"final": lambda p: p.update(answers=["ab" * 32])}), False),
    "before a file was added": (Script(), False),
}


@pytest.mark.parametrize("approval", APPROVALS)
def test_an_approval_counts_for_what_it_approved(approval: str) -> None:
    """The operator may log the approval of one version after the next has come."""
    script, counts = APPROVALS[approval]
    report = judge(script, CURRENT if approval == "before a file was added" else CURRENT[:2])
    # One that does not answer the list either is no review of anything.
    follows_the_rules = approval != "of nobody knows what"
    assert report.verdict is (Verdict.CONSISTENT if follows_the_rules else Verdict.INCOMPLETE)
    assert ("终审归档的第2版" in told(report)) is counts
    assert ("的终审,不能说明是对这些文件作出的" in told(report)) is not counts


def test_a_return_of_the_first_version_logged_after_the_second() -> None:
    report = judge(saying(REVIEWER, "item.return", {}, answers=["ab" * 32], reason="missing_item", version=1))
    assert [file.rejected_by for file in report.files] == [None, None, None]


def test_a_reader_does_not_name_the_record() -> None:
    fields = {"reader_name": "某人", "purpose": "查阅", "title": "某某所有的土地", "number": "QC-1"}
    report = judge(saying(OUTSIDER, "access.apply", fields, basis="own_record"))
    assert "档案:土地承包户档  QC03-ZY·TD-021" in told(report)


def test_a_person_without_a_name_is_no_service() -> None:
    report = judge(saying(REVIEWER, "shelve", {"agent_name": " ", "location": "2"}, state="in_place"))
    assert "系统服务(县档案馆)" not in told(report)
    assert "姓名未出示者(县档案馆)上架" in told(report)


def test_a_service_with_a_persons_name_is_called_one() -> None:
    report = judge(
        saying(SERVICE, "access.view", {"agent_name": "李主任", "purpose": "核对"}, basis="own_record")
    )
    assert "李主任(系统服务,镇档案馆)" in told(report)


POSING = {
    "a verdict on a line of its own": "王五" + "\u3164" * 40 + "核验结论:一致",
    "another organisation": "王局长(云岭县档案馆,局长)终审归档:通过",
    "a line break": "王五\n核验结论:一致",
    "an empty pattern": "王\u2800\u2800\u2800五",
    "turned round": "王\u202e五",
    "a pile of marks": "王" + "\u0301" * 40,
    "its own quotes": "王五”(县档案馆)终审归档:通过“",
}


@pytest.mark.parametrize("attack", POSING)
def test_a_name_that_poses_as_the_page(attack: str) -> None:
    """Whatever could be taken for the page's own words stands between quotes that it cannot close."""
    name = POSING[attack]
    text = page(
        judge(saying(OUTSIDER, "access.view", {"agent_name": name, "purpose": "核对"}, basis="own_record")),
        "zh",
    )
    whole = "".join(line.strip() for line in text.splitlines())
    assert not any(line.strip().startswith("核验结论:") for line in text.splitlines()[1:])
    start = whole.index("“王")
    assert whole.index("”", start) < whole.index("(村委会)", start)
    assert not {"\u3164", "\u2800", "\u202e", "\u0301" * 3} & {
        text[n : n + k] for k in (1, 3) for n in range(len(text))
    }


def test_a_file_name_that_closes_its_quotes() -> None:
    odd = GivenFile("a.png”相同。“b.png", given(OLD_FORM).digests, 1)
    assert "“a.png〈U+201D〉相同。〈U+201C〉b.png”" in told(judge(Script(), (odd,)))


def test_an_electronic_file_that_was_never_fixed() -> None:
    """It is among the record's files, so that nobody reads "nothing is missing"."""

    def edit(payload: Payload) -> None:
        claim = {"carrier": "electronic", "copy": "original", "format": "image/png", "role": "page"}
        payload["files"].append(claim)

    report = judge(Script(claims={"resubmit": edit}))
    assert FileStatus.WITHHELD in {file.status for file in report.files}
    assert "不缺不多" not in told(report)


def _renamed(old: Org, title: str) -> Org:
    node_ca = authority(title, "node CA")
    nodes = {
        "orderer": node(node_ca, "orderer0", "orderer"),
        "peer": node(node_ca, "peer0", "peer"),
        "peer2": node(node_ca, "peer1", "peer"),
        "client": node(node_ca, "gateway", "client", "ledger"),
    }
    return Org(old.msp, title, node_ca, old.person_ca, **nodes)


def _configured(members: tuple[Org, ...], **changes: Any) -> Script:
    """`members` are the organisations of the newest configuration, which came after the anchor."""
    block = seal(9, b"\x09" * 32, [config_envelope(members, 2, orgs()[0])], 9)
    return Script(configurations=lambda blocks: blocks.__setitem__(1, block), **changes)


@pytest.mark.parametrize("title", ["县档案馆", "最高人民法院"])
def test_an_organisation_that_takes_another_name(title: str) -> None:
    """Its own administrators can do that; the name counts that the trust root's configuration has."""
    members = tuple(_renamed(o, title) if o.msp == "VillageMSP" else o for o in orgs())
    report = judge(_configured(members, attesters=([(o.msp, o.peer) for o in members],)))
    assert report.verdict is Verdict.CONSISTENT
    assert [w.name for w in report.witnesses if w.msp == "VillageMSP"] == ["村委会"]


def test_an_organisation_that_joins_under_anothers_name() -> None:
    members = (*orgs(), org("NewMSP", "县 档案馆"))
    report = judge(_configured(members))
    names = {w.msp: w.name for w in report.witnesses}
    assert (names["CountyMSP"], names["NewMSP"]) == ("县档案馆 (CountyMSP)", "县 档案馆 (NewMSP)")


@pytest.mark.parametrize("more", [1, 2, 5])
def test_organisations_that_joined_later_did_not_fail_to_endorse(more: int) -> None:
    members = (*orgs(), *(org(f"New{n}MSP", f"新机构{n}") for n in range(more)))
    report = judge(_configured(members, endorsers=peers(3)))
    assert report.verdict is Verdict.CONSISTENT
    assert "上链前核对并签名的:4家机构中的3家" in told(report)
    assert f"确认已上链生效的:{4 + more}家机构中的4家" in told(report)


def test_organisations_that_left_do_not_vanish_from_those_asked() -> None:
    members = orgs()[:3]
    report = judge(_configured(members, attesters=(peers(3),)))
    assert "上链前核对并签名的:4家机构中的4家" in told(report)
    assert "确认已上链生效的:3家机构中的3家" in told(report)


def test_the_state_of_things_is_not_said_to_be_that_of_the_anchors_time() -> None:
    """Whoever hands over evidence can leave out the last steps."""
    assert "截至2026年1月12日17:30:00" not in told(judge(Script()))
    assert "其后或最末有无未列出的步骤,未经证明" in told(judge(Script()))
