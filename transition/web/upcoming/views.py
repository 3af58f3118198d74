"""Who moves when: a drawing of the next twelve months, and the same as lists by month."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from transition.clock import local_day
from transition.records.case_lists import ListedCase, list_of_cases
from transition.records.early_notices import notices_to, told_by
from transition.records.histories import proposed_at
from transition.records.names import names_of
from transition.records.staff import staff_names
from transition.records.usual_numbers import usual_number_of
from transition.rules.access import Permission, may
from transition.rules.calendar import birthday
from transition.rules.early_notices import Expected, expected_of, quarter_in_words
from transition.rules.upcoming import (
    CERTAINTIES,
    Certainty,
    Elsewhen,
    Period,
    above_usual,
    months_ahead,
    months_along,
    period_of,
)
from transition.web.guard import requires
from transition.web.offers import NOT_CHOSEN, Offer, offer_of
from transition.web.pages import PAGE, page_asked, pages
from transition.web.work import asking, catalogue, me, note_seen, reading, today

upcoming = Blueprint("upcoming", __name__)

ADULT: Final = 18


@dataclass(frozen=True, slots=True)
class Asked:
    """Which moves are asked for, by codes in the address; what it holds besides is passed over."""

    receiver: str
    worker: str
    agreed: bool

    @classmethod
    def of(cls, args: Mapping[str, str], offer: Offer) -> "Asked":
        """Return what the address asks for."""
        receiver, worker = args.get("to", ""), args.get("worker", "")
        return cls(
            receiver=receiver if receiver in offer.receivers else "",
            worker=worker if worker in offer.workers else "",
            agreed=args.get("agreed") == "only",
        )

    @property
    def address(self) -> dict[str, str]:
        """The query of an address that asks for the same."""
        asked = {"to": self.receiver, "worker": self.worker, "agreed": "only" * self.agreed}
        return {name: code for name, code in asked.items() if code}

    def wants(self, one: ListedCase) -> bool:
        """Return whether somebody is among those asked for."""
        return (
            self.receiver in {"", one.receiver or NOT_CHOSEN}
            and self.worker in {"", one.named_worker_uid.hex()}
            and (not self.agreed or CERTAINTIES[one.stage] is Certainty.AGREED)
        )


@dataclass(frozen=True, slots=True)
class Month:
    """How many move in a month, by how sure it is, and on which page of the lists they begin."""

    key: str
    words: str
    certain: Mapping[Certainty, int]
    above: int
    page: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where a move stands in the drawing, in months from where the drawing begins."""

    name: str
    path: str
    since: float | None
    on: float
    adult: float | None
    agreed: bool


@upcoming.route("/upcoming")
@requires(Permission.LIST_CASES)
def index() -> ResponseReturnValue:
    """Show the moves that lie ahead of those whom the reader may see."""
    everybody = list_of_cases(reading(), asking())
    staff = staff_names(reading())
    offer = offer_of(everybody, staff)
    asked = Asked.of(request.args, offer)
    ahead = [one for one in everybody if one.stage in CERTAINTIES and not one.supports]
    moves = sorted(filter(asked.wants, ahead), key=lambda one: one.target_on or date.max)
    plans = may(me().roles, Permission.PLAN_CAPACITY)
    # Some of them are not to be measured by what is usual for all of them.
    usual = _usual() if plans and not asked.address else None
    page = min(page_asked(request.args.get("page", "")), pages(len(moves)))
    shown = moves[(page - 1) * PAGE : page * PAGE]
    names = names_of(reading(), me(), [one.case_uid for one in shown])
    note_seen("upcoming:listed", about=" ".join(one.reference for one in shown))
    return render_template(
        "upcoming/index.html",
        offer=offer,
        asked=asked,
        months=_months(moves, usual),
        axis=months_ahead(today()),
        usual=usual,
        plans=plans,
        drawn=list(_drawn(shown, {uid: name.shown for uid, name in names.items()})),
        lists=[(in_words(period), _key(period), list(rows)) for period, rows in _by_period(shown)],
        certain=CERTAINTIES,
        names=names,
        staff=staff,
        hospices={one.key: one.name for one in catalogue().collaborative.organisations},
        ahead=len(ahead),
        matching=len(moves),
        page=page,
        pages=pages(len(moves)),
        may_open=may(me().roles, Permission.OPEN_CASE),
        expected=_expected() if may(me().roles, Permission.DECIDE_HANDOVER) else (),
        in_words=quarter_in_words,
    )


def _expected() -> tuple[Expected, ...]:
    """Return how many were announced to the reader's hospice without a name."""
    return expected_of(told_by(notices_to(reading(), me())))


def _usual() -> int | None:
    """Return how many the reader's hospice usually takes on in a month, if it has said so."""
    said = usual_number_of(reading(), me().organisation)
    return said.number if said else None


def _by_period(moves: Sequence[ListedCase]) -> Iterator[tuple[Period, Iterator[ListedCase]]]:
    """Yield each period with those who move in it; they come in the order of their days."""
    return groupby(moves, key=lambda one: period_of(one.target_on, today()))


def _months(moves: Sequence[ListedCase], usual: int | None) -> list[Month]:
    """Return the twelve months, those in which nobody moves too, and what falls into none."""
    periods = [period_of(one.target_on, today()) for one in moves]
    certain = Counter(
        (period, CERTAINTIES[one.stage]) for period, one in zip(periods, moves, strict=True)
    )
    wanted: list[Period] = [*months_ahead(today())]
    wanted += [one for one in Elsewhen if one in periods]
    found: list[Month] = []
    for period in wanted:
        counts = {one: certain[period, one] for one in Certainty}
        found.append(
            Month(
                key=_key(period),
                words=in_words(period),
                certain=counts,
                above=0 if isinstance(period, Elsewhen) else above_usual(counts, usual),
                page=periods.index(period) // PAGE + 1 if period in periods else 0,
            )
        )
    return found


def _drawn(moves: Sequence[ListedCase], names: Mapping[bytes, str]) -> Iterator[Drawn]:
    """Yield what is drawn of each move that falls into one of the twelve months."""
    sure = [one.case_uid for one in moves if CERTAINTIES[one.stage] is not Certainty.POSSIBLE]
    began = proposed_at(reading(), sure)
    ends = months_ahead(today())[-1]
    for one in moves:
        if one.target_on is None or isinstance(period_of(one.target_on, today()), Elsewhen):
            continue
        adult = birthday(one.born, ADULT)
        since = (
            began.get(one.case_uid) if CERTAINTIES[one.stage] is not Certainty.POSSIBLE else None
        )
        yield Drawn(
            name=names[one.case_uid],
            path=one.path,
            since=months_along(local_day(since), today()) if since else None,
            on=months_along(one.target_on, today()),
            adult=months_along(adult, today()) if today() <= adult <= ends else None,
            agreed=CERTAINTIES[one.stage] is Certainty.AGREED,
        )


def in_words(period: Period) -> str:
    """Return a month, or what falls into none, as people say it."""
    return period.label if isinstance(period, Elsewhen) else f"{period:%B %Y}"


def _key(period: Period) -> str:
    return period.value if isinstance(period, Elsewhen) else f"{period:%Y-%m}"
