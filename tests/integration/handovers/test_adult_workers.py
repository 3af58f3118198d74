"""Naming the adult worker of a handover that was accepted before anybody was named."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import (
    Bag,
    ClientAs,
    WorkAs,
    accepted_case,
    letters_of,
    on_both,
    post,
    post_with,
    proposed_handover,
    uid_of,
    version_of,
)
from tests.databases import FIXED
from tests.integration.handovers.outside import THEIR_WORKER, accepted_outside, told
from tests.integration.handovers.test_outside_screens import TOLD
from tests.people import GRACE, HELEN, IDRIS, MINA, RUTH, TOM
from transition.actions.adult_workers import name_adult_worker, record_their_worker
from transition.actions.deaths import record_death
from transition.actions.transfer_prompts import send_transfer_prompts
from transition.app import Tracker
from transition.clock import LONDON
from transition.records.handovers import Handover
from transition.records.milestones import outcomes_of
from transition.records.outbox import QueuedLetter
from transition.rules.errors import RuleBroken
from transition.rules.people import THE_TIMETABLE

KEY = "rowans-1"
BY = date(2026, 12, 7)
LATER = FIXED + timedelta(hours=1)


def the_handover(session: Session) -> Handover:
    session.rollback()
    return session.scalars(select(Handover)).one()


def ask(work_as: WorkAs, day: date) -> None:
    """Let the timetable ask for what a transfer ahead asks for on a day."""
    at = datetime.combine(day, time(9), LONDON).astimezone(UTC)
    with work_as(THE_TIMETABLE, at) as work:
        send_transfer_prompts(work)


def asked(session: Session) -> set[tuple[date, str]]:
    """Return who was asked to name a worker on which day."""
    session.rollback()
    letters = select(QueuedLetter).where(QueuedLetter.kind == "transfer_prompt")
    return {
        (one.queued_at.date(), one.recipient.email)
        for one in session.scalars(letters)
        if one.about.endswith("/worker")
    }


@on_both
def test_a_lead_names_the_worker_later_and_both_workers_are_told(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = accepted_case(work_as)
    mina = uid_of(session, MINA)
    assert not the_handover(session).names_worker
    with work_as(HELEN, LATER) as work:
        name_adult_worker(work, reference, KEY, mina)
    handover = the_handover(session)
    assert (handover.adult_worker_uid, handover.names_worker) == (mina, True)
    assert "HO-03" in outcomes_of(session, handover.case_uid)
    assert letters_of(session, "case_changed") == sorted([RUTH, MINA])
    with work_as(MINA, LATER) as work:
        assert work.case(reference).case.reference == reference


@on_both
def test_another_may_be_named_and_the_step_stays_done(work_as: WorkAs, session: Session) -> None:
    reference, _ = accepted_case(work_as)
    mina, idris = uid_of(session, MINA), uid_of(session, IDRIS)
    with work_as(HELEN, LATER) as work:
        name_adult_worker(work, reference, KEY, mina)
        with pytest.raises(RuleBroken, match="named already"):
            name_adult_worker(work, reference, KEY, mina)
        name_adult_worker(work, reference, KEY, idris)
    handover = the_handover(session)
    assert handover.adult_worker_uid == idris
    assert "HO-03" in outcomes_of(session, handover.case_uid)


def test_only_their_lead_names_one_of_their_own(work_as: WorkAs, session: Session) -> None:
    reference, _ = accepted_case(work_as)
    mina, tom = uid_of(session, MINA), uid_of(session, TOM)
    with work_as(RUTH) as work:
        with pytest.raises(RuleBroken, match="A lead of the adult hospice names its worker"):
            name_adult_worker(work, reference, KEY, mina)
        with pytest.raises(RuleBroken, match="A lead of the adult hospice names its worker"):
            record_their_worker(work, reference, KEY, THEIR_WORKER, told())
    with work_as(HELEN) as work, pytest.raises(RuleBroken, match="from your own hospice"):
        name_adult_worker(work, reference, KEY, tom)


def test_nobody_is_named_before_an_answer_or_after_an_end(
    work_as: WorkAs, session: Session
) -> None:
    mina = uid_of(session, MINA)
    with work_as(RUTH) as work:
        asked_only = proposed_handover(work)[0].reference
    with work_as(HELEN) as work, pytest.raises(RuleBroken, match="when a handover was accepted"):
        name_adult_worker(work, asked_only, KEY, mina)
    with work_as(RUTH) as work:
        record_death(work, asked_only, died_on=work.today)
    with work_as(HELEN) as work, pytest.raises(RuleBroken, match="This case has ended"):
        name_adult_worker(work, asked_only, KEY, mina)


@on_both
def test_when_the_day_has_passed_lead_and_deputy_are_asked_and_a_week_later_their_seniors(
    work_as: WorkAs, session: Session
) -> None:
    reference, _ = accepted_case(work_as)
    for days in range(8):
        ask(work_as, BY + timedelta(days))
    first, second = date(2026, 12, 8), date(2026, 12, 15)
    assert asked(session) == {(first, HELEN), (first, IDRIS)}
    ask(work_as, second)
    seniors = {(second, one) for one in (HELEN, IDRIS, GRACE, TOM)}
    assert asked(session) == {(first, HELEN), (first, IDRIS)} | seniors
    mina = uid_of(session, MINA)
    with work_as(HELEN, datetime(2026, 12, 16, 12, tzinfo=UTC)) as work:
        name_adult_worker(work, reference, KEY, mina)
    ask(work_as, date(2026, 12, 22))
    assert max(day for day, _ in asked(session)) == second


def test_the_letter_says_what_is_missing_and_no_name(app: Tracker, work_as: WorkAs) -> None:
    reference, _ = accepted_case(work_as)
    ask(work_as, date(2026, 12, 8))
    bag = Bag()
    post_with(app, bag, at=datetime(2026, 12, 8, 10, tzinfo=UTC))
    letters = [one for one in bag.letters if one["To"] == HELEN]
    words = " ".join(text_of(letters[-1]).split())
    assert "The adult named worker for a transfer in June 2027 is not named yet" in words
    assert reference in words


@on_both
def test_of_a_provider_outside_the_nurse_records_who_it_is(
    work_as: WorkAs, session: Session
) -> None:
    reference, key = accepted_outside(work_as, adult_worker=None, adult_worker_by=BY)
    with work_as(RUTH, LATER) as work:
        with pytest.raises(RuleBroken, match="Write who their named worker is"):
            record_their_worker(work, reference, key, " ", told())
        record_their_worker(work, reference, key, THEIR_WORKER, told())
    handover = the_handover(session)
    assert handover.provider["worker"] == THEIR_WORKER
    assert handover.told["worker"] == told()
    assert handover.names_worker
    assert "HO-03" in outcomes_of(session, handover.case_uid)


def test_she_names_one_on_the_page_of_the_handover(client_as: ClientAs, work_as: WorkAs) -> None:
    reference, key = accepted_case(work_as)
    helen, page = client_as(HELEN), f"/cases/{reference}/handovers/{key}"
    assert "Name the adult worker" in helen.get(page).text
    assert "You had until 7 December 2026" in helen.get(f"{page}/worker").text
    nobody = post(helen, f"{page}/worker", adult_worker="")
    assert nobody.status_code == 422
    assert "Choose the adult named worker" in nobody.text
    mina = re_value(helen.get(f"{page}/worker").text, "Mina")
    named = post(helen, f"{page}/worker", adult_worker=mina)
    shown = helen.get(named.location).text
    assert "Both named workers are told that something changed." in shown
    assert "Name another worker" in shown
    again = post(helen, f"{page}/worker", adult_worker=mina)
    assert "This worker is named already" in again.text
    assert client_as(RUTH).get(f"{page}/worker").status_code == 404


def re_value(page: str, name: str) -> str:
    """Return what a page's list sends for the choice with these words."""
    before = page.partition(f">{name}")[0]
    return before.rpartition('value="')[2].partition('"')[0]


