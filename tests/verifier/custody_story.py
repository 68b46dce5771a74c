"""Stories told in acts on one record, for the tests of the workflow rules. Nothing is signed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.verifier.forge_people import identifier
from verifier.acts import Act
from verifier.claims import Claims, FileClaim
from verifier.custody import Duties, Judged, fold, states_after
from verifier.digests import Digests, both
from verifier.disclosure import Disclosure
from verifier.statement import ListClaim, Statement

TOWN, COUNTY = "TownMSP", "CountyMSP"
RECORD = identifier("record")
NO_DIGESTS = Digests(b"\x00" * 32, b"\x00" * 32)


def scan(copy: str = "scan", carrier: str = "paper") -> FileClaim:
    return FileClaim("page", "image/png", carrier, copy, both(copy.encode()), 1)


@dataclass
class Story:
    """`do` adds an act and answers its name, by which later acts answer it. `acts` are in log order."""

    acts: list[Act] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def do(
        self,
        event: str,
        by: str,
        *answers: str,
        on: str | None = None,
        size: int = 2,
        iss: str = TOWN,
        when: str = "2026-01-12",
        due: str | None = None,
        basis: str | None = None,
        outcome: str | None = None,
        state: str | None = None,
        late: str | None = None,
        version: int | None = None,
        reason: str | None = None,
        pages: int | None = None,
        files: Sequence[FileClaim] = (),
        uses: int | None = None,
        subject: str | None = None,
        fields: Sequence[str] | None = None,
        role: str = "person",
        shown: Mapping[str, str] | None = None,
    ) -> str:
        """`on`: name of the list, of `size` items. `answers`: names of acts. `fields`: by default, of a loan
        those that it must have. `shown`: what is disclosed."""
        name = f"{event} {len(self.acts)}"
        if fields is None:
            fields = ("purpose", "reader_name") if event == "borrow.out" else ()
        digests = both(name.encode())
        answered = tuple(sorted(self.acts[self.names.index(one)].statement.digests.sha256 for one in answers))
        claims = Claims(
            answered,
            basis,
            tuple(fields),
            (),
            tuple(files),
            late,
            when,
            outcome,
            pages,
            reason,
            state,
            version,
        )
        statement = Statement(
            data=b"",
            digests=digests,
            certificate_sha256=b"",
            signature=b"",
            aud="",
            jti=name,
            iss=iss,
            agent=identifier(by),
            event=event,
            occurred_at=when,
            record=RECORD,
            list=ListClaim(identifier(on), size, NO_DIGESTS) if on is not None else None,
            due=due,
            subject=identifier(subject) if subject else None,
            uses=uses,
            people=None,
            erased=(),
            seen=None,
            claims=claims,
        )
        disclosed = {field: Disclosure("", field, value) for field, value in (shown or {}).items()}
        self.acts.append(Act(name, statement, None, RECORD, claims, disclosed, None, role))
        self.names.append(name)
        return name

    def judged(self, duties: Duties | None = None) -> tuple[Judged, ...]:
        return fold(self.acts, duties)

    def breaches(self, duties: Duties | None = None) -> list[tuple[str, str]]:
        """(event, code) of every rule broken."""
        return [(j.act.statement.event, b.code) for j in self.judged(duties) for b in j.breaches]

    def state(self, table: str) -> str:
        return states_after(fold(self.acts))[table]


Telling: TypeAlias = Callable[[Story], object]


def told(tell: Telling) -> Story:
    """A story of its own, told to the end."""
    story = Story()
    tell(story)
    return story


def ends_well(tell: Telling, table: str, state: str) -> None:
    """No rule is broken on the way, and the table stands there at the end."""
    story = told(tell)
    assert story.breaches() == []
    assert story.state(table) == state


def listed(story: Story, list_name: str = "one", size: int = 2) -> str:
    """王五 registers the record and fixes a list with it."""
    story.do("receive", "王五", version=1)
    return story.do("list.freeze", "王五", on=list_name, size=size)


def reviewed(story: Story, list_name: str = "one", size: int = 2) -> str:
    """And two of the three reviews."""
    frozen = listed(story, list_name, size)
    story.do("review.village", "刘十四", frozen, on=list_name, size=size, outcome="approved")
    story.do("review.department", "钱七", frozen, on=list_name, size=size, outcome="approved")
    return frozen


def filed(story: Story) -> str:
    """And the last one."""
    frozen = reviewed(story)
    return story.do("review.final", "赵六", frozen, on="one", outcome="approved")


def approved(story: Story, due: str | None = None, uses: int | None = None) -> str:
    """An application of 周九, approved by 赵六; the name of the application."""
    applied = story.do("access.apply", "周九", basis="mediation")
    story.do("access.approve", "赵六", applied, outcome="granted", due=due, uses=uses)
    return applied


def lent(story: Story, due: str = "2026-03-30") -> str:
    """An original in its place, lent until `due`."""
    story.do("shelve", "陈十三", state="in_place")
    return story.do("borrow.out", "孙八", approved(story), due=due, state="on_loan", when="2026-03-23")
