"""The names that go with the rows of a list. Only screens may import this module."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from transition.records.cases import Case
from transition.records.keys import vault_of
from transition.records.young_people import YoungPerson


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called, and their name in full."""

    called: str
    full: str
    shown: str


def names_of(session: Session, case_uids: Iterable[bytes]) -> dict[bytes, Name]:
    """Return the name that goes with each case, by the case's number."""
    uids = list(case_uids)
    people = YoungPerson.__table__.c
    query = (
        select(
            Case.uid,
            people.uid,
            people.case_uid,
            people.given_name,
            people.family_name,
            people.known_as,
        )
        .join(YoungPerson.__table__, people.uid == Case.young_person_uid)
        .where(Case.uid.in_(uids))
    )
    rows = session.execute(query).all()
    ciphers = vault_of(session).ciphers(session, [row[2] for row in rows])
    fields: tuple[Any, ...] = (
        YoungPerson.given_name,
        YoungPerson.family_name,
        YoungPerson.known_as,
    )
    found = {}
    for case_uid, uid, sealed_under, *tokens in rows:
        cipher = ciphers[sealed_under]
        given, family, known_as = (
            field.open_token(cipher, token, case_uid=sealed_under, row_uid=uid) if token else ""
            for field, token in zip(fields, tokens, strict=True)
        )
        called = known_as or given
        found[case_uid] = Name(called, f"{given} {family}", f"{called} {family}")
    return found
