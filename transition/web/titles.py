"""The titles of milestones that cases added: lists are made without them, screens say them."""

from collections.abc import Sequence

from transition.records.dues import CaseDues
from transition.records.names import own_titles_of
from transition.web.work import reading


def with_titles(cases: Sequence[CaseDues]) -> list[CaseDues]:
    """Return what is due in cases, with the titles of the milestones that they added."""
    titles = own_titles_of(reading(), [dues.case_uid for dues in cases if dues.has_own])
    return [dues.titled(titles.get(dues.case_uid, {})) if dues.has_own else dues for dues in cases]
