"""Whatever is written into the record comes back as it was typed, and undoing it leaves nothing."""

import random
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import WorkAs, on_both, opened_case
from tests.databases import FIXED
from tests.integration.cases.test_names import invented
from tests.people import RUTH
from tests.sentences import is_said_in_words
from transition.actions.record import (
    confirm_section,
    remove_entry,
    save_entry,
    save_section,
    undo_section,
)
from transition.actions.work import Work
from transition.records.cases import Case
from transition.records.entries import entries_of
from transition.records.record_sections import LISTS, values_in, values_of
from transition.rules.errors import RuleBroken
from transition.rules.record import Field, Kind, Section, Value
from transition.rules.record_sections import E_MAIL, ODS, POSTCODE, SECTIONS, TELEPHONE

TODAY: Final = FIXED.date()
LIKE: Final = {
    POSTCODE: "ZZ99 9ZZ",
    TELEPHONE: "07700 900123",
    E_MAIL: "name@example.org",
    ODS: "J82155",
}
SINGLE: Final = [one for one in SECTIONS.values() if not one.many]
MANY: Final = [one for one in SECTIONS.values() if one.many]


def anything(one: Field, seed: int) -> Value:
    """Return an answer that nobody thought of, and that is none of the wrong ones."""
    dice = random.Random(f"{seed} {one.name}")  # noqa: S311 - it plays, and hides nothing
    if one.kind is Kind.CHOICE:
        return dice.choice(list(one.choices))
    if one.kind is Kind.CHOICES:
        return dice.sample(list(one.choices), dice.randint(1, len(one.choices)))
    if one.kind is Kind.DAY:
        return TODAY - timedelta(dice.randint(0, 400))
    if one.kind is Kind.NUMBER:
        return int(dice.choice(list(one.choices or ["0", "7", "999"])))
    return LIKE[one.pattern] if one.pattern else invented(dice.randint(0, 999), one.most)


def answers(section: Section, seed: int) -> dict[str, Value]:
    return {one.name: anything(one, seed) for one in section.fields}


def said(values: dict[str, Value]) -> dict[str, Value]:
    """Return values as they compare: what is empty is nothing, and a list has its order."""
    return {name: value or None if value != 0 else 0 for name, value in values.items()}


def standing(session: Session) -> dict[str, Any]:
    """Return everything that the record of the case says."""
    session.rollback()
    case = session.scalars(select(Case)).one()
    found: dict[str, Any] = {one.key: said(values_of(session, case, one)) for one in SINGLE}
    for one in MANY:
        listed = entries_of(session, case.uid, LISTS[one.noun])
        found[one.key] = sorted(repr(said(values_in(entry, one))) for entry in listed)
    return found


@pytest.fixture
def reference(work_as: WorkAs) -> str:
    with work_as(RUTH) as work:
        return opened_case(work).reference


@on_both
def test_a_section_is_kept_as_it_was_typed_and_undone_as_it_was(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    for section in SINGLE:
        for seed in (1, 2):
            before, new = standing(session), answers(section, seed)
            with work_as(RUTH) as work:
                save_section(work, reference, section, new)
            after = standing(session)
            assert after[section.key] == said(new), section.key
            with work_as(RUTH) as work:
                undo_section(work, reference, section)
            assert standing(session) == before, section.key
            with work_as(RUTH) as work:
                save_section(work, reference, section, new)
                confirm_section(work, reference, section)
            assert standing(session) == after, section.key


@on_both
def test_an_entry_is_added_changed_and_taken_out_and_each_is_undone_as_it_was(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    for section in MANY:
        states = [standing(session)]
        with work_as(RUTH) as work:
            uid = save_entry(work, reference, section, answers(section, 1), None).uid
        states.append(standing(session))
        assert states[-1][section.key] == [repr(said(answers(section, 1)))]
        with work_as(RUTH) as work:
            undo_section(work, reference, section)
        assert standing(session) == states[0], section.key
        with work_as(RUTH) as work:
            uid = save_entry(work, reference, section, answers(section, 1), None).uid
        with work_as(RUTH) as work:
            save_entry(work, reference, section, answers(section, 2), uid)
        assert standing(session)[section.key] == [repr(said(answers(section, 2)))]
        with work_as(RUTH) as work:
            undo_section(work, reference, section)
        assert standing(session) == states[1], section.key
        with work_as(RUTH) as work:
            remove_entry(work, reference, section, uid)
        assert standing(session) == states[0], section.key
        with work_as(RUTH) as work:
            undo_section(work, reference, section)
        assert standing(session) == states[1], section.key


def test_a_three_way_answer_is_never_guessed() -> None:
    asked = [
        (section.key, one)
        for section in SECTIONS.values()
        for one in section.fields
        if set(one.choices) >= {"yes", "no"}
    ]
    assert len(asked) > 3
    assert not [(key, one.name) for key, one in asked if not one.needed]
    assert not [(key, one.name) for key, one in asked if "not_recorded" not in one.choices]


def write(work: Work, reference: str, section: Section, values: dict[str, Value]) -> None:
    if section.many:
        save_entry(work, reference, section, values, None)
    else:
        save_section(work, reference, section, values)


def test_what_must_be_said_and_is_left_out_is_refused_in_words(
    work_as: WorkAs, reference: str, session: Session
) -> None:
    before, left_out = standing(session), 0
    for section in SECTIONS.values():
        for one in section.fields:
            if not one.needed:
                continue
            said_else = answers(section, 1) | {one.name: None}
            with pytest.raises(RuleBroken) as refusal, work_as(RUTH) as work:
                write(work, reference, section, said_else)
            assert one.needed in str(refusal.value)
            assert is_said_in_words(refusal.value)
            left_out += 1
    assert left_out > 20
    assert standing(session) == before
