"""Opening a case, a step at a time. What is typed is kept, sealed, from the first step."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions import drafts
from transition.actions.cases import NewCase, open_case, refuse_taken_number
from transition.actions.work import Work
from transition.records.case_lists import ListedCase, seen_by_number
from transition.records.drafts import Draft, draft_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.closings import QUESTIONS
from transition.rules.errors import RuleBroken
from transition.rules.nhs_numbers import MissingReason
from transition.rules.pathway import Circumstance
from transition.rules.record_sections import GROUPS
from transition.rules.young_people import question_about_birth
from transition.web.cases.duplicates import Likeness, alike, own_case_with, typed_identity
from transition.web.cases.forms import DIFFERENT, TAUGHT, AboutForm, MoveForm, PersonForm, SameForm
from transition.web.cases.views import cases
from transition.web.forms import Form, choices
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.work import asking, catalogue, me, my_work, note_seen, reading, today

NEVER_AT_SCHOOL = "never"
CLINICAL = {"primary_condition", "condition_group"}
"""What may be left empty until a handover is proposed."""

STEPS = ("cases.new_person", "cases.new_same", "cases.new_about", "cases.new_move")
"""The steps whose half-written forms are drafts beside the one that a case is opened from."""


def _begun() -> Draft | None:
    return draft_of(reading(), me().uid, drafts.OPENING)


def _words(step: str) -> Mapping[str, Any] | None:
    """Return what was typed in *step*, or None where the reader has not come so far."""
    draft = _begun()
    return draft.body.get(step) if draft is not None else None


@cases.route("/new")
@requires(Permission.OPEN_CASE)
def new() -> ResponseReturnValue:
    """Begin at the first step."""
    return redirect(url_for("cases.new_person"))


@cases.route("/new/person", methods=["GET", "POST"])
@requires(Permission.OPEN_CASE)
def new_person() -> ResponseReturnValue:
    """Ask who it is."""
    kept = dict(_words("person") or {})
    if kept:
        kept["date_of_birth"] = date.fromisoformat(kept["date_of_birth"])
    form = PersonForm(data=kept)
    if not form.is_submitted() or not form.check(today(), demo=current_app.config["DEMO"]):
        return _page("person", form)
    typed = {
        name: form[name].data
        for name in ("given_name", "family_name", "known_as", "pronouns", "age_is_right")
    }
    typed["date_of_birth"] = form.date_of_birth.data.isoformat()
    typed["nhs_number"] = form.nhs_number.number
    reason = form.nhs_number_missing_reason.data
    typed["nhs_number_missing_reason"] = None if typed["nhs_number"] else reason
    then = "cases.new_same" if alike(typed_identity(typed)) else "cases.new_about"
    return _keep_step(form, "person", typed, then=then)


@cases.route("/new/check-duplicates", methods=["GET", "POST"])
@requires(Permission.OPEN_CASE)
def new_same() -> ResponseReturnValue:
    """Show who may be the same person, in what they differ, and ask."""
    draft = _begun()
    if draft is None or "person" not in draft.body:
        return redirect(url_for("cases.new_person"))
    found = _not_told_apart(draft.body)
    if not found:
        return redirect(url_for("cases.new_about"))
    form, references = SameForm(), [one.reference for one in found]
    same = {reference: f"The same person: open {reference}" for reference in references}
    form.which.choices = choices(same | {DIFFERENT: "A different person: go on"})
    if form.validate_on_submit():
        if form.which.data != DIFFERENT:
            say("What you had begun is kept, should you need it.", "quiet")
            return redirect(url_for("cases.show", reference=form.which.data))
        with my_work() as work:
            apart = [*draft.body.get(DIFFERENT, ()), *references]
            drafts.write_draft(work, drafts.OPENING, {DIFFERENT: apart})
        return redirect(url_for("cases.new_about"))
    note_seen("cases:compared", about=" ".join(references))
    new = typed_identity(draft.body["person"])
    page = render_template("cases/new_same.html", form=form, new=new, found=found)
    return page, 422 if form.errors else 200


def _not_told_apart(body: Mapping[str, Any]) -> list[Likeness]:
    """Return who may be the same person and was not said to be another."""
    return alike(typed_identity(body["person"]), but=body.get(DIFFERENT, ()))


@cases.route("/new/about", methods=["GET", "POST"])
@requires(Permission.OPEN_CASE)
def new_about() -> ResponseReturnValue:
    """Ask what must be known from the first day."""
    person = _words("person")
    if person is None:
        return redirect(url_for("cases.new_person"))
    form = AboutForm(data=_words("about"))
    if form.validate_on_submit():
        return _keep_step(form, "about", dict(form.data), then="cases.new_move")
    born = date.fromisoformat(person["date_of_birth"])
    return _page("about", form, born=born, age_question=question_about_birth(born, today()))


@cases.route("/new/move", methods=["GET", "POST"])
@requires(Permission.OPEN_CASE)
def new_move() -> ResponseReturnValue:
    """Ask where they are looked after and what is true of them."""
    if _words("about") is None:
        return redirect(url_for("cases.new_about"))
    collaborative = catalogue().collaborative
    form = MoveForm(
        collaborative.organisation(me().organisation), collaborative, data=_words("move")
    )
    if form.validate_on_submit():
        return _keep_step(form, "move", dict(form.data), then="cases.new_check")
    return _page("move", form)


@cases.route("/new/check", methods=["GET", "POST"])
@requires(Permission.OPEN_CASE)
def new_check() -> ResponseReturnValue:
    """Show all that was typed, and open the case."""
    draft = _begun()
    if draft is None or "move" not in draft.body:
        return redirect(url_for("cases.new_move"))
    form, body = Form(), draft.body
    if form.is_submitted():
        if _not_told_apart(body):
            return redirect(url_for("cases.new_same"))
        try:
            reference = _open()
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say(f"{reference} is open. Next: the first milestones.", "done")
            return redirect(url_for("cases.show", reference=reference))
    return _page("check", form, answers=_answers(body), before=_here_before(body))


def _here_before(body: Mapping[str, Any]) -> ListedCase | None:
    """Return the ended case of somebody with this NHS number, if it can be opened again."""
    number = body["person"]["nhs_number"]
    found = seen_by_number(reading(), asking(), number) if number else None
    if found is None or found.access is not CaseAccess.FULL:
        return None
    return found if found.ending in QUESTIONS else None


def _open() -> str:
    """Open the case from what was typed, and return its reference."""
    with my_work() as work:
        begun = draft_of(work.session, work.actor_uid, drafts.OPENING)
        if begun is None:
            raise RuleBroken("This was opened already. Find it in your list.")
        case = open_case(work, _new_case(begun.body), case_uid=begun.case_uid)
        drafts.finish(work, begun)
        _throw_away_steps(work)
        return case.reference


def _throw_away_steps(work: Work) -> None:
    for step in STEPS:
        drafts.throw_away(work, step)


@cases.route("/new/throw-away", methods=["POST"])
@requires(Permission.OPEN_CASE)
def throw_away() -> ResponseReturnValue:
    """Throw away what was typed so far, with the key it was sealed under."""
    with my_work() as work:
        drafts.throw_away(work, drafts.OPENING)
        _throw_away_steps(work)
    say("What you had written was thrown away.", "quiet")
    return redirect(url_for("home.today"))


def _keep_step(form: Form, step: str, typed: dict[str, Any], *, then: str) -> ResponseReturnValue:
    try:
        with my_work() as work:
            if typed.get("nhs_number"):
                refuse_taken_number(work, typed["nhs_number"])
            drafts.write_draft(work, drafts.OPENING, {step: typed})
    except RuleBroken as refusal:
        # The sentence stands beside the box it is about, where there is one.
        form["nhs_number"].errors = [str(refusal)]
        return _page(step, form, here=own_case_with(typed["nhs_number"]))
    return redirect(url_for(then))


def _page(step: str, form: Form, **more: object) -> ResponseReturnValue:
    if _begun() is not None:
        note_seen("draft:viewed", about=drafts.OPENING)
    page = render_template(f"cases/new_{step}.html", form=form, **more)
    return page, 422 if form.errors else 200


def _new_case(body: Mapping[str, Any]) -> NewCase:
    person, about, move = body["person"], body["about"], body["move"]
    group = about["condition_group"]
    taught = move["school_year_offset"]
    house = catalogue().collaborative.organisation(me().organisation).services[0].code
    circumstances = {Circumstance(code) for code in move["circumstances"]}
    if move["service"] == house:
        circumstances.add(Circumstance.CHILDRENS_HOUSE)
    return NewCase(
        given_name=person["given_name"],
        family_name=person["family_name"],
        known_as=person["known_as"] or None,
        pronouns=person["pronouns"] or None,
        date_of_birth=date.fromisoformat(person["date_of_birth"]),
        nhs_number=person["nhs_number"],
        nhs_number_missing_reason=person["nhs_number_missing_reason"],
        primary_condition=about["primary_condition"] or None,
        **{name: about[name] for name in about if name not in CLINICAL},
        condition_group=int(group) if group else None,
        service=move["service"],
        catchment_key=move["catchment_key"],
        circumstances=frozenset(circumstances),
        school_year_offset=0 if taught == NEVER_AT_SCHOOL else int(taught),
    )


def _answers(body: Mapping[str, Any]) -> dict[str, list[tuple[str, Any]]]:
    """Return what was typed, in words, by step."""
    person, about, move = body["person"], body["about"], body["move"]
    collaborative = catalogue().collaborative
    reason = person["nhs_number_missing_reason"]
    born = date.fromisoformat(person["date_of_birth"])
    true = [Circumstance(code).label.rstrip("?") for code in move["circumstances"]]
    return {
        "person": [
            ("First name", person["given_name"]),
            ("Last name", person["family_name"]),
            ("Likes to be called", person["known_as"] or person["given_name"]),
            ("Pronouns", person["pronouns"] or "Not known"),
            ("Date of birth", born),
            ("Age today", question_about_birth(born, today())),
            ("NHS number", person["nhs_number"] or MissingReason(reason).label),
        ],
        "about": [
            ("What matters to them", about["about_me"]),
            ("How they communicate", about["how_i_communicate"]),
            ("Allergies", about["allergies"]),
            ("Condition", about["primary_condition"] or "Not known"),
            ("Condition group", GROUPS.get(str(about["condition_group"]), "Not known")),
            ("First language", about["first_language"]),
            ("Interpreter", about["interpreter_needed"].replace("_", " ").capitalize()),
        ],
        "move": [
            ("Looked after by", collaborative.service(move["service"]).name),
            ("Area", collaborative.organisation(move["catchment_key"]).name),
            ("Taught", TAUGHT[str(move["school_year_offset"])]),
            ("True of them", ", ".join(true) or "None of these"),
        ],
    }
