"""Handovers: the inbox, and the pack with what was asked and answered."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from transition.records.cases import SeenCase, earlier_handovers
from transition.records.conditions import conditions_of
from transition.records.dues import dues_for, dues_of_case
from transition.records.handovers import Handover, handovers_seen_by
from transition.records.names import names_of
from transition.records.packs import earlier_pack, openings_of, readings_of
from transition.records.questions import new_questions, questions_of
from transition.records.settling import CheckIn, entries_of
from transition.records.staff import staff_names, workers_of
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission, may
from transition.rules.declines import DeclineReason
from transition.rules.handovers import (
    AGREED,
    SETTLED,
    UNDECIDED,
    HandoverState,
    HandoverStep,
    SharingBasis,
    steps_open,
)
from transition.rules.outside import speaking_for
from transition.rules.packs import PackPart, PackSection, changed_in, changes_between, parts_of
from transition.rules.people import LEADS, Role, Side
from transition.rules.record import WHERE_THEY_LIVE
from transition.rules.record_sections import LABELS
from transition.web.filters import age, receiver_of
from transition.web.guard import requires
from transition.web.handovers.checking import aimed_at, found, sender_of, stands
from transition.web.handovers.forms import AfterNoForm, ReceivedForm, ReplyForm
from transition.web.turns import turn_of
from transition.web.work import asking, catalogue, me, note_seen, reading, today

handovers = Blueprint("handovers", __name__)


@handovers.route("/handovers")
@requires(Permission.LIST_HANDOVERS)
def index() -> ResponseReturnValue:
    """Show the handovers that wait for an answer, then the answered ones."""
    cases = {dues.case_uid: dues for dues in dues_for(reading(), asking())}
    rows = handovers_seen_by(reading(), me().organisation, list(cases))
    names = names_of(reading(), me(), {row.case_uid for row in rows})
    note_seen("handovers:listed", about=" ".join(cases[row.case_uid].reference for row in rows))
    return render_template(
        "handovers/index.html",
        waiting=[row for row in rows if row.state in UNDECIDED],
        answered=[row for row in rows if row.state not in UNDECIDED],
        earlier=earlier_handovers(reading(), me()),
        cases=cases,
        names=names,
        turns={row.uid: turn_of(cases[row.case_uid], row.receiver) for row in rows},
        news=new_questions(reading(), me(), rows),
        ages={uid: age(cases[uid].anchors.born, today()) for uid in names},
        organisations=catalogue().collaborative,
        side=me().side,
    )


@handovers.route("/cases/<reference>/handovers/<key>")
@requires(Permission.READ_HANDOVER)
def show(reference: str, key: str) -> ResponseReturnValue:
    """Show the pack as it was sent, with the reply beside it.

    A hospice that could not take it, or from which it was withdrawn, sees what it said itself.
    """
    seen, handover = found(reference, key, at_least=CaseAccess.STUB)
    if seen.access is CaseAccess.STUB:
        return _stub_page(seen, handover)
    return pack_page(seen, handover, reply_form(seen, handover))


def reply_form(seen: SeenCase, handover: Handover) -> ReplyForm:
    """Return the form with which all that is asked is accepted."""
    return ReplyForm(
        workers(handover), leads=handover.leads, version=stands(seen, handover).version
    )


def workers(handover: Handover) -> dict[str, str]:
    """Return who may be named as the adult worker: number and name."""
    found_workers = workers_of(reading(), handover.receiver, today=today())
    return {staff.uid.hex(): staff.name for staff in found_workers}


def _stub_page(seen: SeenCase, handover: Handover) -> ResponseReturnValue:
    note_seen("handover:read", case_ref=seen.case.reference, about=handover.key)
    return render_template(
        "handovers/stub.html",
        case=seen.case,
        handover=handover,
        questions=questions_of(reading(), handover.uid),
        reasons=DeclineReason,
        staff=staff_names(reading()),
        sender=sender_of(seen),
    )


def pack_page(
    seen: SeenCase, handover: Handover, form: ReplyForm, *, after_no: AfterNoForm | None = None
) -> ResponseReturnValue:
    """Show the pack, and beside it what its reader may do now."""
    note_seen("handover:read", case_ref=seen.case.reference, about=handover.key)
    pack = handover.pack
    dues = dues_of_case(reading(), seen.case.uid, asking(), waits=True)
    page = render_template(
        "handovers/show.html",
        form=form,
        received=ReceivedForm(version=form.version.data),
        after_no=after_no or AfterNoForm(after_no=handover.after_no),
        case=seen.case,
        handover=handover,
        pack=pack,
        parts=parts_shown(seen, pack),
        **_reading_of(seen, handover),
        turn=turn_of(dues, handover.receiver) if dues is not None else "",
        born=date.fromisoformat(pack["date_of_birth"]),
        target_on=date.fromisoformat(pack["target_on"]),
        aimed_at=aimed_at(seen, handover),
        frozen_on=date.fromisoformat(pack["frozen_on"]),
        age=age(date.fromisoformat(pack["date_of_birth"]), today()),
        reasons=DeclineReason,
        sharing=SharingBasis(pack["sharing_basis"]),
        organisations=catalogue().collaborative,
        receiver=receiver_of(handover),
        questions=questions_of(reading(), handover.uid),
        news=new_questions(reading(), me(), [handover]).get(handover.uid, ()),
        conditions=[
            one
            for one in conditions_of(reading(), seen.case.uid)
            if one.handover_uid == handover.uid
        ],
        checks=() if handover.leads else entries_of(reading(), CheckIn, [handover.uid]),
        staff=staff_names(reading()),
        may=what_its_reader_may(seen, handover),
        sender=sender_of(seen),
        side=me().side,
    )
    return page, 422 if form.errors else 200


def parts_shown(seen: SeenCase, pack: dict[str, Any]) -> list[PackPart]:
    """Return the sections of a pack; an address that is confidential by now is not shown."""
    person = young_person_of(reading(), seen.case.young_person_uid)
    hidden = [LABELS[name] for name in WHERE_THEY_LIVE] if person.address_is_kept else []
    return parts_of(pack, without=hidden)


def _reading_of(seen: SeenCase, handover: Handover) -> dict[str, Any]:
    """Return what of a pack changed last, and who opened it and read which section since then."""
    pack = handover.pack
    before = earlier_pack(reading(), handover, pack["version"] - 1)
    was = parts_shown(seen, before.pack) if before is not None else parts_shown(seen, pack)
    names = staff_names(reading())
    good = [
        one
        for one in readings_of(reading(), handover)
        if one.number >= changed_in(pack, one.section)
    ]
    return {
        "changed": changes_between(was, parts_shown(seen, pack)),
        "openings": openings_of(reading(), seen.case.reference, handover),
        "read_by": {
            section: [
                (names[one.read_by_uid], one.read_at) for one in good if one.section is section
            ]
            for section in PackSection
        },
        "mine": {one.section for one in good if one.read_by_uid == me().uid},
    }


def refuse_over(seen: SeenCase, handover: Handover, step: str) -> None:
    """Answer that there is no such page where its reader can take a step no more.

    What is sent from a page that was opened before still reaches the rule that refuses it.
    """
    if request.method != "POST" and not what_its_reader_may(seen, handover)[step]:
        abort(404)


def what_its_reader_may(seen: SeenCase, handover: Handover) -> dict[str, Any]:
    """Return which steps stand open to the reader now."""
    running = seen.case.ending is None and not seen.case.paused
    open_now = set(steps_open(handover.state, by=me())) if running else set()
    roles = me().roles
    records = running and may(roles, Permission.RECORD_TOLD)
    speaker = speaking_for(me(), handover.receiver) if records and handover.outside else None
    told = set(steps_open(handover.state, by=speaker)) if speaker else set()
    return {
        "told_received": HandoverStep.ACKNOWLEDGE in told,
        "told_question": HandoverStep.ASK in told,
        "told_reply": HandoverStep.DECLINE in told,
        "name": may_name(seen, handover),
        "said": records and not handover.outside and handover.state in UNDECIDED,
        "talk": running
        and handover.disputed_on is not None
        and handover.talked_on is None
        and Role.CHILDRENS_LEAD in roles,
        "leads": bool(roles & LEADS),
        "check": seen.case.ending is None and handover.state is HandoverState.SUPPORTING,
        "receive": HandoverStep.ACKNOWLEDGE in open_now,
        "decide": HandoverStep.DECLINE in open_now and may(roles, Permission.DECIDE_HANDOVER),
        "accept": HandoverStep.ACCEPT in open_now and may(roles, Permission.DECIDE_HANDOVER),
        "ask": HandoverStep.ASK in open_now,
        "answer": HandoverStep.ANSWER in open_now,
        "withdraw": HandoverStep.WITHDRAW in open_now,
        "mark": seen.case.ending is None and me().side is Side.ADULT,
        "send": seen.case.ending is None
        and handover.state.open
        and may(roles, Permission.PROPOSE_HANDOVER),
        "follow": running
        and handover.state is HandoverState.DECLINED
        and may(roles, Permission.PROPOSE_HANDOVER),
    }


def may_name(seen: SeenCase, handover: Handover) -> bool:
    """Return whether the reader may say now who the adult named worker is."""
    says = Permission.RECORD_TOLD if handover.outside else Permission.DECIDE_HANDOVER
    agreed = handover.state in {*AGREED, *SETTLED, HandoverState.SUPPORTING}
    return agreed and seen.case.ending is None and may(me().roles, says)
