"""By which hospice and which colleague a list of young people can be narrowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from transition.records.case_lists import ListedCase
from transition.records.change_numbers import while_unchanged
from transition.web.work import asking, catalogue, me, reading

NOT_CHOSEN: Final = "none"
"""Stands for nobody where a receiver's key would."""


@dataclass(frozen=True)
class Offer:
    """What can be asked for: the receivers and named workers of the list, by code, with words."""

    receivers: Mapping[str, str]
    workers: Mapping[str, str]


def offer_of(people: Sequence[ListedCase], staff: Mapping[bytes, str]) -> Offer:
    """Return the receivers and named workers that there are among these people, by their words.

    `people` are all whom the reader may see.
    """
    receivers, named_workers = while_unchanged(
        reading(),
        me().organisation,
        ("offered", asking()),
        lambda: ({one.receiver for one in people}, {one.named_worker_uid for one in people}),
    )
    hospices = catalogue().collaborative.organisations
    named = {one.key: one.name for one in hospices if one.key in receivers}
    workers = {uid.hex(): staff[uid] for uid in named_workers}
    return Offer(
        receivers={**_by_words(named), NOT_CHOSEN: "Not chosen yet"},
        workers=_by_words(workers),
    )


def _by_words(pairs: dict[str, str]) -> dict[str, str]:
    return dict(sorted(pairs.items(), key=lambda pair: pair[1]))
