"""Opening the one page that opens while the trail cannot be written. Source: ruling 26."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from transition.actions.work import TrailClosed, work_of
from transition.catalogue import Catalogue
from transition.records.audit import Note, Occasion
from transition.records.emergency import ABOUT, Broken, write_second
from transition.rules.access import UrgentGrant
from transition.rules.trail import about_urgently


def note_opening(
    session: Session,
    occasion: Occasion,
    catalogue: Catalogue,
    reference: str,
    grant: UrgentGrant | None = None,
) -> bool:
    """Write down that the emergency page of a case is opened; return whether the trail took it.

    If it did not, the second file did. That file knows no row by which somebody reads a case in an
    emergency of their own: such a reader reads nothing while the trail is closed.

    Raises:
        TrailClosed: neither could, so the page stays closed too.
    """
    about = about_urgently(ABOUT, grant) if grant is not None else ABOUT
    try:
        with work_of(session, occasion, catalogue) as work:
            work.notes.append(Note("case:viewed", about, case_ref=reference))
    except (DBAPIError, TrailClosed) as closed:
        if grant is not None:
            raise TrailClosed from closed
        try:
            write_second(session, occasion, reference)
        except (OSError, Broken) as fault:
            raise TrailClosed from fault
        return False
    return True
