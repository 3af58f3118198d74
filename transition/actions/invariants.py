"""What is checked at night: that somebody leads each function of care, and the trail holds."""

from transition.actions.work import Work
from transition.records.audit import GOOD, verify
from transition.records.cases import open_spans
from transition.rules.ledger import breaches


def unled_cases(work: Work) -> list[str]:
    """Return the open cases in which, on some day ahead, a function has not exactly one lead.

    Needed is whatever has ever stood in the ledger of the case. Source: domain 5.9.
    """
    return [
        reference
        for reference, spans in open_spans(work.session).items()
        if breaches(spans, {span.function for span in spans}, work.today)
    ]


def broken_trail(work: Work) -> list[str]:
    """Return nothing if the trail holds, else what it came to and the first bad number."""
    verdict = verify(work.session)
    if verdict.code == GOOD:
        return []
    return [f"{verdict.code}", f"{verdict.bad or verdict.entries}"]
