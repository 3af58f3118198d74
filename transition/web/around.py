"""What every page about a case shows around its own words: the tabs that lead to the others."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, request, url_for

from transition.records.cases import Case

PAGES: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
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

Tab = tuple[str, str, int | None, bool]
"""Its words, its address, a number beside them, and whether it is the one that is shown."""


def case_tabs(case: Case, numbers: Mapping[str, int] | None = None) -> list[Tab]:
    """Return the tabs of a case; *numbers* stand beside some of them, by the view."""
    addresses = [
        (words, endpoint, url_for(endpoint, reference=case.reference, **more))
        for words, endpoint, more in PAGES
    ]
    return [
        (words, address, (numbers or {}).get(endpoint), address == request.path)
        for words, endpoint, address in addresses
    ]


def add_surroundings(app: Flask) -> None:
    """Let templates draw what stands around every page of a case."""
    app.add_template_global(case_tabs)
