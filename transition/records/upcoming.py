"""Moves that lie ahead, and nothing of those who move: for whoever plans for all hospices."""

from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from transition.records.cases import DENIED, OPEN, Case, asked_by
from transition.rules.pathway import Stage
from transition.rules.people import Actor
from transition.rules.upcoming import CERTAINTIES, Certainty

SURE: Final = [stage for stage, one in CERTAINTIES.items() if one is not Certainty.POSSIBLE]
"""The stages at which a hospice has been asked or has agreed."""


def moves_ahead(session: Session, reader: Actor) -> list[tuple[str, date | None, Stage]]:
    """Return to whom each move leads that was proposed or agreed, its day, and its stage.

    A case that is denied to the reader is none of them.
    """
    query = select(Case.receiver, Case.target_transfer_on, Case.stage).where(
        OPEN, ~DENIED, Case.stage.in_(SURE), Case.receiver.is_not(None)
    )
    return [(str(to), on, stage) for to, on, stage in session.execute(query, asked_by(reader))]
