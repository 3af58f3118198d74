"""What the pages beside a record have in common: a list of entries, and a form about one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from transition.actions.beside import other_side
from transition.records.anchors import anchors_of
from transition.records.beside import BesideRow, row_beside, rows_beside
from transition.records.cases import SeenCase
from transition.records.staff import staff_names
from transition.records.young_people import young_person_of
from transition.rules.access import Permission, may
from transition.rules.beside import Sharing
from transition.web.filters import day
from transition.web.forms import VersionedForm
from transition.web.versions import Standing
from transition.web.work import catalogue, me, my_case, note_seen, reading

beside = Blueprint("beside", __name__, url_prefix="/cases/<reference>")

AnyRow = TypeVar("AnyRow", bound=BesideRow)
Link = tuple[str, str]
"""Words and the address that they lead to."""
Post = tuple[str, str, Mapping[str, str]]
"""The words of a button, the address that it sends to, and what it sends."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a list, as its page shows it."""

    title: str
    key: str
    words: Sequence[str] = ()
    by: str = ""
    pills: Sequence[str] = ()
    away: str = ""
    """A page of somebody else's, which opens beside this one."""
    links: Sequence[Link] = ()
    posts: Sequence[Post] = ()


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A page that lists entries: its words, what is listed, and how one is added."""

    heading: str
    about: str
    empty: str
    lines: Sequence[Entry] = field(default_factory=tuple)
    add: Link | None = None
    hint: str = ""


def listing(seen: SeenCase, page: Listing) -> str:
    """Return the page that lists entries beside a case."""
    note_seen("case:viewed", case_ref=seen.case.reference, about=page.about)
    return render_template("beside/list.html", page=page, **_of(seen))


def form_page(
    seen: SeenCase, form: VersionedForm, heading: str, button: str, *, back: Link
) -> ResponseReturnValue:
    """Return the page that asks for one entry; of a form that was refused, as the case is now."""
    if form.errors:
        seen = my_case(seen.case.reference)
    note_seen("case:viewed", case_ref=seen.case.reference, about="entry")
    page = render_template(
        "beside/entry.html", form=form, heading=heading, button=button, way_back=back, **_of(seen)
    )
    return page, 422 if form.errors else 200


def _of(seen: SeenCase) -> dict[str, object]:
    return {
        "case": seen.case,
        "person": young_person_of(reading(), seen.case.young_person_uid),
        "born": anchors_of(reading(), seen.case.uid).date_of_birth,
    }


def entries(seen: SeenCase, kind: type[AnyRow]) -> Sequence[AnyRow]:
    """Return the entries of a kind that the reader may read, newest first."""
    return rows_beside(reading(), kind, seen.case.uid, reader=me().organisation)


def entry(seen: SeenCase, kind: type[AnyRow], number: int) -> AnyRow:
    """Return one entry that the reader may read, or answer that there is no such page."""
    row = row_beside(reading(), kind, seen.case.uid, number, reader=me().organisation)
    return row or abort(404)


def stands(
    seen: SeenCase, kind: type[AnyRow], number: int, say: Callable[[AnyRow], Entry]
) -> Callable[[], Standing]:
    """Return what tells how an entry stands now, for whoever changes it."""

    def standing() -> Standing:
        row = entry(seen, kind, number)
        line = say(row)
        words = tuple((line.title, each) for each in line.words) or ((line.title, "No words"),)
        return Standing(version=str(row.version), words=words)

    return standing


def written_by(row: BesideRow) -> str:
    """Return who wrote an entry, of which hospice, and on which day."""
    hospice = catalogue().collaborative.organisation(row.organisation).name
    return f"{staff_names(reading())[row.written_by_uid]}, {hospice}, {day(row.written_at.date())}"


def sharing_of(seen: SeenCase) -> dict[str, str]:
    """Return with whom the reader may share what they write, by code, in words."""
    other = other_side(seen.case, seen.access)
    if other is None:
        family = "Our team, and the family's print"
        return {Sharing.TEAM.value: Sharing.TEAM.label, Sharing.FAMILY.value: family}
    name = catalogue().collaborative.organisation(other).name
    return {
        Sharing.TEAM.value: Sharing.TEAM.label,
        Sharing.BOTH.value: f"Our team and {name}",
        Sharing.FAMILY.value: f"Our team, {name} and the family's print",
    }


def pills_of(row: AnyRow, sharing: Sharing) -> list[str]:
    """Return what an entry says of who may read it besides the team that wrote it."""
    if sharing is Sharing.FAMILY and row.shared_with is None:
        return ["The family's print"]
    return [] if sharing is Sharing.TEAM else [sharing.label]


def may_write() -> bool:
    """Return whether the reader may write beside a record at all."""
    return may(me().roles, Permission.WRITE_CASE)
