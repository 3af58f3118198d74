"""Saying how many young people a hospice usually takes on in a month."""

from transition.actions.work import Work
from transition.records.usual_numbers import UsualNumber, usual_number_of


def set_usual_number(work: Work, number: int | None) -> None:
    """Set the usual number of the actor's hospice, or clear it; the same again changes nothing."""
    organisation = work.actor.organisation
    row = usual_number_of(work.session, organisation)
    was = row.number if row is not None else None
    if number == was:
        return
    if row is not None:
        row.number, row.set_at, row.set_by_uid = number, work.now, work.actor_uid
    else:
        said = {"number": number, "set_at": work.now, "set_by_uid": work.actor_uid}
        work.keep(UsualNumber(organisation=organisation, **said))
    work.note("capacity:set", about=organisation, changed={"number": (was, number)})
