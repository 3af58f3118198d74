"""A piece of work: one actor, one moment, one transaction, its trail and letters inside it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from transition.catalogue import Catalogue
from transition.clock import day_and_time, local_day
from transition.records.audit import Change, Note, Occasion, append
from transition.records.base import Base, begin_writing, sentence_for
from transition.records.cases import Case, SeenCase, find_case
from transition.records.change_numbers import move_numbers
from transition.records.columns import new_uid
from transition.records.dues import Asking
from transition.records.emergency import take_in_second, taken_in
from transition.records.outbox import QueuedLetter
from transition.records.staff import Staff
from transition.rules.errors import RuleBroken
from transition.rules.people import Actor

AnyRow = TypeVar("AnyRow", bound=Base)

CHANGED_MEANWHILE = "Somebody else changed this a moment ago. Nothing of yours was saved yet."
NO_SUCH_CASE = "There is no case with this reference."


class ChangedMeanwhile(RuleBroken):
    """Somebody else changed the same thing since it was read."""


class TrailClosed(Exception):
    """The trail cannot be written: what it would have to tell of is neither done nor shown."""


class NotFound(RuleBroken):
    """There is no such thing for this reader. The words are the same whether it exists or not."""


@dataclass
class Work:
    """One actor, one moment, one transaction."""

    session: Session
    occasion: Occasion
    catalogue: Catalogue
    notes: list[Note] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """Who does it."""
        return self.occasion.actor

    @property
    def actor_uid(self) -> bytes:
        """The number of the colleague who does it.

        Raises:
            RuleBroken: it is not a person who does it.
        """
        if self.occasion.actor.uid is None:
            raise RuleBroken("Only somebody who is signed in can do this.")
        return self.occasion.actor.uid

    @property
    def now(self) -> datetime:
        """When it is done, in UTC."""
        return self.occasion.at

    @property
    def today(self) -> date:
        """The day on which it is done, in London."""
        return local_day(self.occasion.at)

    @property
    def asking(self) -> Asking:
        """Who asks what is due, and when."""
        return Asking(self.actor, self.today, self.catalogue)

    def case(self, reference: str) -> SeenCase:
        """Return the case called *reference*, held until the work is done.

        Raises:
            NotFound: this actor has no such case.
        """
        found = find_case(self.session, reference, reader=self.actor, writing=True)
        if found is None:
            raise NotFound(NO_SUCH_CASE)
        return found

    def refuse_settled(self, by_uid: bytes | None, at: datetime | None) -> None:
        """Do nothing if nobody has settled a thing yet.

        Raises:
            ChangedMeanwhile: somebody has; the sentence says who and when.
        """
        if at is None or by_uid is None:
            return
        colleague = self.session.get(Staff, by_uid)
        name = colleague.name if colleague is not None else "A colleague"
        raise ChangedMeanwhile(
            f"{name} answered this on {day_and_time(at)}. Nothing of yours was sent."
        )

    def keep(self, row: AnyRow) -> AnyRow:
        """Keep a new row, at once, so that rows are written in the order in which they are kept."""
        self.session.add(row)
        self.session.flush()
        return row

    def note(
        self,
        action: str,
        *,
        on: Case | None = None,
        about: str = "",
        changed: Mapping[str, tuple[Any, Any]] | None = None,
    ) -> None:
        """Put *action* into the trail, with what stood in each changed field and stands there now.

        The trail carries the names of the fields; the words lie in a sealed row of the case.
        """
        change = None
        if changed and on is not None:
            body = {name: [_plain(was), _plain(now)] for name, (was, now) in changed.items()}
            change = self.keep(Change(case_uid=on.uid, body=body))
        self.notes.append(
            Note(
                action=action,
                object=about,
                case_ref=on.reference if on is not None else None,
                fields=tuple(changed or ()),
                change=change,
            )
        )

    def post(self, kind: str, *, to: Staff, about: str, on: Case | None = None) -> QueuedLetter:
        """Queue a letter of *kind* to a colleague; the worker carries it afterwards."""
        uid = new_uid()
        letter = QueuedLetter(
            uid=uid,
            kind=kind,
            recipient_uid=to.uid,
            case_uid=on.uid if on is not None else None,
            about=about,
            message_id=f"<{uid.hex()}@transition.invalid>",
            queued_at=self.now,
            not_before=self.now,
        )
        self.notes.append(
            Note("letter:queued", kind, case_ref=on.reference if on is not None else None)
        )
        return self.keep(letter)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field's value
    """Return *value* as it can stand in a sealed list."""
    return value.isoformat() if isinstance(value, date | datetime) else value


@contextmanager
def work_of(session: Session, occasion: Occasion, catalogue: Catalogue) -> Iterator[Work]:
    """Do a piece of work: all of it is kept, with its trail and its letters, or nothing.

    Raises:
        RuleBroken: a rule refused, or a constraint of the database that says the same.
        ChangedMeanwhile: somebody else changed the same row first.
    """
    begin_writing(session)
    work = Work(session, occasion, catalogue)
    try:
        yield work
        session.flush()
        move_numbers(session)
        size = _write_trail(work)
        session.commit()
        taken_in(session, size)
    except IntegrityError as refusal:
        session.rollback()
        sentence = sentence_for(refusal)
        if sentence is None:
            raise
        raise RuleBroken(sentence) from refusal
    except StaleDataError as refusal:
        session.rollback()
        raise ChangedMeanwhile(CHANGED_MEANWHILE) from refusal
    except BaseException:
        session.rollback()
        raise


def _write_trail(work: Work) -> int | None:
    """Add what was done to the trail, after what was opened in an emergency before it.

    Raises:
        TrailClosed: it cannot be written.
    """
    if not work.notes:
        return None
    try:
        size = take_in_second(work.session)
        append(work.session, work.notes, work.occasion)
    except DBAPIError as fault:
        raise TrailClosed from fault
    return size
