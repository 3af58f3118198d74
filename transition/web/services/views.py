"""The services map: what is settled, what is not, and what nobody has said yet."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.services import SaidOfService, record_needed, record_service
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.services import MappedService, facts_of, services_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.errors import RuleBroken
from transition.rules.guards import missing_for_transfer
from transition.rules.services import Needed, ServiceKey, ServiceStatus, still_unknown, unsettled
from transition.web.filters import day
from transition.web.forms import Form, code_of
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.services.forms import AllServicesForm, ServiceForm
from transition.web.versions import Standing, editing
from transition.web.work import my_case, my_running_case, note_seen, reading

services = Blueprint("services", __name__, url_prefix="/cases/<reference>/services")

NEW: Final = "new"
"""The version of a service of which nothing is recorded yet."""

TEXTS: Final = (
    "childrens_provider",
    "childrens_contact",
    "adult_counterpart",
    "adult_contact",
    "gap_note",
)
DAYS: Final = ("referred_on", "expected_start", "escalate_on")


@services.route("")
@requires(Permission.SEE_CASE)
def index(reference: str) -> ResponseReturnValue:
    """Show every service of a case: those that are needed first, then what is not known."""
    seen = my_running_case(reference)
    rows = services_of(reading(), seen.case.uid)
    facts = facts_of(rows.values())
    needed = [row for row in rows.values() if row.needed is Needed.YES]
    return _page(
        "index",
        seen,
        needed=needed,
        open_count=unsettled(facts),
        not_needed=[row.service_key for row in rows.values() if row.needed is Needed.NO],
        unknown=_unknown(rows),
        missing=missing_for_transfer(still_unknown(facts)),
        may_edit=seen.access is CaseAccess.FULL and seen.case.ending is None,
        statuses=ServiceStatus,
    )


@services.route("/all", methods=["GET", "POST"])
@requires(Permission.MAP_SERVICES)
def ask(reference: str) -> ResponseReturnValue:
    """Ask of all services at once whether they are needed."""
    seen = my_running_case(reference)
    rows = services_of(reading(), seen.case.uid)
    known = {key.value: row.needed.value for key, row in rows.items()}
    form = AllServicesForm(
        version=_version_of_all(rows.values()),
        **{key.value: known.get(key.value, Needed.UNKNOWN.value) for key in ServiceKey},
    )
    if not form.validate_on_submit():
        return _page("ask", seen, form)
    answers = {key: Needed(form[key.value].data) for key in ServiceKey}
    try:
        with editing(form, reference, lambda: _standing_of_all(my_case(reference))) as work:
            new = record_needed(work, reference, answers)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page("ask", seen, form)
    say(f"{new} answer{'' if new == 1 else 's'} saved.", "done")
    return redirect(url_for("services.index", reference=reference))


@services.route("/<code>", methods=["GET", "POST"])
@requires(Permission.MAP_SERVICES)
def edit(reference: str, code: str) -> ResponseReturnValue:
    """Ask what is known of one service."""
    seen = my_running_case(reference)
    if code not in set(ServiceKey):
        abort(404)
    key = ServiceKey(code)
    row = services_of(reading(), seen.case.uid).get(key)
    form = ServiceForm(version=_version(row), **_recorded(row))
    if not form.validate_on_submit():
        return _page("edit", seen, form, key=key)
    try:
        with editing(form, reference, lambda: _standing(my_case(reference), key)) as work:
            record_service(work, reference, key, _said(form))
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _page("edit", seen, form, key=key)
    say(f"{key.label}: saved.", "done")
    return redirect(url_for("services.index", reference=reference))


def _page(name: str, seen: SeenCase, form: Form | None = None, **more: Any) -> ResponseReturnValue:  # noqa: ANN401 - whatever the page says
    note_seen("case:viewed", case_ref=seen.case.reference, about="services")
    page = render_template(
        f"services/{name}.html",
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
        **more,
        **({"form": form} if form is not None else {}),
    )
    return page, 422 if form is not None and form.errors else 200


def _unknown(rows: Mapping[ServiceKey, MappedService]) -> list[ServiceKey]:
    return [key for key in ServiceKey if key not in rows or rows[key].needed is Needed.UNKNOWN]


def _said(form: ServiceForm) -> SaidOfService:
    texts = {name: form[name].data or None for name in TEXTS}
    days = {name: form[name].data for name in DAYS}
    return SaidOfService(
        needed=Needed(form.needed.data),
        status=code_of(ServiceStatus, form.status.data),
        **texts,
        **days,
    )


def _recorded(row: MappedService | None) -> dict[str, Any]:
    """Return what stands in the boxes of a form that nobody has touched."""
    if row is None:
        return {}
    words = {name: getattr(row, name) for name in (*TEXTS, *DAYS)}
    return words | {"needed": row.needed.value, "status": row.status.value}


def _version(row: MappedService | None) -> str:
    return str(row.version) if row is not None else NEW


def _standing(seen: SeenCase, key: ServiceKey) -> Standing:
    """Return how a service stands, for whoever comes second."""
    row = services_of(reading(), seen.case.uid).get(key)
    if row is None:
        return Standing(version=NEW, words=())
    words = (
        ("Needed", row.needed.label),
        ("Now", row.childrens_provider or "Not known"),
        ("In adult life", row.adult_counterpart or "Not known"),
        ("Status", row.status.label),
        ("Expected to start", day(row.expected_start)),
        ("Gap", row.gap_note or "None told"),
    )
    return Standing(version=_version(row), words=words, by_uid=row.set_by_uid, at=row.set_at)


def _version_of_all(rows: Collection[MappedService]) -> str:
    """Return what moves with every change of any service: versions only ever rise."""
    return f"{len(rows)}-{sum(row.version for row in rows)}"


def _standing_of_all(seen: SeenCase) -> Standing:
    rows = services_of(reading(), seen.case.uid)
    last = max(rows.values(), key=lambda row: row.set_at, default=None)
    return Standing(
        version=_version_of_all(rows.values()),
        words=tuple((key.label, row.needed.label) for key, row in rows.items()),
        by_uid=last.set_by_uid if last else None,
        at=last.set_at if last else None,
    )
