"""Young people: the list, and the overview of one case with its milestones."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions import cases as actions
from transition.records.case_lists import list_of_cases
from transition.records.cases import Case, SeenCase
from transition.records.dues import CaseDues, dues_of_case
from transition.records.handovers import handovers_of
from transition.records.histories import stage_changes_of
from transition.records.ledger import LedgerRow, ledger_of
from transition.records.names import names_of
from transition.records.staff import staff_names
from transition.records.summaries import summary_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission, may, may_work
from transition.rules.errors import RuleBroken
from transition.rules.milestones import MilestoneLine
from transition.rules.pathway import Stage
from transition.rules.stages import NEXT
from transition.web.cases.forms import MoveOnForm
from transition.web.filters import age
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.work import asking, catalogue, me, my_case, my_work, note_seen, reading, today

cases = Blueprint("cases", __name__, url_prefix="/cases")


@cases.route("")
@requires(Permission.LIST_CASES)
def index() -> ResponseReturnValue:
    """Show the young people whose cases the reader may see, by what is due next."""
    rows = list_of_cases(reading(), asking())
    names = names_of(reading(), [row.case_uid for row in rows])
    rows.sort(key=lambda row: (row.next_due_on or date.max, names[row.case_uid].shown))
    note_seen("cases:listed", about=" ".join(row.reference for row in rows))
    return render_template(
        "cases/index.html",
        rows=rows,
        names=names,
        staff=staff_names(reading()),
        pathways=catalogue().pathways,
        organisations=catalogue().collaborative,
        ages={row.case_uid: age(row.born, today()) for row in rows},
        may_open=may(me().roles, Permission.OPEN_CASE),
    )


@dataclass(frozen=True)
class StageGroup:
    """The milestones of one stage, as the page shows them."""

    stage: Stage
    lines: tuple[MilestoneLine, ...]

    @property
    def to_do(self) -> int:
        """How many are still to be done."""
        return sum(line.outcome is None for line in self.lines)


@cases.route("/<reference>")
@requires(Permission.SEE_CASE)
def show(reference: str) -> ResponseReturnValue:
    """Show the overview of a case: the person first, then whose move it is, then the milestones."""
    return _overview(my_case(reference), MoveOnForm())


@cases.route("/<reference>/stage", methods=["POST"])
@requires(Permission.MOVE_STAGE)
def move_on(reference: str) -> ResponseReturnValue:
    """Move a case on to its next stage, if nothing is missing."""
    seen = my_case(reference)
    form = MoveOnForm()
    if not form.validate():
        return _overview(seen, form), 422
    try:
        with my_work() as work:
            case = actions.move_on(work, reference, why_early=form.why_early.data or "")
            words = f"{reference} has moved on to “{case.stage.label}”."
    except RuleBroken as refusal:
        form.refuse(refusal)
        seen = my_case(reference)
        return _overview(seen, form), 422
    say(words, "done")
    return redirect(url_for("cases.show", reference=reference))


@cases.route("/<reference>/milestones")
@requires(Permission.SEE_CASE)
def milestones(reference: str) -> ResponseReturnValue:
    """Show every milestone of a case, by stage, with why each is due when it is."""
    seen = my_case(reference)
    dues = _dues(seen)
    note_seen("case:viewed", case_ref=seen.case.reference, about="milestones")
    return render_template(
        "cases/milestones.html",
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        dues=dues,
        groups=_groups(dues),
        workable=_workable(seen),
        access=seen.access,
    )


def _overview(seen: SeenCase, form: MoveOnForm) -> str:
    case, dues = seen.case, _dues(seen)
    note_seen("case:viewed", case_ref=case.reference, about="overview")
    groups = _groups(dues)
    return render_template(
        "cases/show.html",
        form=form,
        case=case,
        person=young_person_of(reading(), case.young_person_uid),
        summary=summary_of(reading(), case.uid),
        dues=dues,
        groups=groups,
        stages=_stages(seen, dues),
        current=[group for group in groups if group.stage is case.stage],
        handovers=[
            one
            for one in handovers_of(reading(), case.uid)
            if seen.access is CaseAccess.FULL or one.receiver == me().organisation
        ],
        ledger_groups=_who_leads(case),
        staff=staff_names(reading()),
        organisations=catalogue().collaborative,
        workable=_workable(seen),
        access=seen.access,
        own=seen.access is CaseAccess.FULL,
        next_event=NEXT.get(case.stage),
        missing=_missing(seen, dues),
    )


def _who_leads(case: Case) -> list[tuple[tuple[str, date], list[LedgerRow]]]:
    """Return which service leads which functions today, those that began together in one group."""
    groups: dict[tuple[str, date], list[LedgerRow]] = {}
    for row in ledger_of(reading(), case.uid):
        if row.from_on <= today() and (row.to_on is None or today() < row.to_on):
            groups.setdefault((row.service, row.from_on), []).append(row)
    return list(groups.items())


def _dues(seen: SeenCase) -> CaseDues:
    dues = dues_of_case(reading(), seen.case.uid, asking())
    if dues is None:
        abort(404)
    return dues


def _groups(dues: CaseDues) -> list[StageGroup]:
    lines = dues.lines(asking())
    groups = [
        StageGroup(stage, tuple(one for one in lines if one.rule.stage is stage)) for stage in Stage
    ]
    return [group for group in groups if group.lines]


def _workable(seen: SeenCase) -> set[str]:
    """Return the milestones whose outcome the reader may record."""
    reader, case = me(), seen.case
    if case.ending is not None or not may(reader.roles, Permission.WORK_MILESTONE):
        return set()
    rules = catalogue().pathways[case.pathway_version].milestones
    return {rule.code for rule in rules if may_work(reader, rule.owner, seen.access, case.stage)}


def _missing(seen: SeenCase, dues: CaseDues) -> tuple[str, ...]:
    """Return a sentence for each thing that the next stage still waits for."""
    event = NEXT.get(seen.case.stage)
    return dues.missing_for(event, today()) if event is not None else ()


def _stages(seen: SeenCase, dues: CaseDues) -> list[tuple[str, str, str]]:
    """Return the seven stages with what stands below each, and which is now."""
    reached = {
        change.now: change.changed_at for change in stage_changes_of(reading(), seen.case.uid)
    }
    shown = []
    for stage in Stage:
        if stage is seen.case.stage:
            words = f"Now: {sum(one.rule.stage is stage for one in dues.open_standings)} to do"
            shown.append((stage.label, words, "now"))
        elif stage.number < seen.case.stage.number:
            shown.append((stage.label, "Done" if stage in reached else "Passed", "done"))
        else:
            shown.append((stage.label, "", ""))
    return shown
