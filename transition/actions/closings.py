"""Ending a case otherwise than with a death, and what follows: confirm, finish, open again."""

from typing import Final

from transition.actions.case_changes import keep_stage_change, own_case, renew_next_due
from transition.actions.change_notices import people_with_a_part, tell_of_change
from transition.actions.endings import let_stand_again, stop_everything, tell_whoever_was_told
from transition.actions.expediting import put_skipped_back
from transition.actions.returns import bring_back
from transition.actions.work import NotFound, Work
from transition.clock import local_day
from transition.records.anchors import anchors_of
from transition.records.capacity_records import CapacityRecord
from transition.records.cases import NHS_NUMBERS, Case, cases_with_number
from transition.records.closings import Closing, closing_of
from transition.records.entries import entries_of
from transition.records.histories import Episode, episodes_of
from transition.records.keys import vault_of
from transition.records.staff import Staff
from transition.records.young_people import young_person_of
from transition.rules.calendar import add_months
from transition.rules.closings import (
    LOOKED_AT_YEARLY,
    THE_MOVE,
    YEARLY,
    Answers,
    is_new_attempt,
    look_again_on,
    questions_of,
    refuse_answers,
    refuse_finishing,
    refuse_taking_back,
    refuse_undoing,
    refuse_without_capacity_record,
)
from transition.rules.endings import end_case, refuse_ending, reopen
from transition.rules.errors import RuleBroken
from transition.rules.handovers import HandoverStep
from transition.rules.pathway import Stage
from transition.rules.stages import Ending, StageEvent

WAITS: Final = "An ending of this case waits for a second person already. Take it back first."
NO_ENDING: Final = "This case has no such ending. Nothing was changed."
NO_SUCH_RIGHT_CASE: Final = "You have no case with the reference of the right case. Look again."
RECORDER_LEFT: Final = "Who recorded this has left. Take it back and record it yourself."


def close_case(work: Work, reference: str, ending: Ending, answers: Answers) -> Closing:
    """Record how a case ends, and return the ending.

    Where a second person must confirm it, it has no effect before they do. Otherwise everything
    stops: open handovers end, what waits to be sent is cancelled, and the others with a part get
    the one notice that the case has changed.

    Raises:
        RuleBroken: it cannot end so now, something needed is left out, or it is not theirs to say.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    refuse_ending(case.state, ending, by=work.actor)
    if closing_of(work.session, case.uid) is not None:
        raise RuleBroken(WAITS)
    _refuse_answers(work, case, ending, answers)
    closing = Closing(
        case_uid=case.uid, ending=ending, recorded_at=work.now, recorded_by_uid=work.actor_uid
    )
    for question in questions_of(ending):
        setattr(closing, question.name, answers.get(question.name))
    work.keep(closing)
    if closing.pending:
        work.note("ending:recorded", on=case)
    else:
        _end(work, case, closing)
    return closing


def _refuse_answers(
    work: Work, case: Case, ending: Ending, answers: Answers, *, again: bool = False
) -> None:
    born = anchors_of(work.session, case.uid).date_of_birth
    refuse_answers(ending, answers, born=born, today=work.today, again=again)
    if ending is Ending.DECLINED_BY_PERSON:
        rows = entries_of(work.session, case.uid, CapacityRecord)
        refuse_without_capacity_record(
            answers["reason"], [one.outcome or "" for one in rows if one.decision == THE_MOVE]
        )
    right = answers.get("instead_reference")
    if right is None:
        return
    if right == case.reference:
        raise RuleBroken("That is this case. Give the reference of the one that stays.")
    try:
        own_case(work, right)
    except NotFound as missing:
        raise RuleBroken(NO_SUCH_RIGHT_CASE) from missing


def _end(work: Work, case: Case, closing: Closing) -> None:
    closing.before = stop_everything(work, case, closing.ending, HandoverStep.CLOSE_ON_EXIT)
    closing.look_again_on = look_again_on(closing.ending, closing.answers, work.today)
    episodes_of(work.session, case.uid)[-1].ended_on = work.today


def confirm_closing(work: Work, reference: str) -> Closing:
    """Confirm an ending as the second person: now it takes effect. Return it.

    Raises:
        RuleBroken: none waits, the actor recorded it, or it is not theirs to confirm.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    closing = _standing(work, case)
    if not closing.pending:
        raise RuleBroken(NO_ENDING)
    recorder = work.session.get_one(Staff, closing.recorded_by_uid).actor(work.today)
    if recorder is None:
        raise RuleBroken(RECORDER_LEFT)
    end_case(case.state, closing.ending, by=recorder, confirmed_by=work.actor)
    closing.confirmed_at, closing.confirmed_by_uid = work.now, work.actor_uid
    work.note("ending:confirmed", on=case)
    _end(work, case, closing)
    return closing


