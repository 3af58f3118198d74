"""Brothers and sisters: which cases belong to one family."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from transition.actions.linked_cases import link_cases, unlink_cases
from transition.records.case_lists import seen_by_reference
from transition.records.cases import SeenCase
from transition.records.linked_cases import linked_cases_of
from transition.records.names import names_of
from transition.rules.access import CaseAccess, Permission
from transition.rules.errors import RuleBroken
from transition.web.beside.views import Entry, Listing, beside, form_page, listing
from transition.web.forms import Line, VersionedForm, needed
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import saved
from transition.web.work import asking, me, my_running_case, my_work, reading


class LinkForm(VersionedForm):
    """Which other case belongs to the same family."""

    sent_to = "beside.link"

    other = Line(
        "Reference of the other case",
        needed("Enter the reference of the other case"),
        most=20,
        hint="Like NHJ-7K2M-4: it stands on top of their page",
    )


@beside.route("/links")
@requires(Permission.LINK_CASES)
def links(reference: str) -> ResponseReturnValue:
    """Show the brothers and sisters who have a case of their own."""
    seen = my_running_case(reference)
    return listing(
        seen,
        Listing(
            heading="Brothers and sisters",
            about="links",
            empty="No brother or sister with a case of their own is linked.",
            lines=_lines(seen),
            add=("Link a brother or sister", url_for("beside.link", reference=reference)),
            hint="Each page says so, so that nobody takes one for the other.",
        ),
    )


def _lines(seen: SeenCase) -> list[Entry]:
    linked = linked_cases_of(reading(), seen.case.uid)
    names = names_of(reading(), me(), [one.uid for one in linked])
    return [
        Entry(
            title=names[one.uid].shown,
            key=one.reference,
            by=one.reference,
            links=[("Open", url_for("cases.show", reference=one.reference))],
            posts=[
                (
                    "No longer link",
                    url_for("beside.unlink", reference=seen.case.reference),
                    {"other": one.reference},
                )
            ],
        )
        for one in linked
        if seen_by_reference(reading(), asking(), one.reference) is not None
    ]


@beside.route("/links/new", methods=["GET", "POST"])
@requires(Permission.LINK_CASES)
def link(reference: str) -> ResponseReturnValue:
    """Ask for the other case, and link both."""
    seen = my_running_case(reference)
    form = LinkForm()
    if form.validate_on_submit() and saved(
        form, reference, lambda work: link_cases(work, reference, form.other.data.upper())
    ):
        say(f"{reference} and {form.other.data.upper()} are linked.", "done")
        return redirect(url_for("beside.links", reference=reference))
    back = ("Brothers and sisters", url_for("beside.links", reference=reference))
    return form_page(seen, form, "Link a brother or sister", "Link", back=back)


@beside.route("/links/remove", methods=["POST"])
@requires(Permission.LINK_CASES)
def unlink(reference: str) -> ResponseReturnValue:
    """Take back that two cases are linked."""
    my_running_case(reference, at_least=CaseAccess.FULL)
    other = request.form.get("other", "")
    try:
        with my_work() as work:
            unlink_cases(work, reference, other)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say(f"{reference} and {other} are no longer linked.", "quiet")
    return redirect(url_for("beside.links", reference=reference))
