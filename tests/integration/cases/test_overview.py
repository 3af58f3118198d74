"""The page of a case: whose words stand first, and what is counted on it."""

from tests.builders import ClientAs, WorkAs, opened_case, record_done
from tests.people import RUTH
from transition.actions.cases import move_on
from transition.actions.milestones import Recorded, record_outcome
from transition.actions.record import save_section
from transition.rules.milestones import Confirmed, OutcomeKind
from transition.rules.record_sections import WHAT_MATTERS

FIRST = {"ID-01", "ID-02", "ID-03", "ID-04", "ID-05", "ID-06", "ID-07", "ID-08"}


def test_what_matters_to_them_stands_before_all_else_and_says_whose_words_it_is(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work, about_me="I want my own say.").reference
    ruth, page = client_as(RUTH), f"/cases/{reference}"
    words = ruth.get(page).text.partition("<main")[2]
    assert "Written down when the case was opened" in words
    said, condition = words.index("I want my own say."), words.index("Spinal muscular atrophy")
    assert words.index("Allergies:") < said < words.index("app-stages") < condition
    with work_as(RUTH) as work:
        told = {"about_me": "Music on Thursdays stays.", "written_by": "young_person"}
        save_section(work, reference, WHAT_MATTERS, told)
    assert "In Sky\u2019s own words" in ruth.get(page).text


def test_a_stage_says_what_is_done_to_do_and_not_needed_and_folds_when_it_is_past(
    client_as: ClientAs, work_as: WorkAs
) -> None:
    with work_as(RUTH) as work:
        case = opened_case(work)
        reference = case.reference
        record_done(work, case, FIRST - {"ID-04", "ID-06"})
    with work_as(RUTH) as work:
        record_outcome(
            work, reference, "ID-04", Recorded(kind=OutcomeKind.NOT_APPLICABLE, reason="None.")
        )
    ruth, page = client_as(RUTH), f"/cases/{reference}/milestones"
    fold = "Show them"
    for each in (f"/cases/{reference}", page):
        assert "6 done, 1 to do, 1 not needed" in ruth.get(each).text
    assert fold not in ruth.get(page).text
    with work_as(RUTH) as work:
        move_on(work, reference)
    assert fold not in ruth.get(page).text, "one is still to do"
    with work_as(RUTH) as work:
        done = Recorded(kind=OutcomeKind.DONE, done_on=work.today, confirmed=Confirmed.YES)
        record_outcome(work, reference, "ID-06", done)
    assert ruth.get(page).text.count(fold) == 1
