"""The overview of one case, and its milestones."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions import cases as actions
from transition.clock import local_day
from transition.records.beside import rows_beside
from transition.records.cases import Case, SeenCase
from transition.records.change_numbers import while_unchanged
from transition.records.closings import closing_of
from transition.records.conditions import Condition, conditions_of
from transition.records.dues import CaseDues, dues_of_case
from transition.records.entries import entries_of
from transition.records.handovers import Handover, handovers_of
from transition.records.histories import open_pause_of, stage_changes_of
from transition.records.ledger import LedgerRow, ledger_of
from transition.records.legal_roles import LegalRole
from transition.records.milestones import outcomes_of
from transition.records.notes import CaseNote
from transition.records.questions import new_questions
from transition.records.record_sections import listed_in
from transition.records.staff import staff_names
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission, may
from transition.rules.calendar import birthday
from transition.rules.early_notices import BEFORE
from transition.rules.errors import RuleBroken
from transition.rules.handovers import AGREED
from transition.rules.ledger import Position, switch
from transition.rules.milestones import MilestoneLine, catching_up
from transition.rules.pathway import Stage
from transition.rules.pauses import PauseReason
from transition.rules.record import LEGAL_AUTHORITY, first_to_call, lacks_authority
from transition.rules.record_sections import CONTACTS
from transition.rules.stages import ASKS_SUPPORT, NEXT, Ending, StageEvent, take_event
from transition.rules.urgent_access import Part
from transition.web.cases.forms import MoveOnForm
from transition.web.filters import day, receiver_of, sign
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.titles import with_titles
from transition.web.turns import turn_of
from transition.web.versions import editing, stage_standing
from transition.web.work import (
    asking,
    catalogue,
    may_work_on,
    me,
    my_case,
    my_running_case,
    note_seen,
    reading,
    summary_seen,
    today,
)

SETTLED = {"done": "done", "not_needed": "not needed"}
"""The signs of what is no longer to do, and what is said of it."""
LATEST_NOTES = 3
"""How many notes stand on the overview."""

cases = Blueprint("cases", __name__, url_prefix="/cases")


@dataclass(frozen=True)
class StageGroup:
    """The milestones of one stage, as the page shows them."""

    stage: Stage
    lines: tuple[MilestoneLine, ...]

    @property
    def to_do(self) -> int:
        """How many are still to be done."""
        return sum(sign(line) not in SETTLED for line in self.lines)

    @property
    def said(self) -> str:
        """How many are done, to do and not needed, as people say it."""
        signs = [sign(line) for line in self.lines]
        settled = {words: signs.count(one) for one, words in SETTLED.items()}
        many = {"done": settled["done"], "to do": self.to_do, "not needed": settled["not needed"]}
        return ", ".join(f"{number} {words}" for words, number in many.items() if number)


@cases.route("/<reference>")
@requires(Permission.SEE_CASE)
def show(reference: str) -> ResponseReturnValue:
    """Show the overview of a case: the person first, then whose move it is, then the milestones."""
    seen = my_case(reference, at_least=CaseAccess.STUB, urgently=Part.EMERGENCY)
    if seen.urgent is not None:
        return redirect(url_for("emergency.show", reference=reference))
    if seen.case.ending is Ending.DIED and seen.access >= CaseAccess.PACK:
        return redirect(url_for("cases.record", reference=reference))
    if seen.access < CaseAccess.SHARED:
        return redirect(_own_handover(seen))
    return _overview(seen, MoveOnForm(version=seen.case.stage.value))


def _own_handover(seen: SeenCase) -> str:
    """Return where a receiver reads on: of a case that is not shared there is its handover only."""
    handovers = handovers_of(reading(), seen.case.uid)
    *_, last = (one for one in handovers if one.receiver == me().organisation)
    return url_for("handovers.show", reference=seen.case.reference, key=last.key)


@cases.route("/<reference>/stage", methods=["POST"])
@requires(Permission.MOVE_STAGE)
def move_on(reference: str) -> ResponseReturnValue:
    """Move a case on to its next stage, if nothing is missing."""
    seen = my_case(reference)
    form = MoveOnForm()
    if not form.validate():
        return _overview(seen, form), 422
    try:
        with editing(form, reference, lambda: stage_standing(my_case(reference))) as work:
            case = actions.move_on(work, reference, why_early=form.why_early.data or "")
            words = f"{reference} has moved on to “{case.stage.label}”."
    except RuleBroken as refusal:
        form.refuse(refusal)
        seen = my_case(reference)
        return _overview(seen, form), 422
    undo = {
        "action": url_for("cases.undo_move_on", reference=reference),
        "label": "the move to the next stage",
        "fields": {},
    }
    say(words, "done", undo=undo)
    return redirect(url_for("cases.show", reference=reference))


@cases.route("/<reference>/milestones")
@requires(Permission.SEE_CASE)
def milestones(reference: str) -> ResponseReturnValue:
    """Show every milestone of a case, by stage, with why each is due when it is."""
    seen = my_running_case(reference)
    dues = dues_of(seen)
    note_seen("case:viewed", case_ref=seen.case.reference, about="milestones")
    return render_template(
        "cases/milestones.html",
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        dues=dues,
        groups=groups_of(dues),
        catching_up=catching_up(dues.lines(asking())),
        workable=_workable(seen, dues),
        access=seen.access,
        outcomes=outcomes_of(reading(), seen.case.uid),
        snoozed={code: until for code, until in dues.snoozed.items() if until > today()},
        cautions=_cautions(seen, dues),
        staff=staff_names(reading()),
    )


def _cautions(seen: SeenCase, dues: CaseDues) -> dict[str, str]:
    """Return what is to be kept in mind beside a milestone, though it may be done."""
    if seen.access is not CaseAccess.FULL:
        return {}
    rows = entries_of(reading(), seen.case.uid, LegalRole)
    roles = [(one.role or "", one.status or "") for one in rows]
    if not lacks_authority(roles, dues.anchors.born, today()):
        return {}
    adult = birthday(dues.anchors.born, 18)
    when = "was" if adult <= today() else "is"
    words = f"Asked for, not in force: the 18th birthday {when} on {day(adult)}."
    return {LEGAL_AUTHORITY: words}


def _overview(seen: SeenCase, form: MoveOnForm) -> str:
    case, dues = seen.case, dues_of(seen)
    note_seen("case:viewed", case_ref=case.reference, about="overview")
    groups = groups_of(dues)
    ledger = ledger_of(reading(), case.uid)
    handovers = [
        one
        for one in handovers_of(reading(), case.uid)
        if seen.access is CaseAccess.FULL or one.receiver == me().organisation
    ]
    return render_template(
        "cases/show.html",
        form=form,
        case=case,
        person=young_person_of(reading(), case.young_person_uid),
        summary=summary_seen(seen),
        dues=dues,
        groups=groups,
        stages=_stages(seen, dues),
        current=[group for group in groups if group.stage is case.stage],
        handovers=handovers,
        moving_to=_moving_to(case, handovers),
        ledger_groups=_who_leads(ledger, Position.LEAD),
        supporting=_who_leads(ledger, Position.SUPPORTING),
        agreed=_who_will_lead(case, handovers, ledger),
        # Without a handover there is none of its conditions, and nothing to ask for.
        news=new_questions(reading(), me(), handovers) if handovers else {},
        conditions=_conditions(case, handovers),
        notes=rows_beside(
            reading(), CaseNote, case.uid, reader=me().organisation, most=LATEST_NOTES
        ),
        ending_that_waits=_ending_that_waits(seen),
        turn=turn_of(dues),
        side=me().side,
        staff=staff_names(reading()),
        organisations=catalogue().collaborative,
        workable=_workable(seen, dues),
        access=seen.access,
        own=seen.access is CaseAccess.FULL,
        next_event=NEXT.get(case.stage),
        missing=_missing(seen, dues),
        pause=open_pause_of(reading(), case.uid) if case.paused or dues.held else None,
        people=first_to_call(listed_in(reading(), case.uid, CONTACTS)),
        pause_reasons=PauseReason,
        may_pause=_may_pause(seen),
        may_steady=_may_let(seen, StageEvent.STEADY),
        may_target=_may_target(seen),
        more=_more(seen),
    )


def _conditions(case: Case, handovers: list[Handover]) -> list[Condition]:
    """Return the conditions of the handovers that the reader may see."""
    if not handovers:
        return []
    shown = {one.uid for one in handovers}
    return [one for one in conditions_of(reading(), case.uid) if one.handover_uid in shown]


def _ending_that_waits(seen: SeenCase) -> str:
    """Return which ending of a case waits for a second person, in words, or nothing."""
    if seen.access is not CaseAccess.FULL or seen.case.ending is not None:
        return ""
    uid = seen.case.uid

    def ask() -> str:
        found = closing_of(reading(), uid)
        return found.ending.label if found is not None else ""

    return while_unchanged(reading(), me().organisation, ("ending that waits", uid), ask)


def _moving_to(case: Case, handovers: list[Handover]) -> str:
    """Return the name of whom a case moves to; nothing before that is chosen."""
    sent = [one for one in handovers if one.receiver == case.receiver]
    if not sent and case.receiver:
        return catalogue().collaborative.organisation(case.receiver).name
    return receiver_of(sent[-1]) if sent else ""


def _who_leads(
    rows: list[LedgerRow], position: Position
) -> list[tuple[tuple[str, date], list[LedgerRow]]]:
    """Return which service holds a position in which functions, those that began together in one.

    Who leads is who leads today; who supports may be to begin.
    """
    groups: dict[tuple[str, date], list[LedgerRow]] = {}
    for row in rows:
        begun = row.from_on <= today() or position is Position.SUPPORTING
        if row.position is position and begun and (row.to_on is None or today() < row.to_on):
            groups.setdefault((row.service, row.from_on), []).append(row)
    return list(groups.items())


def _who_will_lead(
    case: Case, handovers: list[Handover], rows: list[LedgerRow]
) -> list[tuple[str, date]]:
    """Return what the receiver has agreed to lead, and from when, once both have signed."""
    agreed = [one for one in handovers if one.state in AGREED]
    if not agreed or case.target_transfer_on is None:
        return []
    spans = [row.span for row in rows]
    _, added = switch(spans, agreed[0].taken, agreed[0].receiver, case.target_transfer_on)
    return [(span.function.label, span.from_on) for span in added]


def dues_of(seen: SeenCase) -> CaseDues:
    """Return what is due in a case, or answer that there is no such page."""
    dues = dues_of_case(reading(), seen.case.uid, asking(), waits=True)
    if dues is None:
        abort(404)
    return with_titles([dues])[0]


def groups_of(dues: CaseDues) -> list[StageGroup]:
    """Return the milestones of a case, by stage."""
    lines = dues.lines(asking())
    groups = [
        StageGroup(stage, tuple(one for one in lines if one.rule.stage is stage)) for stage in Stage
    ]
    return [group for group in groups if group.lines]


def _workable(seen: SeenCase, dues: CaseDues) -> set[str]:
    """Return the milestones whose outcome the reader may record."""
    reader, case = me(), seen.case
    at_rest = case.paused or case.ending is not None
    if at_rest or not may(reader.roles, Permission.WORK_MILESTONE):
        return set()
    rules = dues.pathway.milestones
    return {rule.code for rule in rules if may_work_on(seen, rule.owner)}


def _more(seen: SeenCase) -> list[tuple[str, str]]:
    """Return what is done seldom and reached by a plain link: its words and its address."""
    case, roles = seen.case, me().roles
    runs, full = case.ending is None, seen.access is CaseAccess.FULL
    moves = runs and full and may(roles, Permission.MOVE_STAGE)
    houses = catalogue().collaborative.organisation(case.organisation).services
    newer = case.pathway_version != catalogue().pathway.version
    offered = (
        ("Emergency page", "emergency.show", case.ending is not Ending.DIED),
        ("Unmet needs", "needs.show", full),
        (
            "Early notice to an adult hospice",
            "early_notices.show",
            runs and full and case.stage in BEFORE and may(roles, Permission.PROPOSE_HANDOVER),
        ),
        (
            "Ask a hospice to support",
            "handovers.support",
            runs
            and full
            and case.stage in ASKS_SUPPORT
            and not case.paused
            and may(roles, Permission.PROPOSE_HANDOVER),
        ),
        (
            "Change the named worker",
            "workers.reassign",
            runs and may(roles, Permission.REASSIGN_WORKER),
        ),
        ("Pause this transition", "cases.pause", _may_pause(seen) and not case.paused),
        ("End this transition", "cases.close", runs and may(roles, Permission.CLOSE_CASE)),
        ("Health is changing quickly", "cases.expedite", _may_let(seen, StageEvent.EXPEDITE)),
        ("Move to another house", "cases.house", moves and len(houses) > 1),
        ("Follow the newest pathway", "cases.pathway", moves and newer),
        ("Brothers and sisters", "beside.links", may(roles, Permission.LINK_CASES)),
        ("Record a death", "cases.ending", case.ending is not Ending.ENTERED_IN_ERROR),
    )
    return [
        (words, url_for(to, reference=case.reference))
        for words, to, is_offered in offered
        if is_offered
    ]


def _may_target(seen: SeenCase) -> bool:
    """Return whether the reader may move the target date of a case."""
    case = seen.case
    waits = case.stage.number < Stage.SETTLING.number and case.ending is None
    theirs = case.stage is Stage.MOVING and case.receiver == me().organisation
    mine = theirs or seen.access is CaseAccess.FULL
    return waits and mine and may(me().roles, Permission.MOVE_DATE)


def _may_let(seen: SeenCase, event: StageEvent) -> bool:
    """Return whether the reader may let something happen that leaves the stage alone."""
    if not may(me().roles, Permission.PAUSE_CASE):
        return False
    try:
        take_event(seen.case.state, event, me())
    except RuleBroken:
        return False
    return True


def _may_pause(seen: SeenCase) -> bool:
    """Return whether the reader may pause the case, or take it up again where it is paused."""
    return _may_let(seen, StageEvent.RESUME if seen.case.paused else StageEvent.PAUSE)


def _missing(seen: SeenCase, dues: CaseDues) -> tuple[str, ...]:
    """Return a sentence for each thing that the next stage still waits for."""
    event = NEXT.get(seen.case.stage)
    return dues.missing_for(event, today()) if event is not None else ()


def _stages(seen: SeenCase, dues: CaseDues) -> list[tuple[str, str, str]]:
    """Return the seven stages with what stands below each, and which is now."""
    changes = stage_changes_of(reading(), seen.case.uid)
    left = {one.was: one.changed_at for one in changes if one.was is not one.now}
    shown = []
    for stage in Stage:
        if stage is seen.case.stage:
            words = f"Now: {sum(one.rule.stage is stage for one in dues.open_standings)} to do"
            shown.append((stage.label, words, "now"))
        elif stage.number < seen.case.stage.number:
            words = f"Done {day(local_day(left[stage]))}" if stage in left else "Passed"
            shown.append((stage.label, words, "done"))
        else:
            shown.append((stage.label, "", ""))
    return shown
