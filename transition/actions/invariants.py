"""What is checked at night: who leads each function of care, that nobody is lost, and the trail."""

from collections.abc import Mapping

from transition.actions.work import Work
from transition.records.audit import GOOD, verify
from transition.records.cases import open_spans
from transition.records.emergency import broken_second
from transition.records.watched import teams_of, watched_cases
from transition.rules.ledger import breaches
from transition.rules.lost import NOBODY, Loss, Team, Watched, losses_of


def unled_cases(work: Work) -> list[str]:
    """Return the open cases in which, on some day ahead, a function has not exactly one lead.

    Needed is whatever has ever stood in the ledger of the case. Source: domain 5.9.
    """
    return [
        reference
        for reference, spans in open_spans(work.session)
        if breaches(spans, {span.function for span in spans}, work.today)
    ]


def lost_cases(work: Work) -> list[str]:
    """Return each open case that lacks something that keeps it from being lost, and what.

    A case and the code of what it lacks: ``NHJ-7K2M-4:no_worker``.
    """
    teams = teams_of(work.session, today=work.today)
    return [
        f"{case.reference}:{loss.value}"
        for case in watched_cases(work.session, work.asking)
        for loss in losses_among(case, teams)
    ]


def losses_among(case: Watched, teams: Mapping[str, Team]) -> tuple[Loss, ...]:
    """Return what a case lacks, among these teams."""
    asked = teams.get(case.asked, NOBODY) if case.asked is not None else None
    return losses_of(case, teams.get(case.organisation, NOBODY), asked)


def broken_trail(work: Work) -> list[str]:
    """Return nothing if the trail holds, else what it came to and the first bad number.

    The second file, which holds what was opened in an emergency, is named besides if it is broken.
    """
    verdict, second = verify(work.session), broken_second(work.session)
    found = [second] if second is not None else []
    if verdict.code == GOOD:
        return found
    return [f"{verdict.code}", f"{verdict.bad or verdict.entries}", *found]
