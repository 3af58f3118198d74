"""What the file of the collaborative says of the reader's hospice, and who does what there."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from transition.records.staff import duty_holders
from transition.records.usual_numbers import usual_number_of
from transition.rules.access import Permission, may
from transition.rules.people import Duty
from transition.web.guard import requires
from transition.web.work import catalogue, me, reading, today

hospices = Blueprint("hospices", __name__)


@hospices.route("/settings/hospice")
@requires(Permission.PLAN_ABSENCE)
def show() -> ResponseReturnValue:
    """Show what is known of the reader's hospice; it is changed in the collaborative's file."""
    collaborative, own = catalogue().collaborative, me().organisation
    known = {one.key: one for one in collaborative.organisations}
    hospice = known.get(own) or abort(404)
    usual = usual_number_of(reading(), own)
    holders = duty_holders(reading(), own, today=today())
    return render_template(
        "hospices/show.html",
        facts=hospice.on(today()),
        collaborative=collaborative,
        duties=[(duty.label, holders[duty].name if duty in holders else "") for duty in Duty],
        usual=usual.number if usual else None,
        may_plan=may(me().roles, Permission.PLAN_CAPACITY),
        may_part=may(me().roles, Permission.MANAGE_ACCOUNTS),
    )
