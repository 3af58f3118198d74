"""The names that go with the rows of a list, and people found by them. Only screens ask here.

A name is opened when somebody who may see it first asks for it, and kept with the list. There is
no index of names in the database.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from transition.records.case_lists import ListedCase, everybody_seen
from transition.records.cases import Case
from transition.records.change_numbers import while_unchanged
from transition.records.dues import Asking
from transition.records.handovers import Handover
from transition.records.keys import vault_of
from transition.records.milestones import OwnMilestone
from transition.records.young_people import YoungPerson
from transition.rules.names import alike, asked_words, close_to, folded, near, search_text
from transition.rules.people import Actor


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called, their name in full, and the words they are found by."""

    called: str
    full: str
    shown: str
    sorted_as: str
    search_text: str


FIELDS: Final[tuple[Any, ...]] = (
    YoungPerson.given_name,
    YoungPerson.family_name,
    YoungPerson.known_as,
)


@dataclass(frozen=True, slots=True)
class Found:
    """Who is found by a name: those whose name it is part of, and those it would be a slip for."""

    exactly: tuple[ListedCase, ...] = ()
    nearly: tuple[ListedCase, ...] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """The people a reader may see, by name, with the words of each."""

    people: tuple[ListedCase, ...]
    texts: tuple[str, ...]
    having: Mapping[str, Collection[int]]
    letters: frozenset[str]

    def numbers(self, word: str) -> set[int]:
        """Return the places of those who have a name that *word* is part of."""
        return {number for number, text in enumerate(self.texts) if word in text}

    def numbers_near(self, word: str) -> set[int]:
        """Return the places of those who have a name that is one slip away from *word*."""
        near = close_to(word, self.letters) & self.having.keys()
        return {number for other in near for number in self.having[other]}


def names_of(session: Session, reader: Actor, case_uids: Iterable[bytes]) -> dict[bytes, Name]:
    """Return the name that goes with each case that *reader* was given, by the case's number."""
    organisation = reader.organisation
    kept: dict[bytes, Name] = while_unchanged(session, organisation, ("names", organisation), dict)
    uids = set(case_uids)
    missing = [uid for uid in uids if uid not in kept]
    if missing:
        kept.update(_opened(session, missing))
    return {uid: kept[uid] for uid in uids if uid in kept}


def own_titles_of(session: Session, case_uids: Collection[bytes]) -> dict[bytes, dict[str, str]]:
    """Return the titles of the milestones that these cases added, by case and code.

    They are somebody's words, so what lists, letters and digests are made of does without them.
    """
    columns = OwnMilestone.__table__.c
    query = select(columns.case_uid, columns.uid, columns.code, columns.title).where(
        columns.case_uid.in_(case_uids)
    )
    rows = session.execute(query).all() if case_uids else []
    ciphers = vault_of(session).ciphers(session, [row.case_uid for row in rows])
    found: dict[bytes, dict[str, str]] = {}
    for case_uid, uid, code, token in rows:
        title = OwnMilestone.title.open_token(
            ciphers[case_uid], token, case_uid=case_uid, row_uid=uid
        )
        found.setdefault(case_uid, {})[code] = title
    return found


def providers_of(session: Session, case_uids: Collection[bytes]) -> dict[bytes, str]:
    """Return what the provider outside is called that was asked last to lead, by case."""
    if not case_uids:
        return {}
    query = select(Handover).where(Handover.case_uid.in_(case_uids), Handover.leads)
    rows = session.scalars(query.order_by(Handover.proposed_at, Handover.number))
    return {one.case_uid: one.provider_name for one in rows if one.provider_name}


def found_by_name(session: Session, asking: Asking, typed: str) -> Found:
    """Return whom the reader may see by part of a name, whatever capitals, accents or slips."""
    words = asked_words(typed)
    if not words:
        return Found()
    searched = while_unchanged(
        session,
        asking.reader.organisation,
        ("searched", asking.reader),
        lambda: _searched(session, asking),
    )
    having = [searched.numbers(word) for word in words]
    exactly = set.intersection(*having)
    near = [
        numbers | searched.numbers_near(word) for word, numbers in zip(words, having, strict=True)
    ]
    return Found(
        tuple(searched.people[number] for number in sorted(exactly)),
        tuple(searched.people[number] for number in sorted(set.intersection(*near) - exactly)),
    )


def named_alike(session: Session, asking: Asking, case_uid: bytes) -> list[tuple[ListedCase, Name]]:
    """Return whom the reader may see, and take for the one of a case: by a name but for a slip."""
    reader = asking.reader
    spelt = while_unchanged(
        session, reader.organisation, ("spelt", reader), lambda: _spelt(session, asking)
    )
    own = names_of(session, reader, [case_uid])[case_uid]
    others = {one.case_uid: one for word in _near(own) for one in spelt.get(word, ())}
    others.pop(case_uid, None)
    names = names_of(session, reader, others)
    return [
        (one, names[uid])
        for uid, one in others.items()
        if alike((own.shown, own.full), (names[uid].shown, names[uid].full))
    ]


def _spelt(session: Session, asking: Asking) -> Mapping[str, Collection[ListedCase]]:
    """Return whom the reader may see by how their names are spelt, and nearly so."""
    everybody = everybody_seen(session, asking)
    names = names_of(session, asking.reader, [one.case_uid for one in everybody])
    spelt: dict[str, list[ListedCase]] = {}
    for one in everybody:
        for word in _near(names[one.case_uid]):
            spelt.setdefault(word, []).append(one)
    return spelt


def _near(name: Name) -> set[str]:
    return near(name.shown) | near(name.full)


def _searched(session: Session, asking: Asking) -> Searched:
    everybody = everybody_seen(session, asking)
    names = names_of(session, asking.reader, [one.case_uid for one in everybody])
    people = sorted(everybody, key=lambda one: names[one.case_uid].sorted_as)
    texts = tuple(names[one.case_uid].search_text for one in people)
    having: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        for word in text.split():
            having.setdefault(word, []).append(number)
    return Searched(tuple(people), texts, having, frozenset("".join(having)))


def _opened(session: Session, case_uids: Collection[bytes]) -> dict[bytes, Name]:
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
        .where(Case.uid.in_(case_uids))
    )
    rows = session.execute(query).all()
    ciphers = vault_of(session).ciphers(session, [row[2] for row in rows])
    found = {}
    for case_uid, uid, sealed_under, *tokens in rows:
        cipher = ciphers[sealed_under]
        given, family, known_as = (
            field.open_token(cipher, token, case_uid=sealed_under, row_uid=uid) if token else ""
            for field, token in zip(FIELDS, tokens, strict=True)
        )
        found[case_uid] = _name(given, family, known_as or given)
    return found


def _name(given: str, family: str, called: str) -> Name:
    shown = f"{called} {family}"
    return Name(
        called=called,
        full=f"{given} {family}",
        shown=shown,
        sorted_as=folded(shown),
        search_text=search_text((called, given, family)),
    )
