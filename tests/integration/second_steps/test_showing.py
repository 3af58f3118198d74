"""The second step after the password: half a sign-in becomes a whole one, once for each code."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, on_both
from tests.databases import FIXED
from tests.integration.second_steps.steps import begin, code_at, is_half, letters, told
from tests.people import HELEN, PASSWORD, PRIYA, RUTH
from tests.second_steps import give_app, give_passkey
from transition.actions.second_steps import (
    LAST_ONE,
    NONE_YET,
    OVER,
    add_app,
    begin_app,
    first_codes,
    new_codes,
    remove_app,
    use_app,
    use_password,
    use_recovery_code,
)
from transition.actions.signing_in import AT_ONCE, Visit, come_in
from transition.records.second_steps import AuthenticatorApp, RecoveryCode, app_of, second_steps_of
from transition.records.sign_ins import SignIn, find_sign_in
from transition.records.stamp import DatabaseStamp
from transition.rules.errors import RuleBroken
from transition.rules.second_steps import HALF_LASTS, SEEDS_LAST, TRIES


@on_both
def test_a_code_makes_half_a_sign_in_whole_under_a_new_token(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        seed = give_app(work)
    half = begin(work_as)
    assert is_half(session, half) is True
    with work_as(RUTH) as work:
        whole = use_app(work, half, code_at(seed))
    assert whole is not None
    assert is_half(session, whole) is False
    assert is_half(session, half) is None, "what was handed out before is worth nothing"
    assert told(session) == [
        ("sign-in:half", "done"),
        ("sign-in:begun", "done"),
        ("second-step:taken", "done"),
    ]


@on_both
def test_a_code_works_once_and_so_do_those_before_it(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        seed = give_app(work)
    first, second = begin(work_as), begin(work_as)
    with work_as(RUTH) as work:
        assert use_app(work, first, code_at(seed)) is not None
    for steps in (0, -1):
        with work_as(RUTH) as work:
            assert use_app(work, second, code_at(seed, steps)) is None
    assert told(session)[-2:] == [("second-step:replayed", "refused")] * 2
    with work_as(RUTH) as work:
        assert use_app(work, second, code_at(seed, 1)) is not None, "the next one is another"


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(work_as: WorkAs, *, steps: int, taken: bool) -> None:
    with work_as(RUTH) as work:
        seed = give_app(work)
    token = begin(work_as)
    with work_as(RUTH) as work:
        assert (use_app(work, token, code_at(seed, steps)) is not None) is taken


@on_both
def test_a_recovery_code_works_once_however_it_is_typed(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        give_app(work)
        codes = new_codes(work)
    first, second = begin(work_as), begin(work_as)
    with work_as(RUTH) as work:
        assert use_recovery_code(work, first, codes[3].lower()) is not None
    with work_as(RUTH) as work:
        assert use_recovery_code(work, second, codes[3]) is None
        assert second_steps_of(work.session, work.actor_uid).codes_left == 9
    assert ("second-step:code_used", "done") in told(session)
    assert told(session)[-1] == ("second-step:refused", "refused")
    assert letters(session) == [RUTH, RUTH], "one for the codes, one for the code that was used"


def test_of_recovery_codes_only_keyed_digests_are_kept(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        give_app(work)
        codes = new_codes(work)
    kept = b"".join(session.scalars(select(RecoveryCode.code_digest)))
    assert len(set(codes)) == 10
    assert not [code for code in codes if code.encode() in kept]


@on_both
def test_new_recovery_codes_end_the_old(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        give_app(work)
        old = new_codes(work)
    token = begin(work_as)
    with work_as(RUTH) as work:
        new = new_codes(work)
        assert first_codes(work) == [], "there are ten"
    with work_as(RUTH) as work:
        assert use_recovery_code(work, token, old[0]) is None
        assert use_recovery_code(work, token, new[0]) is not None


def test_whoever_has_nothing_to_lose_gets_no_codes(work_as: WorkAs) -> None:
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match=NONE_YET):
        new_codes(work)


@on_both
def test_the_fifth_wrong_try_ends_the_sign_in(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        seed = give_app(work)
    token = begin(work_as)
    for _ in range(TRIES):
        assert is_half(session, token) is True
        with work_as(RUTH) as work:
            assert use_app(work, token, "000000") is None
    assert is_half(session, token) is None
    assert told(session)[-1] == ("sign-in:ended", "done")
    with pytest.raises(RuleBroken, match=OVER), work_as(RUTH) as work:
        use_app(work, token, code_at(seed))


@on_both
def test_wrong_codes_cost_time_whatever_sign_in_they_come_with(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        seed = give_app(work)
    first = begin(work_as)
    for _ in range(TRIES):
        with work_as(RUTH) as work:
            assert use_app(work, first, "000000") is None
    second = begin(work_as)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Try again in 1 second"):
        use_app(work, second, code_at(seed))
    with work_as(RUTH, FIXED + timedelta(seconds=1)) as work:
        assert use_app(work, second, code_at(seed)) is not None


def test_half_sign_ins_end_nobodys_whole_ones(work_as: WorkAs, session: Session) -> None:
    whole = begin(work_as)
    with work_as(RUTH) as work:
        seed = give_app(work)
    halves = [begin(work_as) for _ in range(AT_ONCE + 1)]
    assert [is_half(session, one) for one in (whole, *halves)] == [False] + [True] * len(halves)
    with work_as(RUTH) as work:
        token = use_app(work, halves[-1], code_at(seed))
        assert token is not None
        assert come_in(work, token, visit=Visit()).last_at == FIXED
    assert is_half(session, whole) is False


def test_half_a_sign_in_lasts_ten_minutes_whatever_is_done(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        give_app(work)
    token = begin(work_as)
    with work_as(RUTH) as work:
        work.session.scalars(select(SignIn)).one().last_seen_at = FIXED + timedelta(minutes=9)
    almost = FIXED + HALF_LASTS - timedelta(seconds=1)
    assert find_sign_in(session, token, now=almost) is not None
    assert find_sign_in(session, token, now=FIXED + HALF_LASTS) is None


def test_a_sign_in_of_somebody_else_is_not_made_whole(work_as: WorkAs) -> None:
    with work_as(HELEN) as work:
        seed = give_app(work)
    with work_as(RUTH) as work:
        give_app(work)
    token = begin(work_as)
    with pytest.raises(RuleBroken, match=OVER), work_as(HELEN) as work:
        use_app(work, token, code_at(seed))


def test_the_password_is_asked_again_of_whoever_has_nothing_else(
    work_as: WorkAs, session: Session
) -> None:
    token = begin(work_as)
    assert is_half(session, token) is False, "a demonstration lets them in"
    with work_as(RUTH) as work:
        assert use_password(work, token, "guess") is None
    with work_as(RUTH) as work:
        again = use_password(work, token, PASSWORD)
    assert again is not None
    with work_as(RUTH) as work:
        give_app(work)
        assert use_password(work, again, PASSWORD) is None, "an app is asked for instead"


@on_both
def test_really_everybody_signs_in_by_half_and_adds_a_first_second_step(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(PRIYA) as work:
        work.session.scalars(select(DatabaseStamp)).one().mode = "production"
    token = begin(work_as)
    assert is_half(session, token) is True
    with work_as(RUTH) as work:
        assert use_password(work, token, PASSWORD) is None, "the password is not a second step"
        seed = begin_app(work, token)
    with work_as(RUTH) as work:
        assert add_app(work, token, "000000") is None
    with work_as(RUTH) as work:
        whole = add_app(work, token, code_at(seed))
        assert len(first_codes(work)) == 10
    assert whole is not None
    assert is_half(session, whole) is False
    assert letters(session) == [RUTH]
    assert ("second-step:app_added", "done") in told(session)


def test_with_half_a_sign_in_nobody_adds_a_second_second_step(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        give_app(work)
    token = begin(work_as)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Show your second step first"):
        begin_app(work, token)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Show your second step first"):
        add_app(work, token, "000000")


@on_both
def test_an_app_counts_from_its_first_code_and_takes_the_place_of_the_one_before(
    work_as: WorkAs, session: Session
) -> None:
    token = begin(work_as)
    with work_as(RUTH) as work:
        give_app(work)
        seed = begin_app(work, token)
        assert begin_app(work, token) == seed, "a page that is loaded again shows the same"
    with work_as(RUTH) as work:
        whole = add_app(work, token, code_at(seed))
    assert whole is not None
    session.rollback()
    (kept,) = session.scalars(select(AuthenticatorApp)).all()
    assert kept.counts
    assert kept.seed == seed
    other = begin(work_as)
    with work_as(RUTH) as work:
        assert use_app(work, other, code_at(seed)) is None, "it was used to add it"


def test_a_picture_that_waited_for_an_hour_is_drawn_anew(work_as: WorkAs) -> None:
    token = begin(work_as)
    with work_as(RUTH) as work:
        seed = begin_app(work, token)
    with work_as(RUTH, FIXED + SEEDS_LAST) as work:
        assert begin_app(work, token) != seed


def test_nothing_is_added_that_was_not_begun(work_as: WorkAs) -> None:
    token = begin(work_as)
    with work_as(RUTH) as work:
        assert add_app(work, token, "000000") is None


def test_an_app_is_removed_where_something_else_is_left(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="You have no authenticator app"):
        remove_app(work)
    with work_as(RUTH) as work:
        give_app(work)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match=LAST_ONE):
        remove_app(work)
    with work_as(RUTH) as work:
        give_passkey(work)
        remove_app(work)
        assert app_of(work.session, work.actor_uid, counts=True) is None
    assert letters(session) == [RUTH]
    assert told(session)[-1] == ("second-step:app_removed", "done")
