"""Reads what the collaborative may change with a text editor: pathways, organisations, passwords.

Every mistake in a file stops the start, with the file, the milestone or organisation, and the key.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from transition.readers import (
    Reader,
    choice,
    day,
    flag,
    number,
    one_table,
    several,
    spelt,
    tables,
    text,
    texts,
)
from transition.rules.due_rules import DueRule, DueRuleError, parse
from transition.rules.invitations import ADDRESS
from transition.rules.organisations import (
    Collaborative,
    Organisation,
    OrganisationFacts,
    OrganisationKind,
    Service,
    WorkAccounts,
)
from transition.rules.passwords import Guessable, guessable
from transition.rules.pathway import (
    LETTER_WORDS,
    Circumstance,
    Gate,
    MilestoneRule,
    Owner,
    Pathway,
    Stage,
)
from transition.settings import is_loopback

CODE: Final = re.compile(r"[A-Z]{1,2}-\d\d")
KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
PREFIX: Final = re.compile(r"[A-HJ-NP-Z]{3}")
DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class CatalogueError(Exception):
    """A mistake in a file under `config/`; the sentence names file, part and key."""


def read_pathway(path: Path) -> Pathway:
    """Return the pathway that a file spells.

    Raises:
        CatalogueError: the file has a mistake, which has to be mended before anything starts.
    """
    place = _Place(path.name)
    top = _take(_load(path), place, {"version": text, "milestone": tables}, set())
    if top["version"] != path.stem:
        raise place.mistake("version", "must be the file's own name")
    rules = tuple(_milestone(table, place) for table in top["milestone"])
    _refuse_repeats((rule.code for rule in rules), place, "milestone")
    return Pathway(top["version"], rules)


def read_collaborative(path: Path) -> Collaborative:
    """Return the collaborative that a file spells.

    Raises:
        CatalogueError: the file has a mistake, which has to be mended before anything starts.
    """
    place = _Place(path.name)
    top = _take(_load(path), place, COLLABORATIVE, {"mail_domains", "work_accounts"})
    if top["key"] != path.stem:
        raise place.mistake("key", "must be the file's own name")
    organisations = tuple(_organisation(table, place) for table in top.pop("organisation"))
    _refuse_repeats((each.key for each in organisations), place, "organisation")
    codes = (service.code for each in organisations for service in each.services)
    _refuse_repeats(codes, place, "service")
    ours = _work_accounts(top, place, BREAK_GLASS)
    if ours is not None and not ours.passwords and not ours.break_glass:
        raise place.mistake("break_glass", "is missing: without passwords it names one that works")
    return Collaborative(organisations=organisations, **top | {"work_accounts": ours})


def read_guessable(path: Path, collaborative: Collaborative) -> Guessable:
    """Return what no password may be made of here, as a file and the hospices' names spell it.

    Raises:
        CatalogueError: the file has a mistake, which has to be mended before anything starts.
    """
    top = _take(_load(path), _Place(path.name), PASSWORDS, set())
    facts = [each for hospice in collaborative.organisations for each in hospice.versions]
    services = (service.name for each in facts for service in each.services)
    names = (name for each in facts for name in (each.name, each.areas))
    return guessable(
        common=[*top["common"], *top["phrases"]],
        context=[*top["context"], collaborative.name, *names, *services],
    )


@cache
def bank_holidays() -> frozenset[date]:
    """Return the bank holidays of England and Wales that the installed package knows of.

    Its data is read as it lies in the package: the code beside it would load a client for the web.
    """
    data = files("govuk_bank_holidays").joinpath("bank-holidays.json").read_text(encoding="utf-8")
    known = json.loads(data)["england-and-wales"]["events"]
    return frozenset(date.fromisoformat(holiday["date"]) for holiday in known)


@dataclass(frozen=True)
class _Place:
    """Where in a file a mistake is."""

    file: str
    part: str = ""

    def within(self, kind: str, table: Mapping[str, object], key: str) -> "_Place":
        name = f"{kind} {table.get(key, f'without a {key}')}"
        return _Place(self.file, f"{self.part}, {name}" if self.part else name)

    def mistake(self, key: str, reason: str) -> CatalogueError:
        part = f"{self.part}, " if self.part else ""
        return CatalogueError(f"{self.file}, {part}key “{key}”: {reason}.")


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CatalogueError(
            f"{path.name}: there is no such file in {path.parent.name}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: this is not TOML: {error}.") from error


def _take(
    table: Mapping[str, Any], place: _Place, readers: Mapping[str, Reader], optional: set[str]
) -> dict[str, Any]:
    """Return the values of a table, each read by its reader; nothing else may stand in it."""
    for key in table.keys() - readers.keys():
        raise place.mistake(key, "is not known here")
    for key in readers.keys() - table.keys() - optional:
        raise place.mistake(key, "is missing")
    return {key: _read(readers[key], table[key], place, key) for key in table}


def _read(reader: Reader, value: object, place: _Place, key: str) -> Any:  # noqa: ANN401 - whatever the reader returns
    try:
        return reader(value)
    except ValueError as error:
        raise place.mistake(key, str(error).rstrip(".")) from error


def _refuse_repeats(names: Iterable[str], place: _Place, kind: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise place.mistake(kind, f"“{name}” stands there {count} times")


def _milestone(table: dict[str, Any], place: _Place) -> MilestoneRule:
    here = place.within("milestone", table, "code")
    return MilestoneRule(**_take(table, here, MILESTONE, MILESTONE_OPTIONAL))


def _organisation(table: dict[str, Any], place: _Place) -> Organisation:
    here = place.within("organisation", table, "key")
    values = _take(table, here, ORGANISATION, {"mail_domains", "work_accounts"})
    values["work_accounts"] = _work_accounts(values, here, {})
    if values["work_accounts"] and values["kind"] is OrganisationKind.EXTERNAL:
        raise here.mistake("work_accounts", "nobody signs in from outside")
    versions = tuple(_facts(each, here) for each in values.pop("version"))
    days = [each.valid_from for each in versions]
    if days != sorted(set(days)):
        raise here.mistake("valid_from", "versions stand oldest first, one a day")
    return Organisation(versions=versions, **values)


def _work_accounts(
    values: Mapping[str, Any], place: _Place, more: dict[str, Reader]
) -> WorkAccounts | None:
    table = values.get("work_accounts")
    if table is None:
        return None
    here = place.within("work_accounts", table, "issuer")
    optional = {"second_factor", "passwords", *more}
    return WorkAccounts(**_take(table, here, WORK_ACCOUNTS | more, optional))


def _issuer(value: object) -> str:
    """Return the address of a provider; without TLS only on this machine, for trying it out."""
    parts = urlsplit(text(value))
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not safe or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"“{value}” is not an address like https://sign-in.hospice.example")
    return str(value)


def _facts(table: dict[str, Any], place: _Place) -> OrganisationFacts:
    here = place.within("version", table, "valid_from")
    values = _take(table, here, FACTS, AGES | {"advice_line", "service"})
    services = tuple(_service(each, here) for each in values.pop("service", ()))
    return OrganisationFacts(services=services, **values)


def _service(table: dict[str, Any], place: _Place) -> Service:
    return Service(**_take(table, place.within("service", table, "code"), SERVICE, AGES))


def _due(value: object) -> DueRule:
    try:
        return parse(text(value))
    except DueRuleError as error:
        raise ValueError(str(error)) from error


def _letter_words(value: object) -> str:
    if value not in LETTER_WORDS:
        raise ValueError(f"“{value}” is none of {', '.join(sorted(LETTER_WORDS))}")
    return str(value)


MILESTONE: Final[dict[str, Reader]] = {
    "code": spelt(CODE, "ID-01"),
    "stage": choice(Stage),
    "title": text,
    "owner": choice(Owner),
    "due": _due,
    "source": text,
    "letter_words": _letter_words,
    "gate": choice(Gate),
    "condition": choice(Circumstance),
    "confirmed": flag,
    "quiet": flag,
    "opened_before_18": flag,
    "max_age_months": number,
}
MILESTONE_OPTIONAL: Final = {
    each.name for each in fields(MilestoneRule) if each.default is not MISSING
}

WORK_ACCOUNTS: Final[dict[str, Reader]] = {
    "issuer": _issuer,
    "client_id": text,
    "second_factor": several(text),
    "passwords": flag,
}
BREAK_GLASS: Final[dict[str, Reader]] = {"break_glass": spelt(ADDRESS, "admin@hospice.example")}
"""Administrators work for all hospices together, so only there is one to name."""

DOMAINS: Final = several(spelt(DOMAIN, "hospice.example"))
AGES: Final = {"lowest_age", "highest_age"}
AGE_READERS: Final[dict[str, Reader]] = dict.fromkeys(sorted(AGES), number)
COLLABORATIVE: Final[dict[str, Reader]] = {
    "key": spelt(KEY, "hampshire_iow"),
    "name": text,
    "reference_prefix": spelt(PREFIX, "NHJ: three capital letters, neither I nor O"),
    "mail_domains": DOMAINS,
    "work_accounts": one_table,
    "organisation": tables,
}
ORGANISATION: Final[dict[str, Reader]] = {
    "key": spelt(KEY, "rowans"),
    "kind": choice(OrganisationKind),
    "mail_domains": DOMAINS,
    "work_accounts": one_table,
    "version": tables,
}
FACTS: Final[dict[str, Reader]] = {
    "valid_from": day,
    "name": text,
    "areas": text,
    "advice_line": text,
    "service": tables,
    **AGE_READERS,
}
PASSWORDS: Final[dict[str, Reader]] = dict.fromkeys(("common", "phrases", "context"), texts)
SERVICE: Final[dict[str, Reader]] = {"code": spelt(KEY, "naomi_house"), "name": text} | AGE_READERS


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Everything that the collaborative laid down: pathways by version, organisations and the rest.

    It is read once, so one is the same as another only if it is that very one.
    """

    pathways: Mapping[str, Pathway]
    collaborative: Collaborative
    holidays: frozenset[date]
    guessable: Guessable

    @property
    def pathway(self) -> Pathway:
        """The newest version, which a case that is opened today follows."""
        return self.pathways[max(self.pathways)]

    @cached_property
    def codes_with_days(self) -> frozenset[str]:
        """The milestones of which lists must know the day on which they were done."""
        rules = (rule for pathway in self.pathways.values() for rule in pathway.milestones)
        return frozenset(rule.code for rule in rules if rule.due.every or rule.max_age_months)


def read_catalogue(config: Path, collaborative: str) -> Catalogue:
    """Return everything that lies under *config* for the collaborative of this name.

    Raises:
        CatalogueError: a file has a mistake, or there is none for this collaborative.
    """
    pathways = (read_pathway(path) for path in sorted((config / "pathways").glob("*.toml")))
    who = read_collaborative(config / "collaboratives" / f"{collaborative}.toml")
    return Catalogue(
        pathways={pathway.version: pathway for pathway in pathways},
        collaborative=who,
        holidays=bank_holidays(),
        guessable=read_guessable(config / "passwords.toml", who),
    )
