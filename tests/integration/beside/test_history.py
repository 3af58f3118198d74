"""The history of a case: who did what, from what to what and why; and who may read which of it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.builders import ClientAs, WorkAs, accepted_case, opened_case, post
from tests.people import ANNA, HELEN, RUTH
from transition.actions.beside import NewNote, edit_note, set_alert, write_note
from transition.actions.identity import change_number
from transition.actions.linked_cases import link_cases
from transition.actions.own_milestones import NewMilestone, add_milestone
from transition.actions.record import confirm_section, remove_entry, save_entry
from transition.actions.services import record_needed
from transition.actions.targets import move_target
from transition.actions.unmet_needs import NewNeed, close_need, record_need
from transition.rules.beside import NoteKind, Sharing
from transition.rules.handovers import Function
from transition.rules.nhs_numbers import MissingReason
from transition.rules.pathway import Owner, Stage
from transition.rules.record_sections import COMMUNICATION, LEGAL_ROLES
from transition.rules.services import Needed, ServiceKey
from transition.rules.targets import Target, TargetReason
from transition.rules.unmet_needs import ClosedHow

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
OURS, BOTH = "Mum is worried about nights.", "The hoist fits."


@pytest.fixture
def shared(work_as: WorkAs) -> str:
    """A case that Rowans has accepted, with a note for the team and one for both."""
    reference = accepted_case(work_as)[0]
    with work_as(RUTH) as work:
        for words, sharing in ((OURS, Sharing.TEAM), (BOTH, Sharing.BOTH)):
            note = NewNote(kind=NoteKind.VISIT, sharing=sharing, happened_on=TODAY, words=words)
            write_note(work, reference, note)
    return reference


def test_why_a_date_changed_and_who_did_it_is_two_clicks_away(
    client_as: ClientAs, work_as: WorkAs, shared: str
) -> None:
    with work_as(ANNA, NOW + timedelta(hours=1)) as work:
        move_target(
            work,
            shared,
            Target(on=date(2027, 7, 1)),
            TargetReason.FUNDING_NOT_AGREED,
            note="The panel meets in May.",
        )
    ruth = client_as(RUTH)
    assert f"/cases/{shared}/history" in ruth.get(f"/cases/{shared}").text
    page = ruth.get(f"/cases/{shared}/history?kind=changes").text
    for words in (
        "Target date: was 1 June 2027, now 1 July 2027",
        "Reason: Funding is not agreed",
        "The panel meets in May.",
    ):
        assert words in page
    told = page[page.index("now 1 July 2027") :]
    assert told.index("Naomi House") < told.index("</li>")


def test_each_hospice_reads_its_own_history_and_what_both_share(
    client_as: ClientAs, shared: str
) -> None:
    ruth, helen = client_as(RUTH), client_as(HELEN)
    helen.get(f"/cases/{shared}")
    ours, theirs = (one.get(f"/cases/{shared}/history").text for one in (ruth, helen))
    assert OURS in ours
    assert BOTH in ours
    assert BOTH in theirs
    assert OURS not in theirs
    assert "The handover was accepted" in theirs
    assert "The transition was started" in ours
    assert "The transition was started" not in theirs
    looks = f"/cases/{shared}/history?kind=access"
    assert "Helen" in ruth.get(looks).text
    assert "Ruth" not in helen.get(looks).text.partition("<main")[2]
    assert "Looked at the case" in helen.get(looks).text


@pytest.mark.parametrize(
    ("kind", "words", "absent"),
    [
        ("notes", BOTH, "The handover was accepted"),
        ("answers", "The handover was accepted", BOTH),
        ("letters", "A letter was written", BOTH),
        ("none of these", BOTH, "Looked at the case"),
    ],
)
def test_the_history_is_narrowed_to_one_kind(
    client_as: ClientAs, shared: str, kind: str, words: str, absent: str
) -> None:
    page = client_as(RUTH).get(f"/cases/{shared}/history", query_string={"kind": kind}).text
    assert words in page
    assert absent not in page.partition('class="app-timeline"')[2]


def test_a_long_history_stands_on_several_pages(
    client_as: ClientAs, work_as: WorkAs, shared: str
) -> None:
    with work_as(RUTH) as work:
        for number in range(60):
            note = NewNote(
                kind=NoteKind.OTHER,
                sharing=Sharing.TEAM,
                happened_on=TODAY,
                words=f"Line {number}.",
            )
            write_note(work, shared, note)
    ruth, address = client_as(RUTH), f"/cases/{shared}/history?kind=notes"
    first, second = ruth.get(address).text, ruth.get(f"{address}&page=2").text
    assert "Page 1 of 2." in first
    assert "Line 59." in first
    assert "Line 0." in second
    assert "Newer" in second


def test_a_quiet_kind_says_that_nothing_happened(client_as: ClientAs, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    page = client_as(RUTH).get(f"/cases/{reference}/history?kind=notes").text
    assert "Nothing of this kind has happened yet." in page


def test_a_change_is_told_in_words_and_never_in_codes(
    client_as: ClientAs, work_as: WorkAs, shared: str
) -> None:
    with work_as(RUTH) as work:
        set_alert(work, shared, "Ring after 4pm.", review_on=date(2026, 12, 7))
    page = client_as(RUTH).get(f"/cases/{shared}/history").text
    assert "Words: was nothing, now Ring after 4pm." in page
    assert "Look again on: was nothing, now 7 December 2026" in page
    assert "now Planning" in page or "now Planning the move" in page
    assert "2026-12-07" not in page.partition("<main")[2]


def test_a_change_of_the_record_is_told_as_its_form_asks_it(
    client_as: ClientAs, work_as: WorkAs, shared: str
) -> None:
    deputy = {"role": "deputy_welfare", "status": "applied", "document_seen": "no"}
    with work_as(RUTH) as work:
        held = save_entry(work, shared, LEGAL_ROLES, deputy, None).uid
    with work_as(RUTH) as work:
        remove_entry(work, shared, LEGAL_ROLES, held)
        confirm_section(work, shared, COMMUNICATION)
        change_number(work, shared, None, MissingReason.NOT_KNOWN)
    page = client_as(RUTH).get(f"/cases/{shared}/history").text.partition("<main")[2]
    for words in (
        "The record was changed: Legal roles",
        "Role: was nothing, now Deputy for health and welfare",
        "How it stands: was nothing, now Applied for",
        "Has the document been seen?: was nothing, now No",
        "An entry was taken out of the record: Legal roles",
        "A section of the record was confirmed: How to talk with me",
        "Why there is no NHS number: was Being traced, now Not known",
    ):
        assert words in page
    for code in ("deputy_welfare", "Record saved", "Present", "Document seen"):
        assert code not in page


def test_an_entry_names_the_milestone_the_service_or_the_need_that_it_is_about(
    client_as: ClientAs, work_as: WorkAs, shared: str
) -> None:
    with work_as(RUTH) as work:
        new = NewMilestone(title="Ask about the hoist", stage=Stage.PLANNING, owner=Owner.CHILDRENS)
        add_milestone(work, shared, new)
        record_needed(work, shared, {ServiceKey.GP: Needed.YES})
        missing = NewNeed(
            what=Function.SHORT_BREAKS, reason_code="too_far", opened_on=TODAY, note="No place near"
        )
        need = record_need(work, shared, missing)
        close_need(work, shared, need.number, ClosedHow.FOUND)
    page = client_as(RUTH).get(f"/cases/{shared}/history").text
    for words in (
        "A milestone was added: Ask about the hoist",
        "The services map was changed: GP<",
        "An unmet need was recorded: Short breaks",
        "An unmet need ended: Short breaks",
        "How it ended: was nothing, now Another service was found",
    ):
        assert words in page


@pytest.mark.usefixtures("demonstration")
def test_no_code_stands_in_the_history_of_any_demonstration_case(client_as: ClientAs) -> None:
    seen = 0
    for email in (RUTH, ANNA):
        nurse = client_as(email)
        found = set(re.findall(r"NHJ-\w{4}-\w", nurse.get("/cases").text))
        for reference in sorted(found):
            page = nurse.get(f"/cases/{reference}/history").text
            told = page.partition('class="app-timeline"')[2].partition("</ol>")[0]
            assert re.findall(r"\b[a-z]+_[a-z_]+\b|\d{4}-\d\d-\d\d", told) == [], reference
            seen += "<li>" in told
    assert seen >= 20


DIED = {"died_on-day": "22", "died_on-month": "11", "died_on-year": "2026"}


# --- brothers, sisters and namesakes ------------------------------------------------------------


def test_brothers_and_sisters_are_linked_shown_and_unlinked(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        one = opened_case(work, family_name="Demo-Ash").reference
        other = opened_case(work, given_name="Ida", known_as="Ida").reference
    ruth = client_as(RUTH)
    wrong = post(ruth, f"/cases/{one}/links/new", other=one)
    assert "Choose another case" in wrong.text
    absent = post(ruth, f"/cases/{one}/links/new", other="NHJ-0000-0")
    assert "There is no case with this reference." in absent.text
    assert post(ruth, f"/cases/{one}/links/new", other=other.lower()).location
    for reference, name in ((one, "Ida"), (other, "Sky Demo-Ash")):
        page = ruth.get(f"/cases/{reference}").text
        assert "Brother or sister:" in page
        assert name in page
    page = f"/cases/{one}/links"
    assert "Ida" in ruth.get(page).text
    assert post(ruth, page, f"{page}/remove", other=other).location == page
    assert "Brother or sister:" not in ruth.get(f"/cases/{other}").text
    again = post(ruth, page, f"{page}/remove", other=other)
    assert "These two are not linked." in ruth.get(again.location).text


def test_two_people_with_nearly_the_same_name_are_told_apart_on_both_pages(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        one = opened_case(work, given_name="Mara", known_as=None).reference
        other = opened_case(work, given_name="Mira", known_as=None).reference
        third = opened_case(work, given_name="Zebedee", known_as=None).reference
    ruth, words = client_as(RUTH), "Somebody else has a similar name:"
    for here, there in ((one, other), (other, one)):
        page = ruth.get(f"/cases/{here}").text
        assert words in page
        assert there in page
    assert words not in ruth.get(f"/cases/{third}").text


def test_whoever_is_like_another_is_told_apart_wherever_something_is_done(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        one, other = (
            opened_case(work, given_name=name, known_as=None).reference for name in ("Mara", "Mira")
        )
    ruth, warning = client_as(RUTH), 'aria-label="Not the same person"'
    for page in ("milestones", "record/summary", "contacts/new", "plan/target-date", "died"):
        found = ruth.get(f"/cases/{one}/{page}").text.partition(warning)[2].partition("</ul>")[0]
        assert other in found, page
    for whose in ("young-person", "family"):
        assert warning not in ruth.get(f"/cases/{one}/print/{whose}").text
    assert post(ruth, f"/cases/{one}/died", **DIED).status_code == 302
    assert warning not in ruth.get(f"/cases/{one}/record").text
    assert one in ruth.get(f"/cases/{other}").text


def test_the_other_hospice_learns_of_no_brother_or_sister_that_it_may_not_see(
    client_as: ClientAs, work_as: WorkAs, shared: str
) -> None:
    with work_as(RUTH) as work:
        other = opened_case(work, given_name="Ida", known_as="Ida").reference
        link_cases(work, shared, other)
    assert "Brother or sister, with a similar name:" in client_as(RUTH).get(f"/cases/{shared}").text
    helen = client_as(HELEN)
    assert "Brother or sister" not in helen.get(f"/cases/{shared}").text
    assert other not in helen.get(f"/cases/{shared}/history").text
    assert helen.get(f"/cases/{shared}/links").status_code == 404


def test_what_stood_in_a_note_before_it_was_shared_is_not_told(
    client_as: ClientAs, work_as: WorkAs, shared: str
) -> None:
    for words, sharing in (("Nights are hard.", Sharing.TEAM), ("All is well.", Sharing.BOTH)):
        with work_as(RUTH) as work:
            note = NewNote(kind=NoteKind.VISIT, sharing=sharing, happened_on=TODAY, words=words)
            edit_note(work, shared, 1, note)
    ours, theirs = (
        one.get(f"/cases/{shared}/history").text for one in map(client_as, (RUTH, HELEN))
    )
    assert "All is well." in theirs
    assert OURS in ours
    assert "Nights are hard." in ours
    assert OURS not in theirs
    assert "Nights are hard." not in theirs
