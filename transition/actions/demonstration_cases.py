"""What the file tells of an invented case, with its days reckoned from the day of loading."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from transition.actions.cases import NewCase
from transition.clock import LONDON
from transition.rules.calendar import add_months, add_working_days
from transition.rules.guards import planning_from
from transition.rules.pathway import Circumstance, Stage
from transition.rules.stages import Ending

NURSE: Final = "nurse@naomi.example"
"""The address of the first transition nurse."""

LEAD: Final = "lead@naomi.example"
"""The address of the children's lead."""

SIBLINGS: Final = {"demo-15": "demo-14"}
"""Who is whose brother or sister."""

REACHED: Final = tuple(stage.value for stage in Stage)
"""The stages in the order in which a case comes through them."""

LANGUAGES: Final = {"demo-03": "Spanish", "demo-17": "Polish"}
"""The first language of those whose family needs an interpreter."""

ASKED_BEFORE: Final = {"demo-16": "rowans"}
"""Whom somebody was proposed to before they moved; it was withdrawn."""

PROPOSED: Final = {"proposed": 6, "acknowledged": 0, "queried": 8, "declined": 9}
"""Working days since the proposal, by the state of the handover."""


@dataclass
class Told:
    """One invented case as the file tells it, with the days reckoned from the day of loading."""

    words: Mapping[str, Any]
    today: date
    now: datetime
    reference: str = ""

    @property
    def born(self) -> date:
        """The date of birth: told, or so that the age is right on the day of loading."""
        if "born" in self.words:
            return date.fromisoformat(self.words["born"])
        years, months = self.words["age"]
        return add_months(self.today, -(12 * years + months))

    @property
    def opened_on(self) -> date:
        """The day on which the case was opened."""
        return self.today - timedelta(days=self.words["opened_days_ago"])

    @property
    def target_on(self) -> date | None:
        """The target transfer date."""
        days = self.words["transfer"]
        return None if days is None else self.today + timedelta(days=days)

    @property
    def stage(self) -> str:
        """The stage it is loaded at."""
        return str(self.words["stage"])

    @property
    def accepted(self) -> bool:
        """Whether its handover was accepted."""
        return self.came_to(Stage.MOVING)

    @property
    def proposed(self) -> bool:
        """Whether a handover was proposed to a hospice that has a sign-in."""
        came_so_far = self.came_to(Stage.HANDOVER)
        declined = bool(self.words["handover"] == "declined")
        return (came_so_far or declined) and bool(self.words["receiver"] != "external")

    @property
    def asked_before(self) -> str | None:
        """The receiver of an earlier handover, which was withdrawn."""
        return ASKED_BEFORE.get(self.words["k"])

    @property
    def ending(self) -> Ending | None:
        """How it ended, if it has."""
        kind, _, code = self.words.get("overlay", "").partition(":")
        return Ending(code) if kind == "exit" else None

    @property
    def nurse(self) -> str:
        """The address of the named worker."""
        return NURSE if self.words["k"] <= "demo-12" else "nurse2@naomi.example"

    @property
    def under_16(self) -> bool:
        """Whether it was opened before the sixteenth birthday."""
        return self.born > add_months(self.opened_on, -16 * 12)

    def came_to(self, stage: Stage) -> bool:
        """Return whether it has come to a stage, or past it."""
        return REACHED.index(self.stage) >= REACHED.index(stage.value)

    def at(self, day: date, hour: int = 9, minute: int = 0) -> datetime:
        """Return an instant on *day*, never after the moment of loading."""
        return min(datetime.combine(day, time(hour, minute), LONDON), self.now)


def days_of(told: Told, holidays: frozenset[date]) -> dict[str, date]:
    """Return on which day each thing happened."""
    today, opened_on = told.today, told.opened_on
    ago = PROPOSED.get(told.words["handover"] or "", 30)
    proposed = add_working_days(today, -ago, holidays)
    signed = today
    if told.accepted and told.target_on is not None:
        proposed = min(today - timedelta(days=30), add_months(told.target_on, -7))
        signed = told.target_on - timedelta(days=7)
    if told.asked_before:
        proposed = add_working_days(today, -1, holidays)
    first = proposed - timedelta(days=9) if told.asked_before else proposed
    preparing = opened_on + timedelta(days=min(30, told.words["opened_days_ago"] // 2))
    planning = max(preparing + timedelta(days=60), planning_from(told.born) + timedelta(days=7))
    ended = today - timedelta(days={"died": 11, "no_longer_needed": 30}.get(told.ending or "", 6))
    return {
        "preparing": preparing,
        "planning": min(planning, first - timedelta(days=1), today - timedelta(days=1)),
        "first_proposed": first,
        "proposed": proposed,
        "accepted": proposed + timedelta(days=8),
        "signed": signed,
        "caught_up": max(opened_on, today - timedelta(days=1)) if told.ending is None else ended,
        "ended": ended,
    }


def new_case(told: Told) -> NewCase:
    """Return what a nurse would have said when the case was opened."""
    words = told.words
    given_name, _, family_name = words["name"].partition(" ")
    at_house = words["site"] == "naomi" or told.under_16
    circumstances = {one for one in Circumstance if one.asked}
    if not at_house:
        circumstances.discard(Circumstance.CHILDRENS_HOUSE)
    language = LANGUAGES.get(words["k"])
    return NewCase(
        given_name=given_name,
        family_name=family_name,
        known_as=words["known_as"],
        pronouns=None,
        date_of_birth=told.born,
        nhs_number=words["nhs"],
        nhs_number_missing_reason=words.get("nhs_reason"),
        first_language=language or "English",
        interpreter_needed="yes" if language else "no",
        primary_condition=words["condition"],
        condition_group=words["group"],
        allergies="None known",
        how_i_communicate=f"Speak to {words['known_as']} first, and allow time for a reply.",
        about_me="I want my own say. Ask me, not over my head.",
        service="naomi_house" if at_house else "jacksplace",
        catchment_key=words["area"],
        circumstances=frozenset(circumstances),
    )
