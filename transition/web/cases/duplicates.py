"""Somebody who may be here already, beside who was typed. Only one's own hospice is looked at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from transition.records.case_lists import ListedCase, list_of_cases, seen_by_number
from transition.records.young_people import YoungPerson, people_of
from transition.rules.access import CaseAccess
from transition.rules.duplicates import Identity, might_be_born, might_be_same
from transition.web.work import asking, reading


@dataclass(frozen=True)
class Likeness:
    """One case that may be about the same person, and in what the two differ."""

    reference: str
    person: YoungPerson
    born: date

    def differs(self, new: Identity) -> set[str]:
        """Return the names of the fields in which they differ."""
        names = [one.name for one in fields(Identity)]
        return {name for name in names if getattr(new, name) != getattr(self.identity, name)}

    @property
    def identity(self) -> Identity:
        """Who they are, to be compared."""
        return Identity(
            given_name=self.person.given_name,
            family_name=self.person.family_name,
            known_as=self.person.known_as,
            date_of_birth=self.born,
            nhs_number=self.person.nhs_number,
        )


def typed_identity(typed: Mapping[str, Any]) -> Identity:
    """Return who was typed in the first step."""
    return Identity(
        given_name=typed["given_name"],
        family_name=typed["family_name"],
        known_as=typed["known_as"] or None,
        date_of_birth=date.fromisoformat(typed["date_of_birth"]),
        nhs_number=typed["nhs_number"],
    )


def alike(new: Identity, *, but: Collection[str] = ()) -> list[Likeness]:
    """Return the open cases of the reader's hospice that may be about the same person.

    Few are opened: only whose birth date may be the same.
    """
    near = [
        one
        for one in list_of_cases(reading(), asking())
        if one.access is CaseAccess.FULL
        and one.reference not in but
        and might_be_born(new.date_of_birth, one.born)
    ]
    people = people_of(reading(), [one.case_uid for one in near])
    found = [Likeness(one.reference, people[one.case_uid], one.born) for one in near]
    return [one for one in found if might_be_same(new, one.identity)]


def own_case_with(nhs_number: str) -> ListedCase | None:
    """Return the open case of the reader's hospice that has this NHS number, if there is one."""
    one = seen_by_number(reading(), asking(), nhs_number)
    return one if one is not None and one.access is CaseAccess.FULL and not one.ending else None
