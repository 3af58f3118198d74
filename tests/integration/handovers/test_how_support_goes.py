"""How the support beside the lead goes: asked, written down, talked about; silence is told."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.running import text_of
from tests.builders import (
    Bag,
    ClientAs,
    WorkAs,
    on_both,
    post,
    post_with,
    proposed_handover,
    working,
)
from tests.integration.handovers.test_supporting import KEY, answer, ask
from tests.integration.settling.steps import MONDAY, check_in, transferred_case
from tests.people import GRACE, HELEN, JO, LOLA, MINA, PETER, PRIYA, ROSA, RUTH, TOM
from transition.actions.handovers import withdraw_handover
from transition.actions.nudges import send_nudges, waiting_long
from transition.actions.settling import (
    NewCheckIn,
    Talk,
    record_check_in,
    record_talk,
    take_back_check_in,
)
from transition.actions.work import NotFound, Work
from transition.app import Tracker
from transition.clock import LONDON
from transition.records.audit import AuditEntry
from transition.records.outbox import QueuedLetter
from transition.records.settling import CheckIn
from transition.records.settling_facts import settling_cases
from transition.rules.errors import RuleBroken
from transition.rules.people import THE_TIMETABLE
from transition.rules.settling import CheckInOutcome

REMINDED: Final = date(2026, 12, 3)
"""Two working days before the two weeks are over in which it is asked how support goes."""
SENIORS: Final = (PRIYA, TOM, "escalation@oakhaven.example")


def at(day: date) -> datetime:
    return datetime.combine(day, time(9), LONDON).astimezone(UTC)


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    """A case that Rowans was asked to lead, and that Oakhaven supports from today, with Rosa."""
    with work_as(RUTH) as work:
        found = proposed_handover(work)[0].reference
    ask(work_as, found)
    answer(work_as, found)
    return found


def goes(work: Work, outcome: CheckInOutcome = CheckInOutcome.SETTLED) -> NewCheckIn:
    """Return what is said today of how the support goes."""
    return check_in(work, "support", outcome=outcome)


def told(session: Session) -> list[str]:
    """Return the nudges about the support that wait or went: the day, what of, and to whom."""
    session.rollback()
    query = select(QueuedLetter).where(
        QueuedLetter.prompt_key.is_not(None),
        QueuedLetter.cancelled_at.is_(None),
        QueuedLetter.about.contains(f"/{KEY}/"),
    )
    return sorted(
        f"{row.queued_at:%m-%d} {'/'.join(row.about.split('/')[2:])} {row.recipient.email}"
        for row in session.scalars(query)
    )


def nudge(app: Tracker, first: date, last: date) -> None:
    """Let the timetable run every day from the first to the last."""
    for count in range((last - first).days + 1):
        with working(app, THE_TIMETABLE, at(first + timedelta(count))) as work:
            send_nudges(work)


@on_both
def test_silence_about_support_goes_up_step_by_step(
    app: Tracker, session: Session, reference: str
) -> None:
    nudge(app, date(2026, 12, 1), date(2026, 12, 21))

    assert told(session) == [
        *sorted(f"12-03 support/reminder/1 {who}" for who in (RUTH, ROSA)),
        *sorted(f"12-08 support/both_told/1 {who}" for who in (RUTH, ROSA, PETER)),
        *sorted(f"12-14 support/escalation/1 {who}" for who in SENIORS),
        f"12-21 support/coordinator/1 {JO}",
    ]
    with working(app, THE_TIMETABLE, at(date(2026, 12, 21))) as work:
        assert (reference, "a check-in about support") in waiting_long(work)


@on_both
def test_what_is_said_of_support_quiets_its_clock_for_six_months(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(ROSA, at(date(2026, 12, 7))) as work:
        record_check_in(work, reference, goes(work), key=KEY)
    nudge(app, date(2026, 12, 8), date(2026, 12, 22))
    assert told(session) == []
    nudge(app, date(2027, 6, 1), date(2027, 6, 8))
    assert told(session) == [
        *sorted(f"06-03 support/reminder/2 {who}" for who in (RUTH, ROSA)),
        *sorted(f"06-08 support/both_told/2 {who}" for who in (RUTH, ROSA, PETER)),
    ]


@on_both
def test_support_that_does_not_work_is_talked_about_by_both_leads(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        record_check_in(work, reference, goes(work, CheckInOutcome.NOT_WORKING), key=KEY)
    nudge(app, MONDAY, date(2026, 12, 1))
    assert [line for line in told(session) if "talk/" in line] == [
        *sorted(f"11-23 talk/told/1 {who}" for who in (PRIYA, TOM, PETER, LOLA)),
        *sorted(f"11-26 talk/reminder/1 {who}" for who in (PRIYA, TOM, PETER, LOLA)),
        *sorted(f"12-01 talk/both_told/1 {who}" for who in (RUTH, ROSA, PETER)),
    ]
    talk = Talk(MONDAY, "We go on.")
    with pytest.raises(RuleBroken, match="The leads of both"), work_as(RUTH) as work:
        record_talk(work, reference, 1, talk, key=KEY)
    with work_as(PETER) as work:
        record_talk(work, reference, 1, talk, key=KEY)
    with pytest.raises(RuleBroken, match="recorded already"), work_as(PRIYA) as work:
        record_talk(work, reference, 1, talk, key=KEY)


@on_both
def test_either_hospice_says_how_support_goes_and_nobody_else(
    work_as: WorkAs, session: Session, reference: str
) -> None:
    for who in (RUTH, PRIYA, PETER, ROSA):
        with work_as(who) as work:
            record_check_in(work, reference, goes(work), key=KEY)
    for who in (HELEN, MINA, GRACE):
        with pytest.raises(NotFound), work_as(who) as work:
            record_check_in(work, reference, goes(work), key=KEY)
    written = list(session.scalars(select(AuditEntry.action)))
    assert written.count("support:checked_in") == 4
    assert "settling:checked_in" not in written


@on_both
def test_what_is_said_lies_between_the_day_on_which_support_begins_and_today(
    work_as: WorkAs, reference: str
) -> None:
    for days, words in ((-1, "from which they support"), (1, "today or in the past")):
        with work_as(RUTH) as work:
            new = check_in(work, "support", happened_on=MONDAY + timedelta(days))
        with pytest.raises(RuleBroken, match=words), work_as(RUTH) as work:
            record_check_in(work, reference, new, key=KEY)


@on_both
def test_what_was_said_by_mistake_is_taken_back_and_asked_again(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    with work_as(RUTH) as work:
        record_check_in(work, reference, goes(work, CheckInOutcome.NOT_WORKING), key=KEY)
    with pytest.raises(RuleBroken), work_as(ROSA) as work:
        take_back_check_in(work, reference, 1, key=KEY)
    with work_as(RUTH) as work:
        take_back_check_in(work, reference, 1, key=KEY)
    nudge(app, MONDAY, REMINDED)
    assert told(session) == sorted(f"12-03 support/reminder/1 {who}" for who in (RUTH, ROSA))


@on_both
def test_nothing_is_asked_or_said_about_support_that_is_over(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    nudge(app, REMINDED, REMINDED)
    with work_as(PRIYA, at(REMINDED)) as work:
        withdraw_handover(work, reference, KEY)
    assert letters_about_support(app) == []
    with pytest.raises(RuleBroken, match="Nobody supports"), work_as(PRIYA) as work:
        record_check_in(work, reference, goes(work), key=KEY)
    nudge(app, date(2026, 12, 8), date(2026, 12, 21))
    assert [line for line in told(session) if not line.startswith("12-03")] == []


@on_both
def test_beside_a_transfer_both_clocks_run_and_each_falls_silent_alone(
    app: Tracker, work_as: WorkAs, session: Session
) -> None:
    reference = transferred_case(work_as)
    ask(work_as, reference)
    answer(work_as, reference)
    nudge(app, REMINDED, REMINDED)
    assert told(session) == sorted(f"12-03 support/reminder/1 {who}" for who in (RUTH, ROSA))
    with working(app, THE_TIMETABLE, at(REMINDED)) as work:
        waiting = {(one.facts.checked_on, one.handover.key) for one in settling_cases(work.session)}
    assert waiting == {(None, "rowans-1"), ((), KEY)}
    with work_as(PRIYA, at(REMINDED)) as work:
        withdraw_handover(work, reference, KEY)
    assert letters_about_support(app) == []


def letters_about_support(app: Tracker) -> list[str]:
    """Return the letters about support that go on the day of the reminder, as text."""
    bag = Bag()
    post_with(app, bag, at=at(REMINDED))
    return [words for letter in bag.letters if "about support" in (words := text_of(letter))]


def test_a_letter_about_support_names_the_page_and_no_day(app: Tracker, reference: str) -> None:
    nudge(app, REMINDED, REMINDED)
    letters = letters_about_support(app)
    assert len(letters) == 2
    for words in letters:
        assert f"/cases/{reference}/handovers/{KEY}" in words
        assert "7 December" not in words


def test_both_hospices_see_what_is_to_be_asked_and_the_lead_does_not(
    client_as: ClientAs, reference: str
) -> None:
    line = "ask how the support goes by 7 December 2026"
    pack = f"/cases/{reference}/handovers/{KEY}"
    today = client_as(ROSA).get("/today").text
    assert "ask how the support goes" in today
    assert today.count(f'href="{pack}"') > 1, "the line and its button lead to where it is said"
    assert "milestones" not in today
    for who in (PETER, RUTH):
        assert line in client_as(who).get(pack).text
    assert "how the support goes" not in client_as(HELEN).get("/today").text


ADD: Final = f"handovers/{KEY}/check-ins/new"


def typed(outcome: str = "settled", day: str = "23", **words: str) -> dict[str, str]:
    """Return what is typed about how the support goes, of a day in November."""
    parts = {"day": day, "month": "11", "year": "2026"}
    return {f"happened_on-{part}": n for part, n in parts.items()} | {"outcome": outcome} | words


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (typed(""), "Say how the support goes"),
        (typed(day=""), "must include a day"),
        (typed(day="22"), "from which they support"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_a_sentence(
    client_as: ClientAs, reference: str, sent: dict[str, str], says: str
) -> None:
    refused = post(client_as(RUTH), f"/cases/{reference}/{ADD}", **sent, note="Kept words")
    assert refused.status_code == 422
    assert says in refused.text
    assert "Kept words" in refused.text


def test_it_is_said_and_talked_about_on_the_page(client_as: ClientAs, reference: str) -> None:
    pack = f"/cases/{reference}/handovers/{KEY}"
    nurse, lead = client_as(RUTH), client_as(PETER)
    talk = "both leads to talk about the support by 30 November 2026"
    assert talk not in lead.get(pack).text
    worse = typed("not_working", their_words="Nobody answers at night.")
    assert post(nurse, f"{pack}/check-ins/new", **worse).location == pack
    shown = nurse.get(pack).text
    assert "Nobody answers at night." in shown
    assert "Say what both leads agreed" not in shown
    assert nurse.get(f"{pack}/check-ins/1/talk").status_code == 404
    assert lead.get(f"{pack}/check-ins/2/talk").status_code == 404
    assert talk in " ".join(lead.get(f"/cases/{reference}/handovers/{KEY}").text.split())
    assert "Say what both leads agreed" in lead.get(pack).text
    talked = typed(words="A night number from Monday.")
    assert post(lead, f"{pack}/check-ins/1/talk", **talked).location == pack
    assert "A night number from Monday." in lead.get(pack).text


def test_what_was_said_by_mistake_is_taken_back_on_the_page(
    client_as: ClientAs, session: Session, reference: str
) -> None:
    pack = f"/cases/{reference}/handovers/{KEY}"
    nurse, lead = client_as(RUTH), client_as(PETER)
    add, back = f"{pack}/check-ins/new", f"{pack}/check-ins/2/taken-back"
    post(nurse, add, **typed())
    post(nurse, add, **typed("some_worries"))
    assert post(lead, add, back).location == pack
    assert "Taken back" not in lead.get(pack).text
    assert post(nurse, add, back).location == pack
    assert "Taken back" in nurse.get(pack).text
    assert post(nurse, add, f"{pack}/check-ins/9/taken-back").status_code == 404
    session.rollback()
    rows = session.scalars(select(CheckIn).order_by(CheckIn.number)).all()
    assert [one.taken_back_at is None for one in rows] == [True, False]
