"""What every page about a handover needs: the handover itself, and the check before it is sent."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import Field, HiddenField

from transition.actions.work import ChangedMeanwhile, Work
from transition.records.cases import Case, SeenCase
from transition.records.handovers import Handover, find_handover
from transition.records.histories import target_changes_of
from transition.records.questions import Question, questions_of
from transition.records.staff import Staff, staff_names
from transition.rules.access import CaseAccess
from transition.rules.handovers import parse_handover_key
from transition.web.filters import day, receiver_of
from transition.web.forms import VersionedForm
from transition.web.handovers.forms import CheckedForm
from transition.web.versions import Standing, saved
from transition.web.work import catalogue, me, my_case, my_running_case, note_seen, reading

T = TypeVar("T")


def found(
    reference: str, key: str, *, at_least: CaseAccess = CaseAccess.PACK
) -> tuple[SeenCase, Handover]:
    """Return a case and one of its handovers, or answer that there is no such page.

    The pack of somebody who has died can still be read; its forms lead to what is left.

    Raises:
        ChangedMeanwhile: while its reader wrote, it ended: they learn how, and keep their words.
    """
    sent = request.method == "POST"
    reads = sent or at_least is CaseAccess.STUB
    seen = (my_case if reads else my_running_case)(
        reference, at_least=CaseAccess.STUB if sent else at_least
    )
    receiver, number = parse_handover_key(key) or ("", 0)
    handover = find_handover(reading(), seen.case.uid, receiver=receiver, number=number)
    own = seen.access is CaseAccess.FULL or receiver == me().organisation
    if handover is None or not own:
        abort(404)
    if sent and seen.access is CaseAccess.STUB:
        g.standing = stands(seen, handover)
        raise ChangedMeanwhile(g.standing.sentence)
    if seen.access < at_least:
        abort(404)
    return seen, handover


def sender_of(seen: SeenCase) -> str:
    """Return the name of the hospice whose case it is."""
    return catalogue().collaborative.organisation(seen.case.organisation).name


def stands(seen: SeenCase, handover: Handover) -> Standing:
    """Return how a handover stands: what was asked, for when, and what was answered and decided."""
    questions = questions_of(reading(), handover.uid)
    words = [("This handover", handover.state.label)]
    if on := aimed_at(seen, handover):
        words.append(("Target date", day(on)))
    words += [(row.function.label, row.answer.label) for row in handover.answers if row.answer]
    words += [(f"Question {one.number}", one.answer_said or one.words) for one in questions]
    by_uid, at, did = _last_change(handover, questions)
    answered = sum(one.answered_at is not None for one in questions)
    over = bool(handover.decided_at or handover.closed_at)
    version = f"{handover.pack_version}.{len(questions)}.{answered}.{int(over)}.{on}"
    return Standing(version=version, words=tuple(words), by_uid=by_uid, at=at, did=did)


def kept(
    form: VersionedForm,
    reference: str,
    key: str,
    do: Callable[[Work], T],
    how: Callable[[SeenCase, Handover], Standing] = stands,
) -> T | None:
    """Do what a form about a handover asks for, and return what came of it; None if refused."""
    return saved(form, reference, do, lambda: how(*found(reference, key)))


def noted(_seen: SeenCase, handover: Handover) -> Standing:
    """Return what is written down about a handover, for the forms in which that is written.

    Whatever changed in it meanwhile counts: nobody writes over what a colleague just wrote.
    """
    words = [("This handover", handover.state.label)]
    if handover.said is not None:
        words.append(("What they told us", handover.said[1]))
    if handover.family_told_on is not None:
        told = f"{day(handover.family_told_on)}, by {handover.family_told_by}"
        words.append(("The family was told", told))
    if handover.talked_on is not None:
        words.append(("Both leads talked", f"{day(handover.talked_on)}: {handover.talked}"))
    if handover.names_worker:
        uid = handover.adult_worker_uid
        worker = staff_names(reading())[uid] if uid else handover.provider_worker or ""
        words.append(("Adult named worker", worker))
    return Standing(version=str(handover.version), words=tuple(words))


def aimed_at(seen: SeenCase, handover: Handover) -> date | None:
    """Return the day that a handover aims at by now; one that is over learns nothing more of it."""
    if not handover.leads:
        return handover.target_on
    return seen.case.target_transfer_on if handover.state.open else None


def _last_change(handover: Handover, questions: list[Question]) -> tuple[Any, Any, str]:
    changes = [(one.asked_at, one.asked_by_uid, "asked a question") for one in questions]
    changes += [
        (one.answered_at, one.answered_by_uid, "answered a question")
        for one in questions
        if one.answered_at and one.answered_by_uid
    ]
    since = handover.proposed_at
    if since and handover.state.open and handover.leads:
        changes += [
            (one.changed_at, one.changed_by_uid, "moved the target date")
            for one in target_changes_of(reading(), handover.case_uid)
            if one.changed_at > since
        ]
    sent = handover.pack.get("frozen_at")
    if sent and handover.pack_version > 1:
        sender = bytes.fromhex(handover.pack["sent_by_uid"])
        words = f"sent version {handover.pack_version} of the pack"
        changes.append((datetime.fromisoformat(sent), sender, words))
    if handover.decided_at and handover.decided_by_uid:
        changes.append((handover.decided_at, handover.decided_by_uid, "answered this"))
    if handover.closed_at and not handover.decided_at:
        return None, handover.closed_at, "ended this"
    at, by_uid, did = max(changes, default=(None, None, "changed this"))
    return by_uid, at, did


def handover_page(
    template: str, seen: SeenCase, handover: Handover, form: VersionedForm, **more: object
) -> ResponseReturnValue:
    """Show a form about a handover; one that was sent in vain comes back as such.

    It is no look at the pack: only whoever opens that has read it.
    """
    note_seen("case:viewed", case_ref=seen.case.reference, about=handover.key)
    page = render_template(
        f"handovers/{template}.html",
        form=form,
        case=seen.case,
        handover=handover,
        called=handover.pack["called"],
        sender=sender_of(seen),
        receiver=receiver_of(handover),
        **more,
    )
    return page, 422 if form.errors else 200


def check_page(
    form: CheckedForm,
    case: Case,
    *,
    heading: str,
    told: tuple[Staff, ...],
    send: str,
) -> ResponseReturnValue:
    """Show exactly what will be sent and who will be told, before it leaves the organisation."""
    g.unsent = True  # it stays in the form until it is sent
    note_seen("case:viewed", case_ref=case.reference, about="check")
    return render_template(
        "handovers/check.html",
        form=form,
        case=case,
        heading=heading,
        rows=[(field.label.text, words) for field in form.carried if (words := _said(field))],
        told=[staff.name for staff in told],
        send=send,
    )


def _said(field: Field) -> str:
    """Return what was chosen or typed, as people read it."""
    if isinstance(field, HiddenField) or not field.data:
        return ""
    if hasattr(field, "iter_choices"):
        return ", ".join(str(one.label) for one in field.iter_choices() if one.selected)
    if field.type == "DateParts":
        return day(field.data)
    return "Yes" if field.type == "BooleanField" else str(field.data)
