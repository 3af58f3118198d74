"""The emergency page: short, for a phone, and open even while the trail cannot be written."""

from collections.abc import Iterator

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from transition.actions.emergency import note_opening
from transition.actions.packs import leading_today
from transition.records.anchors import anchors_of
from transition.records.beside import rows_beside
from transition.records.cases import SeenCase
from transition.records.documents import CaseDocument
from transition.records.record_sections import listed_in, values_of
from transition.records.young_people import YoungPerson, young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.record import Section, first_to_call, kept_from_receivers
from transition.rules.record_sections import CARE_PLAN, CONTACTS
from transition.rules.urgent_access import Part
from transition.web.filters import day
from transition.web.guard import requires
from transition.web.work import catalogue, looking, me, my_running_case, occasion, reading

emergency = Blueprint("emergency", __name__, url_prefix="/cases")

ORIGINALS = {"acp_location": CARE_PLAN.title, "emergency_plan_location": "Emergency plan"}
"""The questions of the record that say where an original is, and what that is."""


@emergency.route("/<reference>/emergency")
@requires(Permission.SEE_CASE)
def show(reference: str) -> ResponseReturnValue:
    """Show whom to ring, who leads tonight and where the originals are.

    That it is opened is written down before it leaves, and if the trail fails in a second file.
    """
    seen = my_running_case(reference, urgently=Part.EMERGENCY)
    in_trail = note_opening(reading(), occasion(), catalogue(), seen.case.reference, seen.urgent)
    if not in_trail:
        current_app.logger.error("the trail is closed: opened %s in an emergency", reference)
    seen = my_running_case(reference, urgently=Part.EMERGENCY)
    person = young_person_of(reading(), seen.case.young_person_uid)
    return render_template(
        "emergency/show.html",
        case=seen.case,
        person=person,
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
        people=_people(seen, person),
        lines=list(_lines(seen)),
        originals=list(_originals(seen, person)),
        in_trail=in_trail,
        seen=seen,
    )


def _hidden(seen: SeenCase, person: YoungPerson, section: Section) -> frozenset[str]:
    """Return the questions of a section whose answers this reader does not read."""
    if seen.access is CaseAccess.FULL:
        return frozenset()
    if not section.receiver:
        return frozenset(one.name for one in section.fields)
    return kept_from_receivers(section, confidential=person.address_is_kept)


def _people(seen: SeenCase, person: YoungPerson) -> list[tuple[str, str, str]]:
    """Return whom to ring, in order: who, what they are, and the number, as far as it is shared."""
    hidden, shown = _hidden(seen, person, CONTACTS), []
    for one in first_to_call(listed_in(reading(), seen.case.uid, CONTACTS)):
        said = {name: str(value) for name, value in one.items() if value and name not in hidden}
        numbers = [said[name] for name in ("phone", "other_phone") if name in said]
        notes = [said[name] for name in ("relationship", "best_time") if name in said]
        shown += [(said.get("name", ""), ". ".join(notes), number) for number in numbers or [""]]
    own = [(person.called, "", person.phone)] if person.phone and "phone" not in hidden else []
    return [*own, *shown]


def _lines(seen: SeenCase) -> Iterator[tuple[str, str, str]]:
    """Yield who leads what tonight, with the number at any hour."""
    collaborative = catalogue().collaborative
    led: dict[str, list[str]] = {}
    for function, code in leading_today(looking(), seen.case):
        led.setdefault(code, []).append(function.label)
    for code, functions in led.items():
        name, number = collaborative.service(code).name, collaborative.advice_line(code)
        yield name, ", ".join(functions), number


def _originals(seen: SeenCase, person: YoungPerson) -> Iterator[tuple[str, str]]:
    """Yield where the original of each plan is."""
    kept, hidden = values_of(reading(), seen.case, CARE_PLAN), _hidden(seen, person, CARE_PLAN)
    for name, title in ORIGINALS.items():
        if kept[name] and name not in hidden:
            yield title, str(kept[name])
    rows = rows_beside(reading(), CaseDocument, seen.case.uid, reader=me().organisation)
    for one in rows:
        if one.removed_at is None:
            dated = f"dated {day(one.dated)}" if one.dated else ""
            where = one.place or one.link or "Not said where"
            yield one.title, ", ".join(filter(None, (where, dated)))
