"""Two at once: a form carries the version that its page showed, and an older page is refused.

A view that edits something takes three steps: its form is a ``VersionedForm``; a function says how
the thing stands now, with a version that changes whenever what the form is about changes; and the
work is done within ``editing``. The page draws the form with the macro ``sheet``, which sends the
version along. Whoever comes second gets a page with both texts, and theirs stays in the form.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from flask import g

from transition.actions.work import ChangedMeanwhile, Work
from transition.records.cases import SeenCase
from transition.records.histories import stage_changes_of
from transition.records.staff import staff_names
from transition.rules.errors import RuleBroken
from transition.rules.targets import Moves
from transition.web.filters import at_time
from transition.web.forms import VersionedForm
from transition.web.work import me, my_work, reading, today

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a thing stands now: in labelled words, and who made it so, if that is known."""

    version: str
    words: tuple[tuple[str, str], ...]
    by_uid: bytes | None = None
    at: datetime | None = None
    did: str = "changed this"

    @property
    def sentence(self) -> str:
        """What somebody reads who comes second."""
        names = staff_names(reading()) | {me().uid: "You"}
        who = names[self.by_uid] if self.by_uid else "Somebody else"
        when = f" {at_time(self.at, today())}" if self.at else " a moment ago"
        return f"{who} {self.did}{when}. Nothing of yours was sent."


@contextmanager
def editing(
    form: VersionedForm, reference: str | None, stands: Callable[[], Standing]
) -> Iterator[Work]:
    """Do the work that *form* asks for on a case, unless its page was older than what stands now.

    The case is held from before the comparison to the end, so nobody comes in between; what
    is of no case has no *reference*, and its row's own version guards it. A request that carries no
    version is compared with nothing.

    Raises:
        ChangedMeanwhile: the page was older.
    """
    with my_work() as work:
        if form.version in form.carried:
            if reference is not None:
                work.case(reference)
            refuse_older(form, stands())
        yield work


def refuse_older(form: VersionedForm, standing: Standing) -> None:
    """Refuse a page that is older than what stands now; before a preview, which it cannot confirm.

    Raises:
        ChangedMeanwhile: the page was older.
    """
    if form.version in form.carried and form.version.data != standing.version:
        g.standing = standing
        raise ChangedMeanwhile(standing.sentence)


def saved(
    form: VersionedForm,
    reference: str | None,
    do: Callable[[Work], T],
    stands: Callable[[], Standing] | None = None,
) -> T | None:
    """Do what *form* asks for and return what came of it; None where it was refused.

    A refusal stands above the form. What is new says nothing of how it *stands*.

    Raises:
        ChangedMeanwhile: the page was older.
    """
    try:
        with editing(form, reference, stands or _nothing_stands) as work:
            return do(work)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return None


def _nothing_stands() -> Standing:
    return Standing(version="", words=())


def preview_version(moves: Moves) -> str:
    """Return what differs as soon as another preview of due dates would be shown."""
    shown = [(move.rule.code, move.was.on, move.now.on) for move in moves.moving]
    come_and_go = [(one.rule.code, one.due.on) for one in (*moves.coming, *moves.going)]
    return sha256(repr((shown, come_and_go)).encode()).hexdigest()[:16]


def stage_standing(seen: SeenCase) -> Standing:
    """Return where a case stands, for the forms that move it on."""
    stage = seen.case.stage
    last = stage_changes_of(reading(), seen.case.uid)[-1]
    return Standing(
        version=stage.value,
        words=(("Stage", stage.label),),
        by_uid=last.changed_by_uid,
        at=last.changed_at,
        did=f"moved this on to “{stage.label}”",
    )
