import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transition.rules.errors import RuleBroken
from transition.rules.handovers import (
    STEPS,
    Answer,
    Function,
    HandoverState,
    HandoverStep,
    SharingBasis,
    Urgency,
    handover_key,
    outcome_of,
    parse_handover_key,
    reply_due,
    steps_open,
    take_step,
)
from transition.rules.people import THE_TIMETABLE, Actor, Role

# From, step, who, to: N nurse or children's lead, A adult lead, L a lead of either side,
# - nobody by hand. Every step there is, in one place and in other words than the rules'.
WALK = """
    draft propose N proposed
    draft close_on_death - draft
    draft close_on_exit - draft
    proposed acknowledge A acknowledged
    proposed ask A queried
    acknowledged ask A queried
    queried ask A queried
    queried answer N acknowledged
    proposed accept A accepted
    acknowledged accept A accepted
    proposed accept_with_conditions A accepted_with_conditions
    acknowledged accept_with_conditions A accepted_with_conditions
    queried accept_with_conditions A accepted_with_conditions
    proposed support A supporting
    acknowledged support A supporting
    proposed support_with_conditions A supporting
    acknowledged support_with_conditions A supporting
    queried support_with_conditions A supporting
    supporting withdraw L withdrawn
    proposed decline A declined
    acknowledged decline A declined
    queried decline A declined
    proposed withdraw N withdrawn
    acknowledged withdraw N withdrawn
    queried withdraw N withdrawn
    accepted withdraw L withdrawn
    accepted_with_conditions withdraw L withdrawn
    joint_working withdraw L withdrawn
    accepted work_jointly - joint_working
    accepted_with_conditions work_jointly - joint_working
    accepted transfer - transferred
    accepted_with_conditions transfer - transferred
    joint_working transfer - transferred
    transferred follow_up - followed_up
    followed_up close - closed
    transferred withdraw - withdrawn
    followed_up withdraw - withdrawn
    proposed supersede - superseded
    acknowledged supersede - superseded
    queried supersede - superseded
    accepted supersede - superseded
    accepted_with_conditions supersede - superseded
    joint_working supersede - superseded
"""
SENT = [
    "proposed",
    "acknowledged",
    "queried",
    "accepted",
    "accepted_with_conditions",
    "joint_working",
    "transferred",
    "followed_up",
    "supporting",
]
ENDS = [
    f"{state} close_on_{end} - closed_{to}"
    for state in SENT
    for end, to in (("death", "died"), ("exit", "exit"))
]
ROWS = [line.split() for line in [*WALK.strip().splitlines(), *ENDS]]
LEGAL = {(HandoverState[row[0].upper()], HandoverStep[row[1].upper()]): row[2:] for row in ROWS}
WHO = {
    "N": {Role.TRANSITION_NURSE, Role.CHILDRENS_LEAD},
    "A": {Role.ADULT_LEAD},
    "L": {Role.CHILDRENS_LEAD, Role.ADULT_LEAD},
    "-": set(Role),
}
FINAL = ["declined", "closed", "withdrawn", "superseded", "closed_died", "closed_exit"]


def _acting(*roles: Role) -> Actor:
    return Actor(b"1", "Lena", "rowans", frozenset(roles))


@pytest.mark.parametrize(("state", "step"), LEGAL)
def test_each_step_is_for_exactly_these_and_leads_there(
    state: HandoverState, step: HandoverStep
) -> None:
    who, to = LEGAL[state, step]
    for role in Role:
        if role in WHO[who]:
            assert take_step(state, step, by=_acting(role)) == to
        else:
            with pytest.raises(RuleBroken, match=re.escape(f"may {step.label}.")):
                take_step(state, step, by=_acting(role))


def test_every_other_step_is_refused() -> None:
    everything = _acting(*Role)
    refused = 0
    for state in HandoverState:
        for step in set(HandoverStep) - {taken for start, taken in LEGAL if start is state}:
            with pytest.raises(RuleBroken, match=f"to {step.label} now: .*{state.label}"):
                take_step(state, step, by=everything)
            refused += 1
    assert (len(STEPS), refused) == (len(LEGAL), 16 * 17 - len(LEGAL))
    assert len(LEGAL) == 61


def test_the_timetable_takes_only_what_follows_from_something_else() -> None:
    assert take_step(HandoverState.JOINT_WORKING, HandoverStep.TRANSFER, by=THE_TIMETABLE)
    with pytest.raises(RuleBroken, match=r"^Only an adult lead may accept this handover\.$"):
        take_step(HandoverState.PROPOSED, HandoverStep.ACCEPT, by=THE_TIMETABLE)


