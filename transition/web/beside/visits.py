"""Joint visits: planned by either hospice, held, moved or called off."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField
from wtforms.validators import Optional

from transition.actions import beside as actions
from transition.actions.beside import NewVisit, VisitReport
from transition.records.cases import SeenCase
from transition.records.milestones import outcomes_of
from transition.records.visits import JointVisit
from transition.rules.access import Permission
from transition.rules.beside import VisitOutcome, VisitPlace, VisitState
from transition.rules.milestones import Confirmed, settles
from transition.web.beside.views import (
    Entry,
    Listing,
    beside,
    entries,
    entry,
    form_page,
    listing,
    stands,
    written_by,
)
from transition.web.filters import day
from transition.web.forms import (
    NOT_OFFERED,
    DateParts,
    Line,
    Lines,
    OneOf,
    VersionedForm,
    choices,
    code_of,
    needed,
)
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import saved
from transition.web.work import catalogue, may_work_on, my_running_case, reading

COMPLETES = ("MV-01", "MV-02")
"""The milestones that a joint visit may complete."""


class VisitForm(VersionedForm):
    """When and where, and who goes."""

    sent_to = "beside.new_visit"

    visit_on = DateParts("When is it?", needed("Enter the date of the visit"))
    at_time = Line("At what time?", most=20, hint="If it is agreed, like 2pm")
    place = OneOf("Where?", [needed("Say where the visit is")], choices=choices(VisitPlace))
    who_goes = Lines("Who goes?", most=300, hint="From each hospice, and who else is there")
    purpose = Lines("What is it for?", most=300)


class ReportForm(VersionedForm):
    """What became of it."""

    sent_to = "beside.report_visit"

    outcome = OneOf(
        "What became of it?",
        [needed("Say what became of the visit")],
        choices=choices(VisitOutcome),
    )
    moved_to = DateParts("If it moves: to which day?")
    words = Lines("What was agreed, or why it did not happen", hint="If it helps", most=1000)
    completes = SelectMultipleField(
        "If it was held: what does it complete?", invalid_choice_message=NOT_OFFERED
    )
    confirmed = OneOf(
        "Does the young person or family confirm that?", [Optional()], choices=choices(Confirmed)
    )

    def __init__(self, completes: dict[str, str], **words: object) -> None:
        super().__init__(**words)
        self.completes.choices = choices(completes)
        if not completes:
            del self.completes, self.confirmed

    @property
    def report(self) -> VisitReport:
        """What the form says, once it is whole."""
        asked = "completes" in self
        return VisitReport(
            outcome=VisitOutcome(self.outcome.data),
            words=self.words.data or None,
            moved_to=self.moved_to.data,
            completes=tuple(self.completes.data or ()) if asked else (),
            confirmed=code_of(Confirmed, self.confirmed.data) if asked else None,
        )


@beside.route("/visits")
@requires(Permission.SEE_CASE)
def visits(reference: str) -> ResponseReturnValue:
    """Show the joint visits, newest first."""
    seen = my_running_case(reference)
    return listing(
        seen,
        Listing(
            heading="Joint visits",
            about="visits",
            empty="No joint visit is planned yet.",
            lines=[visit_line(seen, one) for one in entries(seen, JointVisit)],
            add=("Plan a visit", url_for("beside.new_visit", reference=reference)),
            hint="Both hospices see these, plan them and say what became of them.",
        ),
    )


def visit_line(seen: SeenCase, visit: JointVisit) -> Entry:
    """Return a visit as a line."""
    at = f", {visit.at_time}" if visit.at_time else ""
    address = url_for("beside.report_visit", reference=seen.case.reference, number=visit.number)
    told = (("", visit.who_goes), ("For: ", visit.purpose), ("Afterwards: ", visit.outcome))
    return Entry(
        title=f"{day(visit.visit_on)}{at}, {visit.place.label[0].lower()}{visit.place.label[1:]}",
        key=f"visit-{visit.number}",
        words=[f"{lead}{words}" for lead, words in told if words],
        by=written_by(visit),
        pills=[visit.state.label],
        links=[("Say what became of it", address)] if visit.state is VisitState.PLANNED else [],
    )


@beside.route("/visits/new", methods=["GET", "POST"])
@requires(Permission.WRITE_CASE)
def new_visit(reference: str) -> ResponseReturnValue:
    """Ask when and where, and plan the visit."""
    seen = my_running_case(reference)
    form = VisitForm()
    if form.validate_on_submit() and saved(
        form, reference, lambda work: actions.plan_visit(work, reference, _new(form))
    ):
        say(f"The visit on {day(form.visit_on.data)} is planned ({reference}).", "done")
        return redirect(url_for("beside.visits", reference=reference))
    return form_page(seen, form, "Plan a joint visit", "Save visit", back=_to_visits(reference))


def _new(form: VisitForm) -> NewVisit:
    return NewVisit(
        place=VisitPlace(form.place.data),
        visit_on=form.visit_on.data,
        at_time=form.at_time.data or None,
        who_goes=form.who_goes.data or None,
        purpose=form.purpose.data or None,
    )


@beside.route("/visits/<int:number>", methods=["GET", "POST"])
@requires(Permission.WRITE_CASE)
def report_visit(reference: str, number: int) -> ResponseReturnValue:
    """Ask what became of a planned visit, and what it completes."""
    seen = my_running_case(reference)
    visit = entry(seen, JointVisit, number)
    form = ReportForm(_completable(seen), version=str(visit.version))
    standing = stands(seen, JointVisit, number, lambda one: visit_line(seen, one))
    kept = (
        saved(
            form,
            reference,
            lambda work: actions.record_visit(work, reference, number, form.report),
            standing,
        )
        if _whole(form)
        else None
    )
    if kept is not None:
        say(f"The visit is recorded ({reference}).", "done")
        return redirect(url_for("beside.visits", reference=reference))
    heading = f"The visit on {day(visit.visit_on)}"
    return form_page(seen, form, heading, "Save", back=_to_visits(reference))


def _whole(form: ReportForm) -> bool:
    """Return whether a report is whole; what is missing stands beside its field."""
    if not form.validate_on_submit():
        return False
    rules = catalogue().pathway.by_code
    asked = form.report.completes
    if any(rules[code].confirmed for code in asked) and form.report.confirmed is None:
        form.confirmed.errors = ["Say whether the young person or family confirms it"]
        return False
    return True


def _completable(seen: SeenCase) -> dict[str, str]:
    """Return the milestones that a visit completes and the reader may record, with their titles."""
    rules = catalogue().pathways[seen.case.pathway_version].by_code
    outcomes = outcomes_of(reading(), seen.case.uid)
    found = {}
    for code in COMPLETES:
        rule, row = rules.get(code), outcomes.get(code)
        if rule is None or (row is not None and settles(rule, row.value)):
            continue
        if may_work_on(seen, rule.owner):
            found[code] = rule.title
    return found


def _to_visits(reference: str) -> tuple[str, str]:
    return "Visits", url_for("beside.visits", reference=reference)
