"""What every page about a case shows around its own words: its tabs, and who is not meant."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Flask, g, request, url_for

from transition.records.case_lists import ListedCase, everybody_seen
from transition.records.cases import Case, SeenCase
from transition.records.change_numbers import while_unchanged
from transition.records.linked_cases import linked_cases_of
from transition.records.names import Name, named_alike, names_of
from transition.rules.access import CaseAccess
from transition.rules.names import share_a_name
from transition.rules.pathway import Stage
from transition.rules.stages import Ending
from transition.rules.urgent_access import Part, parts_shown
from transition.web.work import asking, me, reading

Page = tuple[str, str, dict[str, Any]]
"""Its words, its view, and what the address says besides the reference."""

PAGES: Final[tuple[Page, ...]] = (
    ("Overview", "cases.show", {}),
    ("Milestones", "cases.milestones", {}),
    ("Record", "record.summary", {}),
    ("Contacts", "record.section", {"section": "contacts"}),
    ("Services", "services.index", {}),
    ("Notes", "beside.notes", {}),
    ("Visits", "beside.visits", {}),
    ("Documents", "beside.documents", {}),
    ("Alerts", "beside.alerts", {}),
    ("History", "beside.history", {}),
)
"""The pages about one case, in order, as its tabs name them."""

SETTLING: Final[tuple[Page, ...]] = (("Settling in", "settling.index", {}),)
"""What there is besides from the transfer on."""

URGENT_PAGES: Final[tuple[tuple[Part, Page], ...]] = (
    (Part.EMERGENCY, ("Emergency page", "emergency.show", {})),
    (Part.RECORD, ("Record", "record.summary", {})),
    (Part.RECORD, ("Contacts", "record.section", {"section": "contacts"})),
)
"""The pages of what somebody opened in an emergency, and which part of it each is."""

NOTHING_TO_DO: Final = {Ending.DIED, Ending.ENTERED_IN_ERROR}
"""After these nothing is done about somebody, and nobody is named beside them."""

Tab = tuple[str, str, int | None, bool]
"""Its words, its address, a number beside them, and whether it is the one that is shown."""


def case_tabs(case: Case, numbers: Mapping[str, int] | None = None) -> list[Tab]:
    """Return the tabs of a case; *numbers* stand beside some of them, by the view.

    Of what is open in an emergency they are the few pages that are shown then.
    """
    settling = SETTLING if case.stage.number >= Stage.SETTLING.number else ()
    pages = (*PAGES[:2], *settling, *PAGES[2:])
    seen: SeenCase | None = g.get("seen_case")
    if seen is not None and seen.urgent is not None:
        parts = parts_shown(case.sharing_basis)
        pages = tuple(page for part, page in URGENT_PAGES if part in parts)
    addresses = [
        (words, endpoint, url_for(endpoint, reference=case.reference, **more))
        for words, endpoint, more in pages
    ]
    return [
        (words, address, (numbers or {}).get(endpoint), _is_here(address))
        for words, endpoint, address in addresses
    ]


def _is_here(address: str) -> bool:
    """Return whether this page is at *address*, or is a section of the record that lies there."""
    record = address.endswith("/record/summary")
    return request.path == address or (
        record and request.path.startswith(address.removesuffix("summary"))
    )


LookAlikes = tuple[Sequence[tuple[Name, ListedCase, bool]], Sequence[tuple[ListedCase, Name]]]
"""Brothers and sisters, and whether a name is the same; others who have a similar name."""


def not_the_same() -> LookAlikes:
    """Return who may be taken for the young person whom this page is about.

    It warns wherever something is done about somebody. Source: hazard H5 of the hazard log.
    """
    seen: SeenCase | None = g.get("seen_case")
    if seen is None or seen.access < CaseAccess.SHARED or seen.case.ending in NOTHING_TO_DO:
        return (), ()
    uid, reader = seen.case.uid, me()
    key = ("not the same", reader, uid)
    return while_unchanged(reading(), reader.organisation, key, lambda: _not_the_same(uid))


def _not_the_same(uid: bytes) -> LookAlikes:
    seen = {one.case_uid: one for one in everybody_seen(reading(), asking())}
    linked = [one.uid for one in linked_cases_of(reading(), uid) if one.uid in seen]
    names = names_of(reading(), me(), [uid, *linked])
    siblings = [
        (names[one], seen[one], share_a_name(names[uid].full, names[one].full)) for one in linked
    ]
    return siblings, named_alike(reading(), asking(), uid)


def add_surroundings(app: Flask) -> None:
    """Let templates draw what stands around every page of a case."""
    app.add_template_global(case_tabs)
    app.add_template_global(not_the_same)
