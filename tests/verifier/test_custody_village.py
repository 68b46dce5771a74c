"""For which village somebody was appointed, and by whom: the township, or the county that certified him.

The list is of Wanghe unless a case says otherwise. What a record belongs to stands in no act on it; for which
village whoever fixed its list was appointed does, on their trail.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.verifier.custody_story import COUNTY, TOWN, Story
from tests.verifier.forge_people import identifier
from verifier.acts import Act
from verifier.custody import Duties
from verifier.duties import Held

WANGHE, TINGQUAN = identifier("Wanghe"), identifier("Tingquan")
ARCHIVIST, SUPERVISOR = "village_archivist", "village_supervisor"
OTHER = ["CUSTODY_UNIT"]
# Somebody's organisation, and the duties held there: (duty, village or None for all of the organisation).
Who = tuple[str, tuple[tuple[str, str | None], ...]]


def one(iss: str, duty: str = ARCHIVIST, unit: str | None = WANGHE) -> Who:
    return iss, ((duty, unit),)


def holding(people: Mapping[str, Who]) -> Duties:
    """What these hold; nobody else holds anything."""

    def held(act: Act) -> frozenset[Held]:
        found = [who for name, who in people.items() if identifier(name) == act.statement.agent]
        return frozenset(Held(duty, unit, iss, None, b"") for iss, of in found for duty, unit in of)

    return held


REVIEWS: dict[str, tuple[Who, Who, str | None, list[str]]] = {
    "the county's archivist of the village, on the township's list": (one(TOWN), one(COUNTY), None, []),
    "the township's supervisor, on the county archivist's list": (
        one(COUNTY),
        one(TOWN, SUPERVISOR),
        None,
        [],
    ),
    "of one of two villages": (
        (TOWN, ((ARCHIVIST, WANGHE), (ARCHIVIST, TINGQUAN))),
        one(COUNTY),
        None,
        [],
    ),
    "of a list fixed for all of the township": (one(TOWN, unit=None), one(COUNTY), None, []),
    "the township's, of all its villages": (one(TOWN), one(TOWN, unit=None), None, []),
    "the county's archivist of another village": (one(TOWN), one(COUNTY, unit=TINGQUAN), None, OTHER),
    "the township's of another village": (one(COUNTY), one(TOWN, unit=TINGQUAN), None, OTHER),
    # All of the county archive is no village of a township.
    "the county's archivist of no village": (one(TOWN), one(COUNTY, unit=None), None, OTHER),
    "of no village, on a list for all of the township": (
        one(TOWN, unit=None),
        one(COUNTY, unit=None),
        None,
        OTHER,
    ),
    "the county with another duty": (
        one(TOWN),
        one(COUNTY, "authority_reviewer", None),
        None,
        ["CUSTODY_DUTY"],
    ),
    # A word for the time is given in the house.
    "the county for the time": (one(TOWN), (COUNTY, ()), "temporary_authorisation", ["CUSTODY_DUTY"]),
    "the township for the time": (one(TOWN), (TOWN, ()), "temporary_authorisation", []),
}


@pytest.mark.parametrize("name", REVIEWS)
def test_review_by_the_village(name: str) -> None:
    clerk, reviewer, basis, codes = REVIEWS[name]
    story = Story()
    story.do("receive", "王五", version=1, iss=clerk[0])
    frozen = story.do("list.freeze", "王五", on="one", size=2, iss=clerk[0])
    due = "2026-03-30" if basis else None
    said = {"on": "one", "outcome": "approved", "basis": basis, "due": due, "iss": reviewer[0]}
    story.do("review.village", "刘十四", frozen, **said)  # type: ignore[arg-type]  # of Story.do
    assert story.breaches(holding({"王五": clerk, "刘十四": reviewer})) == [
        ("review.village", c) for c in codes
    ]


ACTS: dict[str, tuple[str, dict[str, str | None], Who, list[str]]] = {
    "sent back by another village": (
        "list.return",
        {"reason": "missing_item"},
        one(TOWN, unit=TINGQUAN),
        OTHER,
    ),
    "one item, by the county's of another": ("item.return", {"on": None}, one(COUNTY, unit=TINGQUAN), OTHER),
    "sent back by the village itself": ("list.return", {"reason": "missing_item"}, one(COUNTY), []),
    "sent back by a department": ("list.return", {}, one(TOWN, "department_reviewer", TINGQUAN), []),
    "counted by another village": ("list.count", {}, one(TOWN, unit=TINGQUAN), OTHER),
    # Who gives is of the house that made the list, or answers for the same village.
    "given by the township's head of the village": (
        "handover.sign",
        {"basis": "giver_head"},
        one(TOWN, "head"),
        [],
    ),
    "given by the township's head of another": (
        "handover.sign",
        {"basis": "giver_head"},
        one(TOWN, "head", TINGQUAN),
        ["CUSTODY_DEED_PARTY"],
    ),
    "given by the township's head of all": (
        "handover.sign",
        {"basis": "giver_head"},
        one(TOWN, "head", None),
        ["CUSTODY_DEED_PARTY"],
    ),
    # The village's archivist, signing where its head must.
    "given by who has another duty there": (
        "handover.sign",
        {"basis": "giver_head"},
        one(TOWN),
        ["CUSTODY_DEED_PARTY", "CUSTODY_DUTY"],
    ),
    "given by another village's archivist": (
        "handover.sign",
        {"basis": "giver_clerk"},
        one(COUNTY, unit=TINGQUAN),
        OTHER,
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_another_step_on_the_list_that_the_county_archivist_fixed(name: str) -> None:
    event, said, who, codes = ACTS[name]
    story = Story()
    story.do("receive", "王五", version=1, iss=COUNTY)
    frozen = story.do("list.freeze", "王五", on="one", size=2, iss=COUNTY)
    given = {"on": "one", "iss": who[0], **said}
    story.do(event, "刘十四", frozen, **given)  # type: ignore[arg-type]  # of Story.do
    assert story.breaches(holding({"王五": one(COUNTY), "刘十四": who})) == [(event, c) for c in codes]


def test_what_the_county_archivist_fixed_goes_its_way_in_the_township() -> None:
    story = Story()
    story.do("receive", "王五", version=1, iss=COUNTY)
    frozen = story.do("list.freeze", "王五", on="one", size=2, iss=COUNTY)
    story.do("review.village", "刘十四", frozen, on="one", outcome="approved")
    story.do("review.department", "钱七", frozen, on="one", outcome="approved")
    story.do("review.final", "赵六", frozen, on="one", outcome="approved")
    people = {
        "王五": one(COUNTY),
        "刘十四": one(TOWN, SUPERVISOR),
        "钱七": one(TOWN, "department_reviewer", identifier("Agriculture")),
        "赵六": one(TOWN, "township_archivist", None),
    }
    assert story.breaches(holding(people)) == []
    assert story.state("transfer") == "filed"
