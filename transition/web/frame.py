"""What every page shows around its own words: who is signed in, where to go, what was just done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, flash, g, get_flashed_messages, request, url_for
from flask_login import current_user

from transition.clock import time_of_day, weekday_and_time
from transition.records.alerts import alerts_of
from transition.records.cases import SeenCase
from transition.rules.access import CaseAccess, Permission, may
from transition.rules.nhs_numbers import MissingReason
from transition.rules.people import Side
from transition.rules.stages import Ending
from transition.web.work import catalogue, me, now, reading, summary_seen, today

PLACES: Final = (
    ("Today", "home.today", Permission.SEE_TODAY),
    ("Young people", "cases.index", Permission.LIST_CASES),
    ("Handovers", "handovers.index", Permission.LIST_HANDOVERS),
    ("Upcoming", "upcoming.index", Permission.LIST_CASES),
    ("Capacity", "upcoming.capacity", Permission.SEE_CAPACITY),
    ("Audit", "trail.index", Permission.EXPORT_TRAIL),
    ("My digest", "digests.preview", Permission.PREVIEW_DIGEST),
    ("Settings", "people.settings", Permission.MANAGE_ACCOUNTS),
)
"""The main navigation, in order; each place is shown to those who may go there."""


@dataclass(frozen=True)
class Me:
    """Who is signed in, as the frame shows it."""

    name: str
    organisation_name: str
    role_label: str
    side: Side | None


def frame_pages(app: Flask) -> None:
    """Give every page what its frame shows."""

    @app.context_processor
    def _frame() -> dict[str, Any]:
        known = current_user.is_authenticated
        return {
            "me": _me() if known else None,
            "nav": _nav() if known else [],
            "above": _above() if known else None,
            "may_find": known and may(me().roles, Permission.LIST_CASES),
            "today": today(),
            "flashes": get_flashed_messages(),
            "demo": app.config["DEMO"],
            "banners": _banners,
            "open_until": _open_until,
            "signed_in_until": time_of_day(current_user.until) if known else "",
            "signed_in_for": int((current_user.until - now()).total_seconds()) if known else 0,
        }


def _banners() -> list[tuple[str, str]]:
    """Return what stands on every page of the case that this one is about: a lead, and words."""
    seen: SeenCase | None = g.get("seen_case")
    if seen is None or (seen.access < CaseAccess.PACK and seen.urgent is None):
        return []
    summary = summary_seen(seen)
    found = [("Do not tell:", summary.sharing_limits)]
    shared = seen.access >= CaseAccess.SHARED or seen.urgent is not None
    if seen.case.ending is not Ending.DIED and shared:
        found.append(("How to talk with them:", summary.how_i_communicate))
        missing = seen.case.nhs_number_index is None and seen.access is CaseAccess.FULL
        reason = seen.case.nhs_number_missing_reason if missing else None
        found += _alerts(seen)
        found.append(
            ("No NHS number:", f"{MissingReason(reason).label}. Trace it" if reason else None)
        )
    return [(lead, words) for lead, words in found if words]


def _open_until() -> str:
    """Return until when the case of this page is open in an emergency; empty if it is not."""
    seen: SeenCase | None = g.get("seen_case")
    urgent = seen.urgent if seen is not None else None
    return weekday_and_time(urgent.until) if urgent is not None else ""


def _alerts(seen: SeenCase) -> list[tuple[str, str | None]]:
    """Return the alerts that colleagues have set; one to look at again says so."""
    return [
        ("Alert to look at again:" if one.review_on <= today() else "Alert:", one.words)
        for one in alerts_of(reading(), seen.case.uid)
    ]


def say(words: str, kind: str, *, undo: Mapping[str, object] | None = None) -> None:
    """Say *words* on the next page; *kind* is ``done``, ``quiet`` or ``problem``."""
    # Flask keeps whatever JSON can hold, though it names words only.
    flash({"words": words, "kind": kind, "undo": undo})  # type: ignore[arg-type]


def _me() -> Me:
    actor = me()
    organisations = {one.key: one.name for one in catalogue().collaborative.organisations}
    return Me(
        name=actor.name,
        organisation_name=organisations.get(actor.organisation, catalogue().collaborative.name),
        role_label=" and ".join(sorted(role.label for role in actor.roles)),
        side=actor.side,
    )


def _above() -> tuple[str, str]:
    """Return what lies above the pages of an organisation, for this reader."""
    if may(me().roles, Permission.MANAGE_ACCOUNTS):
        return url_for("people.settings"), "Settings"
    return url_for("home.today"), "Today"


def _nav() -> list[tuple[str, str, int, bool]]:
    area = (request.endpoint or "").partition(".")[0]
    if request.path.startswith("/settings"):
        area = "people"
    if "seen_case" in g and area not in {endpoint.partition(".")[0] for _, endpoint, _ in PLACES}:
        area = "cases"  # what is read about a young person belongs to them
    return [
        (words, url_for(endpoint), 0, endpoint.partition(".")[0] == area)
        for words, endpoint, permission in PLACES
        if may(me().roles, permission)
    ]
