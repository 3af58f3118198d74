"""Ending a case otherwise than with a death, what is read of it then, and opening it again."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field
from wtforms.validators import Optional

from transition.actions.closings import (
    change_closing,
    close_case,
    confirm_closing,
    finish_closing,
    look_at_closing,
    reopen_case,
    take_back_closing,
)
from transition.clock import local_day
from transition.records.anchors import anchors_of
from transition.records.cases import Case, SeenCase
from transition.records.closings import Closing, closing_of
from transition.records.handovers import handovers_of
from transition.records.histories import episodes_of
from transition.records.ledger import ledger_of
from transition.records.staff import staff_names
from transition.records.unmet_needs import unmet_needs_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.calendar import add_months
from transition.rules.closings import (
    LONGEST_LINE,
    LONGEST_LINES,
    LOOKED_AT_YEARLY,
    OFFER_AGAIN,
    QUESTIONS,
    TASKS,
    AnswerKind,
    Answers,
    ClosingQuestion,
    is_new_attempt,
    may_confirm,
    questions_of,
    refuse_finishing,
    refuse_taking_back,
    refuse_undoing,
    responsible_words,
)
from transition.rules.endings import AGAIN, ENDINGS, may_reopen, refuse_ending
from transition.rules.errors import RuleBroken
from transition.rules.ledger import Position
from transition.rules.pathway import Stage
from transition.rules.stages import Ending
from transition.web.cases.views import cases
from transition.web.filters import day
from transition.web.forms import DateParts, Line, Lines, OneOf, VersionedForm, choices, needed
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import Standing, editing
from transition.web.work import catalogue, me, my_case, my_work, note_seen, reading, today

Page = Callable[[str, Ending], ResponseReturnValue]

NONE_YET: Final = "none"
"""The version of what does not stand yet."""


def _field(question: ClosingQuestion) -> Field:
    """Return the field in which a question is answered."""
    checks = [needed(question.needed)] if question.needed else []
    if question.kind is AnswerKind.ONE_OF:
        offered = choices(question.options or {})
        return OneOf(question.label, checks or [Optional()], choices=offered)
    words: dict[str, Any] = {"hint": question.hint}
    if question.kind is AnswerKind.DAY:
        return DateParts(question.label, *checks, **words)
    if question.kind is AnswerKind.LINE:
        return Line(question.label, *checks, most=LONGEST_LINE, **words)
    return Lines(question.label, *checks, most=LONGEST_LINES, **words)


def _form_about(ending: Ending, sent_to: str, *, again: bool = False) -> type[VersionedForm]:
    """Return the form that asks the questions about an ending."""
    fields = {one.name: _field(one) for one in questions_of(ending, again=again)}
    return type("ClosingForm", (VersionedForm,), {"sent_to": sent_to, **fields})


CLOSE: Final = {one: _form_about(one, f"cases.close_{one}") for one in QUESTIONS}
CHANGE: Final[Mapping[Ending, type[VersionedForm]]] = {
    one: _form_about(one, f"cases.change_{one}", again=True)
    for one in QUESTIONS
    if one is not Ending.ENTERED_IN_ERROR
}
"""A form of its own for each ending, so that what is half written of one is kept for that one."""


class FinishForm(VersionedForm):
    """Finishing an ending; a lead says why where something is not known."""

    sent_to, stands_on = "cases.finish_closing", "cases.closing"

    why = Lines("Why is it finished without that?", hint="For a children's lead")


class ReopenForm(VersionedForm):
    """Opening an ended case again: where, and why."""

    sent_to = "cases.reopen"

    stage = OneOf("At which stage does it go on?", [needed("Choose the stage")])
    why = Lines("Why is it opened again?", needed("Write why it is opened again"))


def _own(reference: str, *, sealed: bool = False) -> SeenCase:
    return my_case(reference, at_least=CaseAccess.FULL, sealed=sealed)


def _found(reference: str) -> tuple[SeenCase, Closing]:
    """Return a case and the ending that stands for it or waits."""
    seen = _own(reference, sealed=True)
    closing = closing_of(reading(), seen.case.uid)
    if closing is None or seen.case.ending not in {None, closing.ending}:
        abort(404)
    return seen, closing


def _standing(reference: str) -> Standing:
    """Return how a case has ended, for the forms that say so."""
    closing = closing_of(reading(), _own(reference, sealed=True).case.uid)
    if closing is None:
        return Standing(version=NONE_YET, words=(("Ending", "None"),))
    return Standing(
        version=f"{closing.uid.hex()} {closing.version}",
        words=(("Ending", closing.ending.label),),
        by_uid=closing.recorded_by_uid,
        at=closing.recorded_at,
        did="recorded this ending",
    )


@cases.route("/<reference>/close")
@requires(Permission.CLOSE_CASE)
def close(reference: str) -> ResponseReturnValue:
    """Ask why a transition is ending; each answer has a page of its own."""
    seen = _own(reference)
    if seen.case.ending is not None or closing_of(reading(), seen.case.uid) is not None:
        return redirect(url_for("cases.closing", reference=reference))
    offered = [one for one in QUESTIONS if _refusal(seen.case, one) is None]
    return _page("close", seen, offered=offered)


def _refusal(case: Case, ending: Ending) -> str | None:
    """Return why the reader cannot record an ending of a case now, or None where they can."""
    try:
        refuse_ending(case.state, ending, by=me())
    except RuleBroken as refusal:
        return str(refusal)
    return None


def _close_as(reference: str, kind: Ending) -> ResponseReturnValue:
    """Ask what must be recorded about an ending, and end the case."""
    seen = _own(reference)
    refused = _refusal(seen.case, kind)
    if refused is not None:
        say(refused, "problem")
        return redirect(url_for("cases.show", reference=reference))
    form = CLOSE[kind](version=_standing(reference).version, **_usual(seen.case, kind))
    if form.is_submitted() and form.validate():
        try:
            with editing(form, reference, lambda: _standing(reference)) as work:
                close_case(work, reference, kind, _answers(form, kind))
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen = _own(reference)
        else:
            say(_said(reference, kind), "quiet")
            return redirect(url_for("cases.closing", reference=reference))
    return _page("close_as", seen, form, ending=kind, **_left_open(seen.case))


def _usual(case: Case, ending: Ending) -> dict[str, Any]:
    """Return the answers that are likely: who leads today, and the usual day to offer it again."""
    if ending is not Ending.DECLINED_BY_PERSON:
        return {}
    leads = {
        row.function: catalogue().collaborative.service(row.service).name
        for row in ledger_of(reading(), case.uid)
        if row.position == Position.LEAD
        and row.from_on <= today()
        and (row.to_on is None or today() < row.to_on)
    }
    again_on = add_months(today(), OFFER_AGAIN)
    return {"who_remains_responsible": responsible_words(leads), "offer_again_on": again_on}


def _answers(form: VersionedForm, ending: Ending, *, again: bool = False) -> Answers:
    asked = questions_of(ending, again=again)
    return {one.name: form[one.name].data or None for one in asked}


def _said(reference: str, ending: Ending) -> str:
    if ENDINGS[ending].confirmed_by:
        return f"Kept. {reference} ends when a second person has confirmed it."
    return f"{reference} has ended. Nothing more will be sent about it."


def _left_open(case: Case) -> dict[str, Any]:
    """Return what is open in a case that ends: what ends with it, and what stays."""
    return {
        "handovers": [
            one for one in handovers_of(reading(), case.uid) if one.state.open and one.proposed_at
        ],
        "needs": [one for one in unmet_needs_of(reading(), case.uid) if one.closed_on is None],
        "organisations": catalogue().collaborative,
    }


@cases.route("/<reference>/closing")
@requires(Permission.CLOSE_CASE)
def closing(reference: str) -> ResponseReturnValue:
    """Show how a case has ended, or what waits for a second person, and what can be done."""
    return _closing_page(reference)


def _closing_page(reference: str, form: FinishForm | None = None) -> ResponseReturnValue:
    seen, found = _found(reference)
    version = _standing(reference).version
    return _page(
        "closing",
        seen,
        form or FinishForm(version=version),
        closing=found,
        told=_told(found),
        staff=staff_names(reading()),
        task=TASKS.get(found.ending, ""),
        can=_possible(seen.case, found),
    )


def _told(found: Closing) -> list[tuple[str, str]]:
    """Return what was answered: the question, and the answer in words."""
    return [
        (one.label, _shown(one, found.answers[one.name]))
        for one in QUESTIONS[found.ending]
        if found.answers[one.name] is not None
    ]


def _shown(question: ClosingQuestion, answer: Any) -> str:  # noqa: ANN401 - words or a day
    if question.kind is AnswerKind.DAY:
        return day(answer)
    return question.options(answer).label if question.options else str(answer)


def _possible(case: Case, found: Closing) -> dict[str, bool]:
    """Return what the reader can do about an ending now."""
    stands = not found.pending and found.finished_at is None
    recorder, effective = found.recorded_by_uid, found.confirmed_at or found.recorded_at
    return {
        "confirm": found.pending and may_confirm(found.ending, recorder, me()),
        "take_back": _allowed(refuse_taking_back, recorder, by=me())
        if found.pending
        else stands
        and _allowed(refuse_undoing, recorder, local_day(effective), by=me(), today=today()),
        "change": stands and found.ending in CHANGE,
        "look": stands and found.ending in LOOKED_AT_YEARLY,
        "finish": stands
        and _allowed(
            refuse_finishing, found.ending, found.answers, today=today(), by=me(), why="why"
        ),
        "finish_needs_why": found.ending is Ending.MOVED_AWAY and not found.receipt_confirmed_on,
        "reopen": not found.pending and may_reopen(case.state, me()),
    }


def _allowed(check: Any, *asked: Any, **words: Any) -> bool:  # noqa: ANN401 - any rule's own
    try:
        check(*asked, **words)
    except RuleBroken:
        return False
    return True


@cases.route("/<reference>/closing/confirm", methods=["POST"], endpoint="confirm_closing")
@requires(Permission.CLOSE_CASE)
def confirm_ending(reference: str) -> ResponseReturnValue:
    """Confirm an ending as the second person."""
    _found(reference)
    try:
        with my_work() as work:
            confirm_closing(work, reference)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"Confirmed. {reference} has ended. Nothing more will be sent about it.", "quiet")
    return redirect(url_for("cases.closing", reference=reference))


@cases.route("/<reference>/closing/take-back", methods=["POST"])
@requires(Permission.CLOSE_CASE)
def take_back(reference: str) -> ResponseReturnValue:
    """Take back an ending: what waits at any time, what stands on its day."""
    _found(reference)
    try:
        with my_work() as work:
            take_back_closing(work, reference)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
        return redirect(url_for("cases.closing", reference=reference))
    say(f"Undone. {reference} stands as it did.", "quiet")
    return redirect(url_for("cases.show", reference=reference))


@cases.route("/<reference>/closing/look-again", methods=["POST"])
@requires(Permission.CLOSE_CASE)
def look_again(reference: str) -> ResponseReturnValue:
    """Record that an ending was looked at and stands."""
    _found(reference)
    try:
        with my_work() as work:
            found = look_at_closing(work, reference)
            words = f"Kept. Look again on {day(found.look_again_on)}."
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(words, "quiet")
    return redirect(url_for("cases.closing", reference=reference))


@cases.route("/<reference>/closing/finish", methods=["POST"], endpoint="finish_closing")
@requires(Permission.CLOSE_CASE)
def finish(reference: str) -> ResponseReturnValue:
    """Finish an ending: nothing more is asked about it."""
    _found(reference)
    form = FinishForm()
    if not form.validate():
        return _closing_page(reference, form)
    try:
        with editing(form, reference, lambda: _standing(reference)) as work:
            finish_closing(work, reference, why=form.why.data or "")
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _closing_page(reference, form)
    say("Finished. Nothing more is asked about it.", "quiet")
    return redirect(url_for("cases.closing", reference=reference))


def _change(reference: str, kind: Ending) -> ResponseReturnValue:
    """Ask what became known about an ending since."""
    seen, found = _found(reference)
    if found.ending is not kind or not _possible(seen.case, found)["change"]:
        return redirect(url_for("cases.closing", reference=reference))
    form = CHANGE[found.ending](version=_standing(reference).version, **found.answers)
    if form.is_submitted() and form.validate():
        try:
            with editing(form, reference, lambda: _standing(reference)) as work:
                change_closing(work, reference, _answers(form, found.ending, again=True))
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen, found = _found(reference)
        else:
            say("Saved.", "done")
            return redirect(url_for("cases.closing", reference=reference))
    return _page("change_closing", seen, form, ending=found.ending)


def _add_pages(name: str, path: str, show: Page, endings: Iterable[Ending]) -> None:
    """Give each ending an address of its own, and with it a form of its own."""
    for ending in endings:

        def page(reference: str, ending: Ending = ending) -> ResponseReturnValue:
            return show(reference, ending)

        guarded = requires(Permission.CLOSE_CASE)(page)
        cases.add_url_rule(
            f"/<reference>/{path}/{ending}", f"{name}_{ending}", guarded, methods=["GET", "POST"]
        )


_add_pages("close", "close", _close_as, CLOSE)
_add_pages("change", "closing", _change, CHANGE)


@cases.route("/<reference>/reopen", methods=["GET", "POST"], endpoint="reopen")
@requires(Permission.CLOSE_CASE)
def open_again(reference: str) -> ResponseReturnValue:
    """Ask where an ended case goes on and why, and open it again."""
    seen, ended_on = _over(reference)
    if not may_reopen(seen.case.state, me()):
        say("Ask a children's lead to open this case again.", "problem")
        return redirect(url_for("cases.show", reference=reference))
    stages = [one for one in AGAIN if one.number <= seen.case.stage.number]
    form = ReopenForm(version=_standing(reference).version, stage=stages[-1].value)
    form.stage.choices = choices(stages)
    if form.is_submitted() and form.validate():
        try:
            with editing(form, reference, lambda: _standing(reference)) as work:
                reopen_case(work, reference, Stage(form.stage.data), why=form.why.data)
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen, ended_on = _over(reference)
        else:
            say(f"{reference} is open again. Nothing is due for 20 working days.", "done")
            return redirect(url_for("cases.show", reference=reference))
    return _page("reopen", seen, form, new_attempt=is_new_attempt(ended_on, today()))


def _over(reference: str) -> tuple[SeenCase, date]:
    """Return a case that has ended or was completed, and since when; else answer 404."""
    seen = _own(reference, sealed=True)
    if seen.case.ending is None and seen.case.stage is Stage.COMPLETED:
        return seen, episodes_of(reading(), seen.case.uid)[-1].ended_on or today()
    _, found = _found(reference)
    return seen, local_day(found.confirmed_at or found.recorded_at)


def _page(
    name: str,
    seen: SeenCase,
    form: VersionedForm | None = None,
    **words: Any,  # noqa: ANN401 - whatever the page shows
) -> ResponseReturnValue:
    case = seen.case
    note_seen("case:viewed", case_ref=case.reference, about=name)
    if form is not None:
        words["form"] = form
    page = render_template(
        f"cases/{name}.html",
        case=case,
        person=young_person_of(reading(), case.young_person_uid),
        born=anchors_of(reading(), case.uid).date_of_birth,
        **words,
    )
    return page, 422 if form is not None and form.errors else 200