def test_once_accepted_a_nurse_alone_cannot_withdraw() -> None:
    with pytest.raises(RuleBroken, match=r"^Only a children's lead or an adult lead may withdraw"):
        take_step(HandoverState.ACCEPTED, HandoverStep.WITHDRAW, by=_acting(Role.TRANSITION_NURSE))


@pytest.mark.parametrize("state", HandoverState)
def test_nothing_happens_to_a_handover_that_is_not_open(state: HandoverState) -> None:
    assert state.open is (state not in FINAL)
    assert state.open is any(start is state for start, _ in STEPS)


@pytest.mark.parametrize("state", HandoverState)
@pytest.mark.parametrize("roles", [(), *((role,) for role in Role), tuple(Role)])
def test_what_is_offered_is_what_can_be_taken_by_hand(
    roles: tuple[Role, ...], state: HandoverState
) -> None:
    expected = {
        step
        for (start, step), (who, _) in LEGAL.items()
        if start is state and who != "-" and WHO[who] & set(roles)
    }
    assert set(steps_open(state, by=_acting(*roles))) == expected


def test_once_accepted_a_nurse_is_not_offered_to_withdraw() -> None:
    assert steps_open(HandoverState.ACCEPTED, by=_acting(Role.TRANSITION_NURSE)) == ()
    assert steps_open(HandoverState.PROPOSED, by=_acting(Role.TRANSITION_NURSE)) == (
        HandoverStep.WITHDRAW,
    )


def test_who_it_is_about_is_known_from_proposal_until_it_comes_to_nothing() -> None:
    unknown = {state for state in HandoverState if not state.identity_shared}
    assert unknown == {"draft", "declined", "withdrawn", "superseded"}


def test_labels_of_ended_handovers_tell_no_death() -> None:
    assert HandoverState.CLOSED_DIED.label == HandoverState.CLOSED_EXIT.label == "Ended"


def test_there_are_twelve_functions_each_in_words() -> None:
    assert len(Function) == len({each.label for each in Function}) == 12


@pytest.mark.parametrize(
    ("answers", "step"),
    [
        ([Answer.ACCEPT], HandoverStep.ACCEPT),
        ([Answer.ACCEPT, Answer.DECLINE], HandoverStep.ACCEPT),
        ([Answer.ACCEPT_WITH_CONDITIONS, Answer.DECLINE], HandoverStep.ACCEPT_WITH_CONDITIONS),
        ([Answer.ACCEPT, Answer.ACCEPT_WITH_CONDITIONS], HandoverStep.ACCEPT_WITH_CONDITIONS),
        ([Answer.DECLINE, Answer.DECLINE], HandoverStep.DECLINE),
    ],
)
def test_answers_to_functions_amount_to_one_step(answers: list[Answer], step: HandoverStep) -> None:
    assert outcome_of(answers) is step


def test_no_answers_amount_to_nothing() -> None:
    with pytest.raises(RuleBroken, match=r"^Answer each function"):
        outcome_of([])


@pytest.mark.parametrize(
    ("urgency", "due_on"),
    [
        (Urgency.ROUTINE, date(2027, 1, 6)),
        (Urgency.SOON, date(2026, 12, 29)),
        (Urgency.EXPEDITED, date(2026, 12, 21)),
    ],
)
def test_a_reply_is_due_after_working_days_from_the_proposal(
    urgency: Urgency, due_on: date
) -> None:
    holidays = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})
    assert reply_due(date(2026, 12, 18), urgency, holidays) == due_on


def test_four_bases_allow_sharing_and_two_do_not() -> None:
    assert {basis for basis in SharingBasis if not basis.allows_sharing} == {
        SharingBasis.OBJECTED,
        SharingBasis.NOT_YET_ASKED,
    }


@given(st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True), st.integers(1, 9999))
def test_a_handover_key_reads_back(receiver: str, number: int) -> None:
    assert parse_handover_key(handover_key(receiver, number)) == (receiver, number)


@pytest.mark.parametrize(
    "text",
    ["", "rowans", "rowans-", "rowans-0", "rowans-01", "rowans--1", "Rowans-1", "rowans-1 ",
     "rowans-1\n", "rowans-٣", "-1", "1-1", "rowans-12345", "mountbatten-h-1", "a" * 41 + "-1"],
)  # fmt: skip
def test_anything_else_is_no_handover_key(text: str) -> None:
    assert parse_handover_key(text) is None


def test_who_was_asked_to_support_says_yes_to_that_and_no_as_everybody() -> None:
    yes, no = Answer.ACCEPT, Answer.DECLINE
    assert outcome_of([yes, no], leads=False) is HandoverStep.SUPPORT
    with_one = outcome_of([yes, Answer.ACCEPT_WITH_CONDITIONS], leads=False)
    assert with_one is HandoverStep.SUPPORT_WITH_CONDITIONS
    assert outcome_of([no], leads=False) is HandoverStep.DECLINE
