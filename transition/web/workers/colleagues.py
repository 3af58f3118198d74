"""Who works at a hospice, and how much each of them holds."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from transition.records.case_lists import cases_with_a_worker
from transition.records.holdings import holdings_in
from transition.records.staff import StaffMembership, roles_held
from transition.rules.access import Permission, may
from transition.rules.leaving import Held, HeldKind, held_words
from transition.rules.people import MembershipState, Role
from transition.web.work import asking, catalogue, me, reading, today

WEEK: Final = 7
"""Days that "due this week" looks ahead."""


@dataclass(frozen=True)
class Colleague:
    """Somebody who works here or did, and how much they look after."""

    key: str
    name: str
    active: bool
    gone: bool
    """Whether they have left and hold nothing."""
    open_cases: int
    due_this_week: int | None
    """How many of these have something due; None where nobody counts it."""
    ended: int
    """Young people whose transition has ended, and who are to be looked at again."""
    more: str
    """Their duties, and for how many they cover, in words."""
    where: str
    """The hospice, for who sees several."""

    @property
    def people(self) -> int:
        """How many young people they look after."""
        return self.open_cases + self.ended

    @property
    def words(self) -> str:
        """Their name and how much they look after."""
        due = "" if self.due_this_week is None else f", {self.due_this_week} due this week"
        return f"{self.name}: {self.open_cases} open{due}"


def people_said(number: int) -> str:
    """Return how many young people these are, in words."""
    return "1 young person" if number == 1 else f"{number} young people"


def colleagues() -> list[Colleague]:
    """Return the people of the reader's hospice, those who do not work there now first, by name.

    For an administrator they are everybody's.
    """
    hospices = {one.key: one.name for one in catalogue().collaborative.organisations}
    rows = roles_held(reading(), None if Role.ADMIN in me().roles else me().organisation)
    counts = _counts() if may(me().roles, Permission.REASSIGN_WORKER) else None
    found = []
    for organisation in dict.fromkeys(row.organisation for row in rows):
        held = holdings_in(reading(), organisation, today=today())
        here = [row for row in rows if row.organisation == organisation]
        where = hospices.get(organisation, catalogue().collaborative.name)
        shown = where if Role.ADMIN in me().roles else ""
        for uid in dict.fromkeys(row.staff_uid for row in here):
            own = [row for row in here if row.staff_uid == uid]
            found.append(_colleague(own, held.get(uid, ()), shown, counts))
    return sorted(found, key=lambda one: (one.where, one.active, one.name))


Counts = Mapping[str, Counter[bytes]]
"""How many cases each named worker has: open, due this week, and ended."""


def _counts() -> Counts:
    cases = cases_with_a_worker(reading(), asking())
    running = [one for one in cases if one.ending is None]
    due = [
        one
        for one in running
        if one.first_due_on is not None and (one.first_due_on - today()).days < WEEK
    ]
    ended = [one for one in cases if one.ending is not None]
    return {
        "open": Counter(one.named_worker_uid for one in running),
        "due": Counter(one.named_worker_uid for one in due),
        "ended": Counter(one.named_worker_uid for one in ended),
    }


def _colleague(
    own: list[StaffMembership], held: Iterable[Held], where: str, counts: Counts | None
) -> Colleague:
    staff, held = own[0].staff, list(held)
    people = [one for one in held if one.kind in {HeldKind.CASE, HeldKind.ADULT_WORKER}]
    left = all(one.state is MembershipState.LEFT for one in own)
    return Colleague(
        key=staff.uid.hex(),
        name=staff.name,
        active=any(one.value.grants_on(today()) for one in own),
        gone=left and not held,
        open_cases=counts["open"][staff.uid] if counts else len(people),
        due_this_week=counts["due"][staff.uid] if counts else None,
        ended=counts["ended"][staff.uid] if counts else 0,
        more=held_words([one for one in held if one not in people]),
        where=where,
    )
