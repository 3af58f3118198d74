"""Which young people a list is to show, and in which order: codes in the address, and no names."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from transition.records.case_lists import ListedCase
from transition.rules.pathway import Pathway, Stage
from transition.rules.words import Worded
from transition.web.filters import WEEK, age
from transition.web.offers import NOT_CHOSEN, Offer
from transition.web.pages import page_asked

Args = MultiDict[str, str]
Check = Callable[[ListedCase], bool]


class DueBand(Worded):
    """When the next thing is due."""

    LATE = "late", "Late"
    THIS_WEEK = "week", "Due this week"
    NO_DATE = "none", "No date"


class AgeBand(Worded):
    """How old somebody is, in whole years."""

    YOUNGER = "16", "16 and under"
    SEVENTEEN = "17", "17"
    EIGHTEEN = "18", "18"
    OLDER = "19", "19 and over"

    @classmethod
    def of(cls, years: int) -> "AgeBand":
        """Return the band that an age falls into."""
        return list(cls)[min(max(years, 16), 19) - 16]


class Order(Worded):
    """In which order people stand; the label completes "sorted by"."""

    DUE = "due", "Next due"
    NAME = "name", "Name"
    AGE = "age", "Age"
    TARGET = "target", "Target date"


@dataclass(frozen=True)
class Wanted:
    """What is asked of a list. Whatever an address holds that is not offered is passed over."""

    offer: Offer
    stages: Collection[Stage] = ()
    receivers: Collection[str] = ()
    worker: str = ""
    due: DueBand | None = None
    ages: Collection[AgeBand] = ()
    paused: bool = False
    order: Order = Order.DUE
    page: int = 1

    @classmethod
    def of(cls, args: Args, offer: Offer) -> "Wanted":
        """Return what the address asks for."""
        return cls(
            offer,
            stages=_asked(Stage, args, "stage"),
            receivers=tuple(key for key in offer.receivers if key in args.getlist("to")),
            worker=args["worker"] if args.get("worker") in offer.workers else "",
            due=next(iter(_asked(DueBand, args, "due")), None),
            ages=_asked(AgeBand, args, "age"),
            paused=args.get("paused") == "only",
            order=next(iter(_asked(Order, args, "sort")), Order.DUE),
            page=page_asked(args.get("page", "")),
        )

    @property
    def codes(self) -> list[tuple[str, str]]:
        """What is asked for, as names and codes of an address, but for order and page."""
        chosen = [
            *(("stage", one.value) for one in self.stages),
            *(("to", key) for key in self.receivers),
            *(("age", one.value) for one in self.ages),
        ]
        single = {
            "worker": self.worker,
            "due": self.due.value if self.due else "",
            "paused": "only" if self.paused else "",
        }
        return [*chosen, *((name, code) for name, code in single.items() if code)]

    @property
    def words(self) -> dict[tuple[str, str], str]:
        """What is asked for, in words, by name and code."""
        said = {
            "stage": {one.value: one.label for one in Stage},
            "to": dict(self.offer.receivers),
            "age": {one.value: f"Age {one.label}" for one in AgeBand},
            "worker": dict(self.offer.workers),
            "due": {one.value: one.label for one in DueBand},
            "paused": {"only": "Paused"},
        }
        return {(name, code): said[name][code] for name, code in self.codes}

    def address(
        self, *, without: tuple[str, str] | None = None, order: Order | None = None, page: int = 1
    ) -> dict[str, list[str]]:
        """Return the query of an address that asks for this, but for what is said otherwise."""
        order = order or self.order
        query: dict[str, list[str]] = {}
        for name, code in self.codes:
            if (name, code) != without:
                query.setdefault(name, []).append(code)
        if order is not Order.DUE:
            query["sort"] = [order.value]
        if page > 1:
            query["page"] = [str(page)]
        return query

    def rows(
        self, people: Iterable[ListedCase], today: date, pathways: Mapping[str, Pathway]
    ) -> list[ListedCase]:
        """Return who is asked for, in the order they came in."""
        asked: tuple[tuple[object, Check], ...] = (
            (self.paused, lambda one: one.paused),
            (self.stages, lambda one: one.stage in self.stages),
            (self.receivers, lambda one: (one.receiver or NOT_CHOSEN) in self.receivers),
            (self.worker, lambda one: one.named_worker_uid.hex() == self.worker),
            (self.ages, lambda one: AgeBand.of(age(one.born, today)) in self.ages),
            (self.due, lambda one: band_of(one, today, pathways) is self.due),
        )
        rows = list(people)
        for wanted, check in asked:
            if wanted:
                rows = [one for one in rows if check(one)]
        return rows


def band_of(one: ListedCase, today: date, pathways: Mapping[str, Pathway]) -> DueBand | None:
    """Return how soon the next thing is due; what is about dying or capacity is never late."""
    if one.first_due_on is None:
        return DueBand.NO_DATE
    days = (one.first_due_on - today).days
    if days < 0:
        rule = pathways[one.pathway_version].by_code.get(one.next_code or "")
        of_milestone = one.first_due_on == one.next_due_on
        return DueBand.THIS_WEEK if of_milestone and rule and rule.quiet else DueBand.LATE
    return DueBand.THIS_WEEK if days < WEEK else None


def _asked(kind: type[Worded], args: Args, name: str) -> tuple[Any, ...]:
    codes = args.getlist(name)
    return tuple(one for one in kind if one.value in codes)