def take_back_closing(work: Work, reference: str) -> Case:
    """Take back an ending: one that waits at any time, one that stands on its day. Return the case.

    Everything stands again as it did, and whoever has had the notice gets another.

    Raises:
        RuleBroken: there is none, or it is too late or not theirs.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    closing = _standing(work, case)
    if closing.pending:
        refuse_taking_back(closing.recorded_by_uid, by=work.actor)
        work.note("ending:taken_back", on=case)
    else:
        _refuse_finished(closing)
        effective = local_day(closing.confirmed_at or closing.recorded_at)
        refuse_undoing(closing.recorded_by_uid, effective, by=work.actor, today=work.today)
        let_stand_again(work, case, closing.before)
        episodes_of(work.session, case.uid)[-1].ended_on = None
        tell_whoever_was_told(work, case, closing.before["notices"])
    closing.lifted_at, closing.lifted_by_uid = work.now, work.actor_uid
    renew_next_due(work, case)
    return case


def change_closing(work: Work, reference: str, answers: Answers) -> Closing:
    """Keep what became known about an ending since, and return it. What stood there is kept too.

    Raises:
        RuleBroken: there is none, it is finished, or an answer cannot be so.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    closing = _standing(work, case)
    _refuse_finished(closing)
    before = closing.answers
    after = {**before, **answers}
    _refuse_answers(work, case, closing.ending, after, again=True)
    changed = {name: (was, after[name]) for name, was in before.items() if was != after[name]}
    for name, (_, now) in changed.items():
        setattr(closing, name, now)
    if closing.ending is Ending.NO_LONGER_NEEDED:
        closing.look_again_on = look_again_on(closing.ending, after, work.today)
    work.note("ending:changed", on=case, changed=changed)
    return closing


def look_at_closing(work: Work, reference: str) -> Closing:
    """Record that an ending was looked at and stands: the next look is in a year. Return it.

    Raises:
        RuleBroken: there is none that is looked at every year.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    closing = _standing(work, case)
    if closing.pending or closing.ending not in LOOKED_AT_YEARLY:
        raise RuleBroken(NO_ENDING)
    was, closing.look_again_on = closing.look_again_on, add_months(work.today, YEARLY)
    work.note("ending:looked_at", on=case, changed={"look_again_on": (was, closing.look_again_on)})
    return closing


def finish_closing(work: Work, reference: str, *, why: str = "") -> Closing:
    """Finish an ending: nothing more is asked about it. Return it.

    Raises:
        RuleBroken: it cannot be finished yet, or only by a lead who says why.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    closing = _standing(work, case)
    _refuse_finished(closing)
    refuse_finishing(closing.ending, closing.answers, today=work.today, by=work.actor, why=why)
    closing.finished_at, closing.finished_by_uid = work.now, work.actor_uid
    closing.finished_because = why or None
    work.note("ending:finished", on=case)
    return closing


def reopen_case(work: Work, reference: str, to: Stage, *, why: str) -> Case:
    """Open an ended or completed case again at a stage, and return it. Its whole history stays.

    Within six months of its ending that goes on as it was, later it is a new episode. What is due
    is due no sooner than 20 working days from now. Who had been transferred comes back: the
    children's service leads again.

    Raises:
        RuleBroken: it cannot be opened again, not at that stage, or it is not theirs to do; or
            somebody else with the same NHS number is open meanwhile.
        NotFound: this actor has no such case.
    """
    case = own_case(work, reference)
    after = reopen(case.state, to, by=work.actor)
    closing = _standing(work, case) if case.ending is not None else None
    people = people_with_a_part(work, case)
    was = case.stage
    _begin_episode(work, case)
    ended = {"ending": (closing.ending.value, None)} if closing is not None else {}
    changed = {**ended, "stage": (was.value, to.value), "why": (None, why)}
    work.note("case:reopened", on=case, changed=changed)
    put_skipped_back(work, case)
    if case.transferred_on is not None:
        bring_back(work, case)
    case.ending = case.ended_at = None
    case.stage, case.expedited, case.reopened_on = after.stage, after.expedited, work.today
    number = young_person_of(work.session, case.young_person_uid).nhs_number
    if number:
        case.nhs_number_index = vault_of(work.session).index(work.session, NHS_NUMBERS).of(number)
    if closing is not None:
        closing.lifted_at, closing.lifted_by_uid = work.now, work.actor_uid
    keep_stage_change(work, case, StageEvent.REOPEN, was=was)
    tell_of_change(work, case, people)
    renew_next_due(work, case)
    return case


def let_numbers_go(work: Work) -> int:
    """Forget by which NHS number cases are found that ended more than six months ago.

    Until then it offers that the case is opened again. Return how many that is. Source: ruling 21.
    """
    found = [
        case
        for case in cases_with_number(work.session)
        if case.ended_at is not None and is_new_attempt(local_day(case.ended_at), work.today)
    ]
    for case in found:
        case.nhs_number_index = None
        work.note("number:let_go", on=case)
    return len(found)


def _begin_episode(work: Work, case: Case) -> None:
    """Let the last episode of a case go on, or begin the next where that is over too long."""
    last = episodes_of(work.session, case.uid)[-1]
    if last.ended_on is not None and is_new_attempt(last.ended_on, work.today):
        work.keep(Episode(case_uid=case.uid, number=last.number + 1, began_on=work.today))
    else:
        last.ended_on = None


def _standing(work: Work, case: Case) -> Closing:
    """Return the ending of a case that stands or waits; a death that came after it hides it."""
    closing = closing_of(work.session, case.uid)
    if closing is None or case.ending not in {None, closing.ending}:
        raise RuleBroken(NO_ENDING)
    return closing


def _refuse_finished(closing: Closing) -> None:
    if closing.finished_at is not None:
        raise RuleBroken("This ending is finished. A children's lead can open the case again.")
