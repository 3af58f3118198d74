"""What every page about a case shows around its own words: the tabs that lead to the others."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, request, url_for

from transition.records.cases import Case
from transition.rules.pathway import Stage

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

Tab = tuple[str, str, int | None, bool]
"""Its words, its address, a number beside them, and whether it is the one that is shown."""


def case_tabs(case: Case, numbers: Mapping[str, int] | None = None) -> list[Tab]:
    """Return the tabs of a case; *numbers* stand beside some of them, by the view."""
    settling = SETTLING if case.stage.number >= Stage.SETTLING.number else ()
    addresses = [
        (words, endpoint, url_for(endpoint, reference=case.reference, **more))
        for words, endpoint, more in (*PAGES[:2], *settling, *PAGES[2:])
    ]
    return [
        (words, address, (numbers or {}).get(endpoint), address == request.path)
        for words, endpoint, address in addresses
    ]


def add_surroundings(app: Flask) -> None:
    """Let templates draw what stands around every page of a case."""
    app.add_template_global(case_tabs)
