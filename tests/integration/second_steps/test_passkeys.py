"""Passkeys in the database: what was asked is asked once, and an answer counts for one person."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.authenticator import PRESENT, Authenticator
from tests.builders import WorkAs, on_both
from tests.integration.second_steps.steps import begin, is_half, letters, told
from tests.people import HELEN, RUTH
from tests.second_steps import give_app, give_passkey
from transition.actions.passkeys import (
    add_passkey,
    ask_for_new,
    ask_for_passkey,
    remove_passkey,
    use_passkey,
)
from transition.actions.second_steps import LAST_ONE
from transition.actions.work import NotFound
from transition.records.second_steps import Passkey, second_steps_of, written
from transition.rules.errors import RuleBroken
from transition.security.passkeys import Place

HERE = Place("localhost", "http://localhost:8000")


def added(work_as: WorkAs, email: str = RUTH) -> tuple[Authenticator, str]:
    """Add a passkey for somebody who is signed in; return it, and the new token."""
    key, token = Authenticator(), begin(work_as, email)
    with work_as(email) as work:
        options = ask_for_new(work, token, HERE)
    with work_as(email) as work:
        whole = add_passkey(work, token, HERE, answer=key.make(options), name="My phone")
    assert whole is not None
    return key, whole


def asked(work_as: WorkAs, token: str) -> str:
    """Return what a browser is asked for a passkey of Ruth's."""
    with work_as(RUTH) as work:
        return ask_for_passkey(work, token, HERE)


def tried(work_as: WorkAs, token: str, answer: str) -> str | None:
    """Return the new token that an answer is worth, or None."""
    with work_as(RUTH) as work:
        return use_passkey(work, token, HERE, answer)


@on_both
def test_a_passkey_makes_half_a_sign_in_whole(work_as: WorkAs, session: Session) -> None:
    key, _ = added(work_as)
    half = begin(work_as)
    whole = tried(work_as, half, key.use(asked(work_as, half)))
    assert whole is not None
    assert (is_half(session, whole), is_half(session, half)) == (False, None)
    assert letters(session) == [RUTH]
    assert ("second-step:passkey_added", "done") in told(session)
    (kept,) = second_steps_of(session, session.scalars(select(Passkey.staff_uid)).one()).passkeys
    assert (kept.name, kept.count) == ("My phone", 1)
    assert kept.last_used_at is not None


def test_of_a_passkey_nothing_is_kept_in_the_clear(work_as: WorkAs, session: Session) -> None:
    key, _ = added(work_as)
    row = session.scalars(select(Passkey)).one()
    (kept,) = session.execute(text("SELECT * FROM passkey")).mappings()
    assert (row.name, row.number) == ("My phone", written(key.number))
    planted = (b"My phone", key.number, written(key.number).encode())
    said = b"".join(value for value in kept.values() if isinstance(value, bytes))
    assert not [one for one in planted if one in said]


@on_both
def test_what_was_asked_is_asked_once(work_as: WorkAs, session: Session) -> None:
    key, _ = added(work_as)
    half = begin(work_as)
    answer = key.use(asked(work_as, half))
    with work_as(RUTH) as work:
        lying = replace(key, flags=PRESENT).use(ask_for_passkey(work, half, HERE))
    assert tried(work_as, half, lying) is None
    assert tried(work_as, half, answer) is None, "the question was another by then"
    other = begin(work_as)
    answer = key.use(asked(work_as, other))
    assert tried(work_as, other, answer) is not None
    third = begin(work_as)
    asked(work_as, third)
    assert tried(work_as, third, answer) is None, "a second time, for another sign-in"
    assert is_half(session, third) is True


def test_after_a_wrong_answer_the_right_one_comes_too_late(work_as: WorkAs) -> None:
    key, _ = added(work_as)
    half = begin(work_as)
    options = asked(work_as, half)
    assert tried(work_as, half, replace(key, flags=PRESENT).use(options)) is None
    assert tried(work_as, half, key.use(options)) is None


def test_an_answer_that_nobody_asked_for_is_refused(work_as: WorkAs, session: Session) -> None:
    key, _ = added(work_as)
    half = begin(work_as)
    options = asked(work_as, begin(work_as))
    assert tried(work_as, half, key.use(options)) is None
    assert told(session)[-1] == ("second-step:refused", "refused")


def test_a_passkey_is_worth_nothing_for_somebody_else(work_as: WorkAs) -> None:
    key, _ = added(work_as, HELEN)
    added(work_as)
    half = begin(work_as)
    assert tried(work_as, half, key.use(asked(work_as, half))) is None


def test_a_copy_of_a_passkey_is_refused(work_as: WorkAs) -> None:
    key, _ = added(work_as)
    copy = replace(key)
    for _ in range(2):
        half = begin(work_as)
        assert tried(work_as, half, key.use(asked(work_as, half))) is not None
    half = begin(work_as)
    assert tried(work_as, half, copy.use(asked(work_as, half))) is None


def test_a_passkey_that_says_too_little_is_not_added(work_as: WorkAs, session: Session) -> None:
    token = begin(work_as)
    with work_as(RUTH) as work:
        options = ask_for_new(work, token, HERE)
    answer = Authenticator(flags=PRESENT).make(options)
    with work_as(RUTH) as work:
        assert add_passkey(work, token, HERE, answer=answer, name="My phone") is None
    right = Authenticator().make(options)
    with work_as(RUTH) as work:
        assert add_passkey(work, token, HERE, answer=right, name="My phone") is None, "asked once"
    assert session.scalars(select(Passkey)).all() == []


def test_with_half_a_sign_in_nobody_adds_a_passkey_beside_an_app(work_as: WorkAs) -> None:
    with work_as(RUTH) as work:
        give_app(work)
    token = begin(work_as)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match="Show your second step first"):
        ask_for_new(work, token, HERE)


@on_both
def test_a_passkey_is_removed_by_its_owner_where_something_else_is_left(
    work_as: WorkAs, session: Session
) -> None:
    with work_as(RUTH) as work:
        uid = give_passkey(work)
    with work_as(RUTH) as work, pytest.raises(RuleBroken, match=LAST_ONE):
        remove_passkey(work, uid)
    with work_as(HELEN) as work, pytest.raises(NotFound):
        remove_passkey(work, uid)
    with work_as(RUTH) as work:
        give_app(work)
        remove_passkey(work, uid)
    assert session.scalars(select(Passkey)).all() == []
    assert letters(session) == [RUTH]
    assert told(session)[-1] == ("second-step:passkey_removed", "done")
