"""The responsibility ledger: one lead for every function, after each write."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from tests.builders import WorkAs, on_both, opened_case
from tests.people import RUTH
from transition.actions.case_changes import refuse_broken_ledger
from transition.records.ledger import ledger_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.ledger import breaches

TODAY = date(2026, 11, 23)


@on_both
def test_a_case_opens_with_one_lead_for_every_function(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        uid = opened_case(work).uid
    spans = [row.span for row in ledger_of(session, uid)]
    assert {span.function for span in spans} == set(Function)
    assert breaches(spans, Function, TODAY) == ()


@on_both
def test_a_write_that_leaves_a_function_without_a_lead_is_refused(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        case = opened_case(work)
        refuse_broken_ledger(work, case, work.today)
        reference = case.reference
    sentence = "24-hour advice would not have one lead from 2027-01-01. Choose who leads it."
    with work_as(RUTH) as work:
        case = work.case(reference).case
        ledger_of(work.session, case.uid)[0].to_on = date(2027, 1, 1)
        work.session.flush()
        with pytest.raises(RuleBroken, match=sentence):
            refuse_broken_ledger(work, case, work.today)
