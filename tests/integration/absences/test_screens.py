"""Saying when somebody is away, and working their list: the page, its way back, and the tab."""

import re
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import ClientAs, WorkAs, opened_case, post, proposed_handover, uid_of
from tests.databases import FIXED
from tests.people import ANNA, HELEN, IDRIS, JO, MINA, PRIYA, RUTH, SAM, TOM, WILMA
from transition.actions.absences import record_absence
from transition.app import Tracker
from transition.records.absences import Absence
from transition.records.audit import AuditEntry
from transition.records.staff import StaffMembership
from transition.rules.people import MembershipState

COVER = "/settings/cover"
FRIDAY = date(2026, 12, 4)


def days(first: str, last: str) -> dict[str, str]:
    """Return the boxes of a form for two days, written as people write them."""
    named = {"from_on": first.split(), "until_on": last.split()}
    return {
        f"{name}-{part}": words
        for name, parts in named.items()
        for part, words in zip(("day", "month", "year"), parts, strict=True)
    }


THIS_WEEK = days("23 11 2026", "4 12 2026")
LATER = days("30 11 2026", "11 12 2026")


def rows(session: Session) -> list[tuple[date, date]]:
    session.rollback()
    kept = session.scalars(select(Absence).order_by(Absence.from_on))
    return [(one.from_on, one.until_on) for one in kept]


def key_of(session: Session) -> str:
    session.rollback()
    return session.scalars(select(Absence)).one().uid.hex()


def undo_on(page: str) -> tuple[str, dict[str, str]]:
    """Return where the undo of a page is sent to, and what it carries."""
    form = page.partition("app-flash")[2].partition("</form>")[0]
    action = re.search(r'action="([^"]+)"', form)
    assert action, "There is nothing to undo."
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    fields.pop("csrf_token")
    return action[1], fields


@pytest.mark.parametrize(("who", "cover"), [(RUTH, ANNA), (HELEN, IDRIS), (MINA, IDRIS)])
def test_anybody_of_a_hospice_says_when_they_are_away_and_takes_it_back(
    client_as: ClientAs, session: Session, who: str, cover: str
) -> None:
    client = client_as(who)
    assert COVER in client.get("/today").text
    words = {"who": uid_of(session, who).hex(), "cover": uid_of(session, cover).hex()}
    answer = post(client, COVER, **words, **THIS_WEEK)
    assert answer.status_code == 302, answer.text
    page = client.get(answer.location).text
    assert "23 November 2026 to 4 December 2026" in page
    assert "Away now" in page
    assert rows(session) == [(FIXED.date(), FRIDAY)]
    action, fields = undo_on(page)
    post(client, COVER, action, **fields)
    assert rows(session) == []
    assert "Nobody here is away" in client.get(COVER).text


def test_a_nurse_cannot_say_it_of_a_colleague_and_a_lead_can(
    client_as: ClientAs, session: Session
) -> None:
    ruth, anna, priya = (uid_of(session, email).hex() for email in (RUTH, ANNA, PRIYA))
    nurse, lead = client_as(RUTH), client_as(PRIYA)
    assert "Who is away?" not in nurse.get(COVER).text
    refused = post(nurse, COVER, who=anna, cover=ruth, **THIS_WEEK)
    assert refused.status_code == 422
    assert "Choose one of the answers" in refused.text
    assert "Who is away?" in lead.get(COVER).text
    assert post(lead, COVER, who=anna, cover=priya, **THIS_WEEK).status_code == 302
    listed = nurse.get(COVER).text
    assert "4 December 2026" in listed
    assert "Back early" not in listed, "it is for her and the leads"
    path = f"{COVER}/{key_of(session)}"
    assert nurse.get(path).status_code == 404
    assert post(nurse, COVER, f"{path}/end").status_code == 404
    assert client_as(HELEN).get(path).status_code == 404
    assert "Back early" in client_as(ANNA).get(COVER).text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (days("24 11 2026", "23 11 2026"), "not before the first"),
        (days("1 11 2026", "20 11 2026"), "must be today or later"),
        (days("30 2 2027", "4 3 2027"), "must be a real date"),
        (days("23 11 2026", "4 12 2062"), "lasts a year at most"),
        (days("23 11 2030", "4 12 2030"), "begins within a year"),
    ],
)
def test_days_that_cannot_be_get_a_sentence_and_stay_typed(
    client_as: ClientAs, session: Session, typed: dict[str, str], why: str
) -> None:
    words = {"who": uid_of(session, RUTH).hex(), "cover": uid_of(session, ANNA).hex()}
    answer = post(client_as(RUTH), COVER, **words, **typed)
    assert answer.status_code == 422
    assert why in answer.text
    assert f'value="{typed["until_on-year"]}"' in answer.text
    assert rows(session) == []


