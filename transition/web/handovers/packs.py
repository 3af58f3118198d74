"""The pack itself: before it is sent, sent anew, marked as read, and put on paper."""

from datetime import date, datetime
from typing import Any

from flask import Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from transition.actions.pack_versions import next_pack, read_section, send_pack, unread_section
from transition.actions.packs import frozen_pack, proof_of
from transition.actions.readiness import people_across
from transition.actions.work import NotFound
from transition.clock import day_and_time
from transition.records.anchors import anchors_of
from transition.records.cases import SeenCase
from transition.records.handovers import Handover, open_lead_handover
from transition.records.young_people import young_person_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Urgency
from transition.rules.pack_contents import Asked
from transition.rules.packs import PackSection, changes_between, parts_of, valid_until
from transition.web.filters import receiver_of
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.handovers.checking import found, sender_of
from transition.web.handovers.forms import PrintForm, ReadForm, SendPackForm
from transition.web.handovers.pdf import NoPdf, pdf_of
from transition.web.handovers.views import handovers, parts_shown, refuse_over
from transition.web.versions import Standing, editing
from transition.web.work import (
    looking,
    me,
    my_running_case,
    my_work,
    note_seen,
    now,
    reading,
    summary_seen,
)


@handovers.route("/cases/<reference>/handover")
@requires(Permission.PROPOSE_HANDOVER)
def draft(reference: str) -> ResponseReturnValue:
    """Show the pack as it would be sent now, and what it still lacks. Nothing of it leaves."""
    seen = my_running_case(reference, at_least=CaseAccess.FULL)
    standing = open_lead_handover(reading(), seen.case.uid)
    if standing is not None:
        pack, _ = next_pack(looking(), seen.case, standing)
        changed = changes_between(parts_of(standing.pack), parts_of(pack))
    else:
        pack, changed = frozen_pack(looking(), seen.case, _asked(seen))[0], {}
    note_seen("case:viewed", case_ref=reference, about="pack")
    return render_template(
        "handovers/draft.html",
        case=seen.case,
        person=young_person_of(reading(), seen.case.young_person_uid),
        born=anchors_of(reading(), seen.case.uid).date_of_birth,
        handover=standing,
        pack=pack,
        parts=parts_shown(seen, pack),
        changed=changed,
    )


def _asked(seen: SeenCase) -> Asked:
    """Return what is known of a handover before it is proposed."""
    return Asked(
        receiver=seen.case.receiver,
        functions=(),
        target_on=seen.case.target_transfer_on,
        urgency=Urgency.ROUTINE,
        sharing_basis=seen.case.sharing_basis,
        sharing_limits=summary_seen(seen).sharing_limits,
    )


@handovers.route("/cases/<reference>/handovers/<key>/pack", methods=["GET", "POST"])
@requires(Permission.PROPOSE_HANDOVER)
def send_again(reference: str, key: str) -> ResponseReturnValue:
    """Show what has changed since the pack was sent and who will be told, and send it anew."""
    seen, handover = found(reference, key, at_least=CaseAccess.FULL)
    refuse_over(seen, handover, "send")
    pack, _ = next_pack(looking(), seen.case, handover)
    form = SendPackForm(version=_next_standing(handover, pack).version)
    if form.is_submitted() and form.validate():
        try:
            with editing(form, reference, lambda: _as_shown(reference, key)) as work:
                version = send_pack(work, reference, key).pack_version
        except RuleBroken as refusal:
            form.refuse(refusal)
            seen, handover = found(reference, key, at_least=CaseAccess.FULL)
        else:
            say(f"Version {version} is sent.", "done")
            return redirect(url_for("handovers.show", reference=reference, key=key))
    note_seen("case:viewed", case_ref=reference, about=handover.key)
    page = render_template(
        "handovers/send_again.html",
        form=form,
        case=seen.case,
        handover=handover,
        changed=changes_between(parts_of(handover.pack), parts_of(pack)),
        missing_now=pack["missing"],
        receiver=receiver_of(handover),
        told=[staff.name for staff in people_across(looking(), seen.case, handover)],
    )
    return page, 422 if form.errors else 200


def _as_shown(reference: str, key: str) -> Standing:
    seen, handover = found(reference, key, at_least=CaseAccess.FULL)
    return _next_standing(handover, next_pack(looking(), seen.case, handover)[0])


def _next_standing(handover: Handover, pack: dict[str, Any]) -> Standing:
    """Return how the pack stands that would be sent now: what is sent is what was shown."""
    proof = proof_of(looking(), {"sections": pack["sections"]}).hex()[:16]
    return Standing(
        version=f"{handover.pack_version}.{proof}",
        words=(("Newest version sent", str(handover.pack_version)),),
        did="changed what this pack says",
    )


@handovers.route("/cases/<reference>/handovers/<key>/pack/<part>/read", methods=["POST"])
@requires(Permission.READ_HANDOVER)
def read(reference: str, key: str, part: str) -> ResponseReturnValue:
    """Mark a section of the pack as read, or take that back."""
    section = {one.value: one for one in PackSection}.get(part) or abort(404)
    found(reference, key)
    form = ReadForm()
    version = form.pack_version.data if form.validate() else None
    try:
        with my_work() as work:
            if form.read.data == "no":
                unread_section(work, reference, key, section)
            else:
                read_section(work, reference, key, section, version=version or 0)
    except NotFound:
        raise
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    there = url_for("handovers.show", reference=reference, key=key)
    return redirect(f"{there}#section-{section.number}")


@handovers.route("/cases/<reference>/handovers/<key>/print", methods=["GET", "POST"])
@requires(Permission.READ_HANDOVER)
def print_pack(reference: str, key: str) -> ResponseReturnValue:
    """Ask why the pack is printed, and show it as it is printed, or as a PDF."""
    seen, handover = found(reference, key)
    form = PrintForm()
    if not form.is_submitted() or not form.validate():
        return _print_page(seen, handover, form)
    pack, way = handover.pack, form.way.data or "page"
    about = f"{handover.key} version {pack['version']} {form.reason.data} {way}"
    paper = _paper(seen, handover)
    if way == "pdf":
        try:
            answer = Response(pdf_of(paper), mimetype="application/pdf")
        except NoPdf as reason:
            form.refuse(str(reason))
            return _print_page(seen, handover, form)
        name = f"{reference}-version-{pack['version']}.pdf"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        answer = Response(paper, mimetype="text/html")
    note_seen("pack:printed", case_ref=reference, about=about)
    return answer


def _print_page(seen: SeenCase, handover: Handover, form: PrintForm) -> ResponseReturnValue:
    note_seen("case:viewed", case_ref=seen.case.reference, about=handover.key)
    page = render_template(
        "handovers/print_pack.html", form=form, case=seen.case, handover=handover
    )
    return page, 422 if form.errors else 200


def _paper(seen: SeenCase, handover: Handover) -> str:
    pack = handover.pack
    frozen_on = date.fromisoformat(pack["frozen_on"])
    return render_template(
        "handovers/paper.html",
        case=seen.case,
        handover=handover,
        pack=pack,
        parts=parts_shown(seen, pack),
        born=date.fromisoformat(pack["date_of_birth"]),
        receiver=receiver_of(handover),
        sender=sender_of(seen),
        frozen_on=frozen_on,
        sent_at=datetime.fromisoformat(pack["frozen_at"]) if "frozen_at" in pack else None,
        valid_until=valid_until(frozen_on),
        printed=f"{me().name}, {day_and_time(now())}",
    )
