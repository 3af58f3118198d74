"""The pages beside a record: what they ask, what they show to whom, and what they keep."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import ClientAs, WorkAs, accepted_case, opened_case, post
from tests.people import ANNA, HELEN, RUTH
from transition.app import Tracker

WORDS = "She keeps her Thursday music session."
DAY = {"day": "23", "month": "11", "year": "2026"}


@pytest.fixture
def shared(work_as: WorkAs) -> str:
    """A case that Rowans has accepted."""
    return f"/cases/{accepted_case(work_as)[0]}"


def on(name: str, **parts: str) -> dict[str, str]:
    """Return the three boxes of a date."""
    return {f"{name}-{part}": words for part, words in (DAY | parts).items()}


def note(**words: str) -> dict[str, str]:
    return {"words": WORDS, "kind": "visit", "sharing": "team"} | on("happened_on") | words


def test_a_note_is_written_in_one_field_and_stands_on_the_case(
    client_as: ClientAs, shared: str
) -> None:
    ruth = client_as(RUTH)
    page = ruth.get(f"{shared}/notes/new").text
    for chosen in ("visit", "team"):
        assert re.search(rf'value="{chosen}"[^>]*checked', page)
    assert post(ruth, f"{shared}/notes/new", **note()).location == shared
    assert WORDS in ruth.get(f"{shared}/notes").text
    assert WORDS not in client_as(HELEN).get(f"{shared}/notes").text


def test_what_is_written_for_the_familys_print_stands_on_it_and_nothing_else_does(
    client_as: ClientAs, shared: str
) -> None:
    ruth, helen = client_as(RUTH), client_as(HELEN)
    for words, sharing in (("Only us.", "team"), ("Both of us.", "both"), (WORDS, "family")):
        post(ruth, f"{shared}/notes/new", **note(words=words, sharing=sharing))
    post(helen, f"{shared}/notes/new", **note(words="We look forward to her.", sharing="family"))
    about_me = {"kind": "about_me", "title": "My hospital passport", "place": "In her bag"}
    for one in (about_me | {"sharing": "family"}, about_me | {"title": "Rota", "sharing": "both"}):
        post(ruth, f"{shared}/documents/new", **one, **on("dated"))
    family, hers = (
        ruth.get(f"{shared}/print/{whose}").text for whose in ("family", "young-person")
    )
    for words in (
        "23 November 2026, visit, Ruth Adeyemi, Naomi House",
        WORDS,
        "We look forward to her.",
        "My hospital passport",
        "Held: In her bag. Dated 23 November 2026",
    ):
        assert words in family
        assert words not in hers
    for words in ("Only us.", "Both of us.", "Rota"):
        assert words not in family


def test_a_note_that_was_corrected_or_a_document_off_the_list_is_not_on_the_familys_print(
    client_as: ClientAs, shared: str
) -> None:
    ruth = client_as(RUTH)
    post(ruth, f"{shared}/notes/new", **note(sharing="family"))
    post(
        ruth, f"{shared}/documents/new", kind="letter", title="To all", place="x", sharing="family"
    )
    assert WORDS in ruth.get(f"{shared}/print/family").text
    post(ruth, f"{shared}/notes/1/correct", **note(words="Fridays.", sharing="team"))
    post(ruth, f"{shared}/documents", f"{shared}/documents/1/remove")
    family = ruth.get(f"{shared}/print/family").text
    for words in (WORDS, "Fridays.", "To all", "Notes", "Documents"):
        assert words not in family.partition("<main")[2]


def test_an_entry_for_the_family_alone_does_not_say_that_another_hospice_reads_it(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        case = f"/cases/{opened_case(work).reference}"
    ruth = client_as(RUTH)
    post(ruth, f"{case}/notes/new", **note(sharing="family"))
    page = ruth.get(f"{case}/notes").text
    assert "The family&#39;s print" in page
    assert "Both hospices" not in page


def test_a_shared_note_is_read_by_both_and_corrected_by_its_own_side(
    app: Tracker, client_as: ClientAs, shared: str
) -> None:
    post(client_as(RUTH), f"{shared}/notes/new", **note(sharing="both"))
    page = client_as(HELEN).get(f"{shared}/notes").text
    assert WORDS in page
    assert "Both hospices" in page
    assert "/notes/1/" not in page
    assert "/notes/1/edit" in client_as(RUTH).get(f"{shared}/notes").text
    assert "/notes/1/correct" in client_as(ANNA).get(f"{shared}/notes").text
    app.config["CLOCK"].instant += timedelta(days=1)
    ruth = client_as(RUTH)
    assert "/notes/1/correct" in ruth.get(f"{shared}/notes").text
    refused = post(ruth, f"{shared}/notes/1/edit", **note(words="Fridays."))
    assert refused.status_code == 422
    assert "Write a correction instead." in refused.text
    post(ruth, f"{shared}/notes/1/correct", **note(words="Fridays."))
    assert "corrects note 1" in ruth.get(f"{shared}/notes").text


def test_whoever_edits_an_older_page_loses_nothing(client_as: ClientAs, shared: str) -> None:
    ruth = client_as(RUTH)
    post(ruth, f"{shared}/notes/new", **note())
    assert post(ruth, f"{shared}/notes/1/edit", **note(words="First."), version="1").location
    late = post(ruth, f"{shared}/notes/1/edit", **note(words="Second."), version="1")
    assert late.status_code == 409
    assert "Second." in late.text
    assert "First." in late.text


@pytest.mark.parametrize("name", ["words", "kind", "sharing", "happened_on"])
def test_what_is_left_out_of_a_note_is_asked_for(
    client_as: ClientAs, shared: str, name: str
) -> None:
    left_out = dict.fromkeys((name, *on(name)), "")
    answer = post(client_as(RUTH), f"{shared}/notes/new", **note() | left_out)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


def test_before_a_hospice_is_chosen_there_is_nobody_to_share_with(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        path = f"/cases/{opened_case(work).reference}"
    ruth = client_as(RUTH)
    assert "Our team and" not in ruth.get(f"{path}/notes/new").text
    assert post(ruth, f"{path}/notes/new", **note(sharing="both")).status_code == 422
    answer = post(ruth, f"{path}/visits/new", place="home", **on("visit_on"))
    assert "No hospice is chosen yet" in answer.text


def test_a_visit_is_planned_and_completes_a_milestone(client_as: ClientAs, shared: str) -> None:
    helen, ruth = client_as(HELEN), client_as(RUTH)
    planned = post(helen, f"{shared}/visits/new", place="home", who_goes="Mina", **on("visit_on"))
    assert planned.location == f"{shared}/visits"
    assert "Say what became of it" in ruth.get(f"{shared}/visits").text
    report = f"{shared}/visits/1"
    unsaid = post(ruth, report, outcome="held", completes="MV-01", words="They met.")
    assert unsaid.status_code == 422
    assert "Say whether the young person or family confirms it" in unsaid.text
    done = post(ruth, report, outcome="held", completes="MV-01", confirmed="yes", version="1")
    assert done.location == f"{shared}/visits"
    page = ruth.get(f"{shared}/visits").text
    assert "Held" in page
    assert "Say what became of it" not in page
    over = post(ruth, report, outcome="cancelled", version="2")
    assert "This visit is over already." in over.text


def test_what_was_done_before_is_not_offered_again(client_as: ClientAs, shared: str) -> None:
    ruth = client_as(RUTH)
    for _ in range(2):
        post(ruth, f"{shared}/visits/new", place="video", **on("visit_on"))
    both: dict[str, Any] = {"completes": ["MV-01", "MV-02"], "confirmed": "yes", "version": "1"}
    post(ruth, f"{shared}/visits/1", outcome="held", **both)
    assert "what does it complete" not in ruth.get(f"{shared}/visits/2").text
    assert post(ruth, f"{shared}/visits/2", outcome="held", version="1").location


def test_a_document_is_a_link_that_tells_nothing_of_where_it_was_opened(
    client_as: ClientAs, shared: str
) -> None:
    ruth = client_as(RUTH)
    told = {"kind": "care_plan", "title": "Care plan", "sharing": "both"}
    for link in ("http://records.example", "javascript:alert(1)"):
        answer = post(ruth, f"{shared}/documents/new", **told, link=link)
        assert answer.status_code == 422
        assert "Enter a link that begins with https://" in answer.text
    nowhere = post(ruth, f"{shared}/documents/new", **told)
    assert "Enter a link, or say where the document is held." in nowhere.text
    post(ruth, f"{shared}/documents/new", **told, link="https://records.example/plan")
    page = client_as(HELEN).get(f"{shared}/documents").text
    shown = re.search(r'<a [^>]*href="https://records.example/plan"[^>]*>', page)
    assert shown
    assert 'rel="noopener noreferrer external"' in shown[0]
    assert "Check the original document." in page
    assert "Take off the list" not in page


def test_a_document_is_changed_taken_off_and_put_back(client_as: ClientAs, shared: str) -> None:
    ruth = client_as(RUTH)
    told = {"kind": "care_plan", "title": "Care plan", "sharing": "both", "place": "With the GP"}
    post(ruth, f"{shared}/documents/new", **told)
    changed = post(ruth, f"{shared}/documents/1", **told | {"title": "Plan"}, version="1")
    assert changed.location == f"{shared}/documents"
    old = post(ruth, f"{shared}/documents/1", **told | {"title": "Older"}, version="1")
    assert old.status_code == 409
    removed = post(ruth, f"{shared}/documents", f"{shared}/documents/1/remove")
    page = ruth.get(removed.location).text
    assert "No document is listed yet." in page
    assert "Undo" in page
    post(ruth, f"{shared}/documents", f"{shared}/documents/1/put-back")
    assert "Plan" in ruth.get(f"{shared}/documents").text
    post(client_as(HELEN), f"{shared}/documents", f"{shared}/documents/1/remove")
    assert "Plan" in ruth.get(f"{shared}/documents").text


def test_an_alert_stands_on_every_page_until_it_is_ended(
    app: Tracker, client_as: ClientAs, shared: str
) -> None:
    ruth, alert = client_as(RUTH), "Do not telephone the home."
    soon = on("review_on", day="7", month="12")
    assert post(ruth, f"{shared}/alerts/new", words=alert, **soon).location
    pages = ("", "/milestones", "/notes", "/notes/new", "/pause", "/died")
    for client in (ruth, client_as(HELEN)):
        for page in pages[:-2] if client is not ruth else pages:
            assert alert in client.get(f"{shared}{page}").text, page
    app.config["CLOCK"].instant += timedelta(days=14)
    ruth = client_as(RUTH)
    assert "Alert to look at again:" in ruth.get(shared).text
    later = on("review_on", day="1", month="3", year="2027")
    post(ruth, f"{shared}/alerts/1", words="Ring after 4pm.", **later, version="1")
    assert "Alert to look at again:" not in ruth.get(shared).text
    old = post(ruth, f"{shared}/alerts/1", words="Ring at 5pm.", **later, version="1")
    assert old.status_code == 409
    post(ruth, f"{shared}/alerts", f"{shared}/alerts/1/end")
    assert "Ring after 4pm." not in ruth.get(shared).text
    assert ruth.get(f"{shared}/alerts/1").status_code == 404


def test_a_fourth_alert_is_one_too_many(client_as: ClientAs, shared: str) -> None:
    ruth, soon = client_as(RUTH), on("review_on", day="7", month="12")
    for number in range(3):
        post(ruth, f"{shared}/alerts/new", words=f"Number {number}.", **soon)
    answer = post(ruth, f"{shared}/alerts/new", words="Number 4.", **soon)
    assert "3 alerts stand already." in answer.text
