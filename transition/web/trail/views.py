"""The trail, for auditors and leads: who saw or did what, and what is out of the ordinary."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from transition.clock import LONDON
from transition.records.audit import IS_UID, AuditEntry
from transition.records.staff import staff_names
from transition.records.trail import Wanted, entries_numbered, entries_wanted, odd_entries, staff_of
from transition.records.urgent_access import waiting_for_review
from transition.rules.access import Permission, may
from transition.rules.letters import NAMES
from transition.rules.people import Role
from transition.rules.references import is_reference
from transition.rules.second_steps import SeenHow
from transition.rules.tellings import words_of_entry
from transition.rules.trail import LISTS, SIGN_INS, Deed, Oddity, part_in_words
from transition.web.forms import choices
from transition.web.guard import requires
from transition.web.pages import PAGE
from transition.web.trail.forms import ANY, FilterForm
from transition.web.work import catalogue, me, note_seen, reading, today

trail = Blueprint("trail", __name__, url_prefix="/audit")

NUMBER: Final = re.compile("[1-9][0-9]{0,17}")
SEVERAL: Final = 3
"""How many references of a list are shown; the rest is counted."""


@dataclass(frozen=True)
class Asked:
    """What an address asks for. Whatever it holds that is no code of ours is passed over."""

    wanted: Wanted
    odd: str
    before: int | None

    @property
    def codes(self) -> dict[str, str]:
        """What stands in the address of the same question."""
        wanted = self.wanted
        said = {
            "who": wanted.who,
            "case": wanted.case,
            "what": wanted.deed.value if wanted.deed else "",
            "odd": self.odd,
            "first": wanted.first.isoformat() if wanted.first else "",
            "last": wanted.last.isoformat() if wanted.last else "",
        }
        return {name: code for name, code in said.items() if code}


@dataclass(frozen=True)
class Row:
    """One entry, as the page shows it."""

    at: str
    who: str
    uid: str
    """The number of whoever it was, to ask for more of theirs; empty where it was no person."""
    role: str
    what: str
    case: str
    fields: str
    odd: Sequence[str]


def asked() -> Asked:
    """Return what the address of this request asks for, of what its reader may read."""
    args = request.args
    who, case = args.get("who", ""), args.get("case", "")
    odd, before = args.get("odd", ""), args.get("before", "")
    wanted = Wanted(
        organisation=me().organisation,
        of_cases=may(me().roles, Permission.EXPORT_TRAIL),
        who=who if IS_UID.fullmatch(who) else "",
        case=case if is_reference(case) else "",
        deed={one.value: one for one in Deed}.get(args.get("what", "")),
        first=_day(args.get("first", "")),
        last=_day(args.get("last", "")),
    )
    return Asked(
        wanted,
        odd if odd in {ANY, *Oddity} else "",
        int(before) if NUMBER.fullmatch(before) else None,
    )


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


@trail.route("", methods=["GET", "POST"])
@requires(Permission.READ_TRAIL)
def index() -> ResponseReturnValue:
    """Show the entries that the address asks for, newest first; what is typed becomes codes."""
    question = asked()
    names = {uid.hex(): name for uid, name in staff_names(reading()).items()}
    form = _form(question, names)
    if form.validate_on_submit():
        return redirect(_address(_codes(form)))
    wrong = form.is_submitted()
    odd = _odd(question) if question.odd and not wrong else None
    entries = [] if wrong else _entries(question, odd)
    if not wrong:
        note_seen("trail:read", case_ref=question.wanted.case or None, about=_about(question))
    page = render_template(
        "trail/index.html",
        form=form,
        question=question,
        rows=[_row(one, names, (odd or {}).get(one.seq, ())) for one in entries[:PAGE]],
        older=dict(question.codes, before=entries[PAGE - 1].seq) if len(entries) > PAGE else None,
        unusual=dict(question.codes, odd=ANY),
        usual={name: code for name, code in question.codes.items() if name != "odd"},
        of_cases=question.wanted.of_cases,
        reviews=waiting_for_review(reading(), me()),
        may_export=may(me().roles, Permission.EXPORT_TRAIL),
    )
    return page, 422 if wrong else 200


def _form(question: Asked, names: Mapping[str, str]) -> FilterForm:
    wanted = question.wanted
    form = FilterForm(
        who=wanted.who,
        case=wanted.case,
        what=wanted.deed.value if wanted.deed else "",
        odd=question.odd,
        first=wanted.first,
        last=wanted.last,
    )
    people = {one.uid.hex(): one.name for one in staff_of(reading(), wanted.organisation)}
    if wanted.who in names:
        people.setdefault(wanted.who, names[wanted.who])
    form.who.choices = choices({"": "Anybody", **people})
    return form


def _address(codes: dict[str, Any]) -> str:
    return url_for("trail.index", **codes)


def _codes(form: FilterForm) -> dict[str, str]:
    """Return what was typed, as it stands in an address."""
    said = {one.name: one.data for one in (form.who, form.case, form.what, form.odd)}
    days = {one.name: one.data.isoformat() for one in (form.first, form.last) if one.data}
    return {name: words for name, words in (said | days).items() if words}


def _odd(question: Asked) -> dict[int, frozenset[Oddity]]:
    """Return what is out of the ordinary of what is asked for, all of it or of one kind."""
    found = odd_entries(reading(), question.wanted, catalogue().holidays, today=today())
    return {
        seq: kinds for seq, kinds in found.items() if question.odd == ANY or question.odd in kinds
    }


def _entries(question: Asked, odd: Mapping[int, frozenset[Oddity]] | None) -> Sequence[AuditEntry]:
    """Return the entries of a page and the one after them, newest first."""
    if odd is None:
        return entries_wanted(reading(), question.wanted, before=question.before, most=PAGE + 1)
    left = [seq for seq in odd if question.before is None or seq < question.before]
    return entries_numbered(reading(), left[: PAGE + 1])


def _about(question: Asked) -> str:
    """Return what was asked for, in codes: the trail says whose trail was looked at."""
    return " ".join(code for name, code in question.codes.items() if name != "case")


def _row(entry: AuditEntry, names: Mapping[str, str], odd: Collection[Oddity]) -> Row:
    signs_in = entry.action.startswith(SIGN_INS)
    uid = entry.object if signs_in else entry.actor
    organisations = {one.key: one.name for one in catalogue().collaborative.organisations}
    roles = [one.label for one in Role if one.value in entry.role.split()]
    parts = (" and ".join(roles), organisations.get(entry.organisation, ""))
    return Row(
        at=f"{entry.at.astimezone(LONDON):%-d %B %Y, %H:%M:%S}",
        who=names.get(uid, "The tracker"),
        uid=uid if uid in names else "",
        role=", ".join(filter(None, parts)),
        what=_what(entry, names),
        case=entry.case_ref or "",
        fields=", ".join(name.replace("_", " ") for name in entry.fields.split()),
        odd=[one.label for one in Oddity if one in odd],
    )


def _what(entry: AuditEntry, names: Mapping[str, str]) -> str:
    """Return what was done, and what it was about: a part of a case, or the people of a list."""
    words, about = words_of_entry(entry.action), entry.object
    known = {role.value: role.label for role in Role} | {one.value: one.label for one in SeenHow}
    known |= names
    if entry.action in LISTS or entry.action == "cases:searched":
        found = about.split()
        more = len(found) - SEVERAL
        about = ", ".join(found[:SEVERAL]) + (f" and {more} more" if more > 0 else "")
    elif about.partition(" ")[0] in NAMES:
        kind, _, code = about.partition(" ")
        about = f"{NAMES[kind]} {code}".strip()
    elif about in names and entry.action.startswith(SIGN_INS):
        about = ""
    elif not names.keys().isdisjoint(about.split()):
        about = ", ".join(known.get(word, word) for word in about.split())
    return f"{words}: {part_in_words(about)}" if about else words