def test_what_is_left_out_is_asked_for(client_as: ClientAs) -> None:
    answer = post(client_as(RUTH), COVER)
    assert answer.status_code == 422
    for words in ("Choose who covers", "Enter the first day away", "Enter the last day away"):
        assert words in answer.text


def test_an_absence_is_changed_and_changed_back(client_as: ClientAs, session: Session) -> None:
    ruth, anna, priya = (uid_of(session, email).hex() for email in (RUTH, ANNA, PRIYA))
    nurse = client_as(RUTH)
    post(nurse, COVER, who=ruth, cover=anna, **LATER)
    path = f"{COVER}/{key_of(session)}"
    assert path in nurse.get(COVER).text
    answer = post(nurse, path, cover=priya, **days("30 11 2026", "4 12 2026"))
    assert rows(session) == [(date(2026, 11, 30), FRIDAY)]
    action, fields = undo_on(nurse.get(answer.location).text)
    post(nurse, path, action, **fields)
    assert rows(session) == [(date(2026, 11, 30), date(2026, 12, 11))]
    assert session.scalars(select(Absence)).one().cover_uid.hex() == anna
    assert post(nurse, path, cover=ruth, **LATER).status_code == 422
    stale = post(nurse, path, cover=priya, version="1", **LATER)
    assert stale.status_code == 409


def test_who_is_back_early_is_covered_no_more_and_can_go_again(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        record_absence(work, RUTH, cover=ANNA, from_on=date(2026, 11, 20), until_on=FRIDAY)
    nurse = client_as(RUTH)
    answer = post(nurse, COVER, f"{COVER}/{key_of(session)}/end")
    page = nurse.get(answer.location).text
    assert rows(session) == [(date(2026, 11, 20), date(2026, 11, 22))]
    action, fields = undo_on(page)
    assert action == COVER
    assert post(nurse, COVER, action, **fields).status_code == 302
    assert rows(session)[1] == (FIXED.date(), FRIDAY)
    told = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("absence:%")))
    assert list(told) == ["absence:recorded", "absence:ended", "absence:recorded"]


