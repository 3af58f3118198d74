"""My letters: what I was sent, what of it may wait, and a digest to try."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import (
    Bag,
    ClientAs,
    WorkAs,
    issue,
    on_both,
    post,
    post_with,
    proposed_handover,
    version_of,
)
from tests.people import HELEN, IDRIS, JO, RUTH
from transition.actions.letter_choices import choose_letters
from transition.actions.questions import NewQuestion, ask_question
from transition.app import Tracker
from transition.mail.postman import NotCarried
from transition.records.audit import AuditEntry
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.letters import ChosenOfLetters
from transition.records.outbox import QueuedLetter
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Urgency
from transition.rules.letters import LetterChoice
from transition.rules.questions import QuestionCategory

EVENING = datetime(2026, 11, 23, 19, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)
PAGE = "/me/letters"


@pytest.fixture
def reference(app: Tracker, work_as: WorkAs) -> str:
    """A case that was put to a hospice; the letters about that have gone."""
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    post_with(app, Bag())
    return reference


def choose(work_as: WorkAs, who: str, *chosen: LetterChoice) -> None:
    with work_as(who) as work:
        choose_letters(work, chosen)


def ask(work_as: WorkAs, reference: str) -> None:
    asked = NewQuestion(category=QuestionCategory.FAMILY, words="Who lives with Sky?")
    with work_as(HELEN, at=EVENING) as work:
        ask_question(work, reference, "rowans-1", asked)


def readers(app: Tracker, at: datetime) -> list[str]:
    bag = Bag()
    post_with(app, bag, at=at)
    return bag.readers


@on_both
def test_what_can_wait_comes_in_the_morning_to_whoever_chose_that(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    choose(work_as, RUTH, LetterChoice.HOURS)
    ask(work_as, reference)

    assert readers(app, EVENING) == []
    assert readers(app, MORNING - timedelta(minutes=1)) == []
    assert readers(app, MORNING) == [RUTH]
    assert readers(app, MORNING + timedelta(hours=1)) == []
    kept = select(QueuedLetter.tries).where(QueuedLetter.kind == "handover_question")
    assert session.scalar(kept) == 1, "waiting is no failed try"


def test_whoever_chose_nothing_waits_for_nothing(
    app: Tracker, work_as: WorkAs, reference: str
) -> None:
    choose(work_as, HELEN, LetterChoice.HOURS)
    ask(work_as, reference)

    assert readers(app, EVENING) == [RUTH]


@pytest.mark.parametrize("hurried", ["case", "handover"])
def test_what_is_expedited_waits_for_nothing(
    app: Tracker, work_as: WorkAs, session: Session, reference: str, hurried: str
) -> None:
    choose(work_as, RUTH, LetterChoice.HOURS, LetterChoice.QUESTION)
    if hurried == "case":
        session.scalars(select(Case)).one().expedited = True
    else:
        session.scalars(select(Handover)).one().urgency = Urgency.EXPEDITED
    session.commit()
    ask(work_as, reference)

    assert readers(app, EVENING) == [RUTH]


@on_both
def test_what_is_left_to_monday_comes_with_the_digest_alone(
    app: Tracker, work_as: WorkAs, session: Session, reference: str
) -> None:
    choose(work_as, RUTH, LetterChoice.QUESTION)
    ask(work_as, reference)

    assert readers(app, MORNING) == []
    last = select(AuditEntry.action, AuditEntry.object).order_by(AuditEntry.seq.desc())
    assert session.execute(last).first() == ("letter:cancelled", "handover_question")
    monday = datetime(2026, 11, 30, 7, 30, tzinfo=UTC)
    issue(app, at=monday)
    bag = Bag()
    post_with(app, bag, at=monday)
    (digest,) = [one for one in bag.letters if one["To"] == RUTH]
    assert reference in digest.as_string()
    assert "question" in digest.as_string().lower()


@on_both
def test_what_was_chosen_can_be_chosen_otherwise(work_as: WorkAs, session: Session) -> None:
    choose(work_as, RUTH, LetterChoice.HOURS, LetterChoice.RECEIVED)
    choose(work_as, RUTH, LetterChoice.HOURS, LetterChoice.QUESTION)
    choose(work_as, HELEN, LetterChoice.ANSWER)

    rows = session.scalars(select(ChosenOfLetters.choice).order_by(ChosenOfLetters.choice)).all()
    assert rows == [LetterChoice.QUESTION, LetterChoice.ANSWER, LetterChoice.HOURS]
    with pytest.raises(RuleBroken, match="Choose from what is offered"):
        choose(work_as, RUTH, LetterChoice.ANSWER)
    with pytest.raises(RuleBroken, match="Choose from what is offered"):
        choose(work_as, JO, LetterChoice.HOURS)


def test_the_page_shows_what_was_sent_and_says_nothing_of_whom(
    client_as: ClientAs, reference: str
) -> None:
    page = client_as(HELEN).get(PAGE).text
    assert "A handover needs a reply" in page
    assert "23 November 2026 at 9:00am" in page
    assert "Sent" in page
    assert "Monday 30 November at 7:30am" in page
    assert reference not in page
    assert "Sky" not in page
    assert "Nothing yet" in client_as(RUTH).get(PAGE).text


def test_what_could_not_be_delivered_is_shown_and_what_still_waits(
    app: Tracker, client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        proposed_handover(work)
    helen = client_as(HELEN)
    assert "Waits to go" in helen.get(PAGE).text
    post_with(app, Bag(NotCarried("550", for_good=True)))
    assert "Could not be delivered" in helen.get(PAGE).text


def test_a_page_that_is_older_changes_nothing(client_as: ClientAs, session: Session) -> None:
    ruth = client_as(RUTH)
    page = ruth.get(PAGE).text
    assert "That a hospice has asked a question" in page
    assert "That a question of ours was answered" not in page
    answer = post(ruth, PAGE, chosen=["hours", "handover_question"], version=version_of(page))
    assert (answer.status_code, answer.location) == (302, PAGE)
    after = ruth.get(PAGE).text
    assert after.count("checked") == 2
    stale = post(ruth, PAGE, chosen=["handover_received"], version=version_of(page))
    assert stale.status_code == 409
    assert len(session.scalars(select(ChosenOfLetters)).all()) == 2
    assert post(ruth, PAGE, chosen=["never"]).status_code == 422
    assert post(ruth, PAGE).status_code == 302
    assert "checked" not in ruth.get(PAGE).text


def test_whoever_is_sent_nothing_that_can_wait_chooses_nothing(client_as: ClientAs) -> None:
    page = client_as(JO).get(PAGE).text
    assert "What may wait" not in page
    assert "Your next digest" in page


@on_both
def test_a_digest_to_try_comes_at_once_and_not_again_and_again(
    app: Tracker, client_as: ClientAs
) -> None:
    idris = client_as(IDRIS)
    assert post(idris, PAGE, f"{PAGE}/try").location == PAGE
    assert "It is on its way to you." in idris.get(PAGE).text
    post(idris, PAGE, f"{PAGE}/try")
    assert "It was sent to you a moment ago." in idris.get(PAGE).text
    bag = Bag()
    post_with(app, bag)
    (letter,) = bag.letters
    assert (letter["To"], letter["Subject"].split(":")[0]) == (IDRIS, "Transition digest")
    app.config["CLOCK"].instant += timedelta(minutes=11)
    post(idris, PAGE, f"{PAGE}/try")
    assert "It is on its way to you." in idris.get(PAGE).text
    assert issue(app, at=app.config["CLOCK"].now()) > 0, "the week's own comes all the same"