def test_there_is_no_such_page_before_an_answer(client_as: ClientAs, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    assert client_as(HELEN).get(f"/cases/{reference}/handovers/{KEY}/worker").status_code == 404


def test_the_nurse_records_it_on_the_page_of_a_provider_outside(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, key = accepted_outside(work_as, adult_worker=None, adult_worker_by=BY)
    ruth, page = client_as(RUTH), f"/cases/{reference}/handovers/{key}"
    assert f'href="{page}/told/worker"' in ruth.get(page).text
    lacking = post(ruth, f"{page}/told/worker", adult_worker=THEIR_WORKER)
    assert "Write who there told you" in lacking.text
    future = post(
        ruth, f"{page}/told/worker", **TOLD | {"told_on-year": "2027"}, adult_worker=THEIR_WORKER
    )
    assert "must be today or in the past" in future.text
    kept = post(ruth, f"{page}/told/worker", **TOLD, adult_worker=THEIR_WORKER)
    assert THEIR_WORKER in ruth.get(kept.location).text


def test_nobody_writes_over_the_worker_of_a_provider_outside_whom_a_colleague_just_named(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    reference, key = accepted_outside(work_as, adult_worker=None, adult_worker_by=BY)
    ruth, page = client_as(RUTH), f"/cases/{reference}/handovers/{key}/told/worker"
    opened = version_of(ruth.get(page).text)
    with work_as(TOM) as work:
        record_their_worker(work, reference, key, THEIR_WORKER, told())
    second = post(ruth, page, **TOLD, adult_worker="Alex Bramley", version=opened)
    assert second.status_code == 409
    assert THEIR_WORKER in second.text
    assert "Alex Bramley" in second.text