def test_a_cover_who_is_away_too_or_has_left_is_marked(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    with work_as(PRIYA) as work:
        record_absence(work, RUTH, cover=ANNA, from_on=FIXED.date(), until_on=FRIDAY)
        record_absence(work, ANNA, cover=PRIYA, from_on=FIXED.date(), until_on=FRIDAY)
    priya = client_as(PRIYA)
    assert "is away too" in priya.get(COVER).text
    uid = uid_of(session, ANNA)
    for held in session.scalars(select(StaffMembership).where(StaffMembership.staff_uid == uid)):
        held.state = MembershipState.SUSPENDED
    session.commit()
    page = priya.get(COVER).text
    assert "does not work here now" in page
    assert "Covering for" not in client_as(TOM).get("/today").text


@pytest.mark.parametrize("email", [JO, SAM, WILMA])
def test_who_cares_for_nobody_has_no_such_page(client_as: ClientAs, email: str) -> None:
    assert client_as(email).get(COVER).status_code == 404


def away(work_as: WorkAs, who: str, cover: str) -> None:
    with work_as(who) as work:
        record_absence(work, who, cover=cover, from_on=FIXED.date(), until_on=FRIDAY)


@pytest.mark.usefixtures("demonstration")
def test_the_work_of_who_is_away_is_a_tab_of_today_until_they_return(
    app: Tracker, client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    hers = client_as(RUTH).get("/today").text
    assert "Whose work" not in hers
    away(work_as, RUTH, ANNA)
    anna, address = client_as(ANNA), f"/today?who=cover:{uid_of(session, RUTH).hex()}"
    page = anna.get("/today").text
    assert "Covering for Ruth until 4 December 2026" in page
    tab = re.search(r'href="(/today\?who=[^"]+)"', page)
    assert tab
    assert tab[1].replace("%3A", ":") == address
    covered = anna.get(address).text
    rows_of = re.compile(r"/cases/(NHJ-[^/\"]+)")
    panels = [text.partition('class="app-side"')[0] for text in (hers, covered)]
    assert set(rows_of.findall(panels[0])) == set(rows_of.findall(panels[1])) != set()
    assert "Today, for Ruth" in covered
    app.config["CLOCK"].instant = FIXED.replace(day=5, month=12)
    anna = client_as(ANNA)
    assert "Covering for" not in anna.get("/today").text
    assert anna.get(address).location == "/today"


@pytest.mark.usefixtures("demonstration")
def test_what_is_done_from_the_tab_leads_back_to_it(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    away(work_as, RUTH, ANNA)
    anna, address = client_as(ANNA), f"/today?who=cover:{uid_of(session, RUTH).hex()}"
    page = anna.get(address).text
    done = re.search(r'action="(/cases/[^"]+/done)"', page)
    assert done
    back = "today:" + address.partition("=")[2]
    assert f'value="{back}"' in page
    answer = post(anna, address, done[1], back=back)
    assert answer.location.replace("%3A", ":") == address
    assert "Undo" in anna.get(answer.location).text


def test_the_caseload_has_the_tab_too(client_as: ClientAs, work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        opened_case(work)
    assert "Covering for" not in client_as(ANNA).get("/cases").text
    away(work_as, RUTH, ANNA)
    anna = client_as(ANNA)
    page = anna.get("/cases").text
    assert "Covering for Ruth until 4 December 2026" in page
    tab = re.search(r'href="(/cases\?worker=[^"]+)"', page)
    assert tab
    assert "Sky" in anna.get(tab[1]).text


def test_who_covers_sees_no_more_than_their_own_role_lets_them(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    away(work_as, HELEN, MINA)
    with work_as(PRIYA) as work:
        record_absence(work, RUTH, cover=ANNA, from_on=FIXED.date(), until_on=FRIDAY)
    mina = client_as(MINA)
    page = mina.get(f"/today?who=cover:{uid_of(session, HELEN).hex()}")
    assert page.status_code == 200
    assert reference not in page.text
    assert mina.get(f"/cases/{reference}/handovers/rowans-1").status_code == 404
    other = mina.get(f"/today?who=cover:{uid_of(session, RUTH).hex()}")
    assert other.location == "/today", "another hospice is none of hers"


@pytest.mark.parametrize("asked", ["cover:", "cover:00", "team", "cover:Anna", "me"])
def test_a_list_that_is_nobody_s_leads_to_one_s_own(client_as: ClientAs, asked: str) -> None:
    assert client_as(RUTH).get("/today", query_string={"who": asked}).location == "/today"


def test_an_offer_to_a_lead_who_is_away_stands_in_the_list_of_who_covers(
    client_as: ClientAs, work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        reference = proposed_handover(work)[0].reference
    away(work_as, HELEN, IDRIS)
    page = client_as(IDRIS).get(f"/today?who=cover:{uid_of(session, HELEN).hex()}").text
    assert "Needs your answer" in page
    assert reference in page
