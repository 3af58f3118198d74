"""The hospices of a collaborative: the frozen values that its file becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

TOGETHER: Final = "collaborative"
"""Stands in a membership for the collaborative itself, which is no hospice."""


class OrganisationKind(StrEnum):
    """What an organisation is in a handover."""

    CHILDRENS = "childrens"
    ADULT = "adult"
    EXTERNAL = "external"


@dataclass(frozen=True)
class Service:
    """A part of an organisation that ledger rows name; ages in years, None where unknown."""

    code: str
    name: str
    lowest_age: int | None = None
    highest_age: int | None = None


@dataclass(frozen=True)
class OrganisationFacts:
    """What held of an organisation from a day on; ages in years, None where unknown."""

    valid_from: date
    name: str
    areas: str
    lowest_age: int | None = None
    highest_age: int | None = None
    advice_line: str = ""
    """The telephone number that is answered at any hour; empty until somebody has entered it."""
    services: tuple[Service, ...] = ()


@dataclass(frozen=True)
class WorkAccounts:
    """Where colleagues have their work account: the provider that can say who somebody is."""

    issuer: str
    client_id: str
    second_factor: tuple[str, ...] = ()
    """What it calls a sign-in with a second factor, in `amr` or `acr`; else ours is asked for."""
    passwords: bool = True
    """Whether passwords of ours sign in beside it."""
    break_glass: str = ""
    """The address of the one administrator whose password signs in all the same."""


@dataclass(frozen=True)
class Organisation:
    """An organisation and its dated facts, oldest first; history is never rewritten."""

    key: str
    kind: OrganisationKind
    versions: tuple[OrganisationFacts, ...]
    mail_domains: tuple[str, ...] = ()
    """Where the work addresses end of those who may be invited."""
    work_accounts: WorkAccounts | None = None

    def on(self, day: date) -> OrganisationFacts:
        """Return the facts that held on a day; before the first version, the first."""
        held = [facts for facts in self.versions if facts.valid_from <= day]
        return held[-1] if held else self.versions[0]

    @property
    def newest(self) -> OrganisationFacts:
        """The newest facts; ask `on` where the day matters."""
        return self.versions[-1]

    @property
    def name(self) -> str:
        """Its newest name."""
        return self.newest.name

    @property
    def areas(self) -> str:
        """The areas it serves, in words."""
        return self.newest.areas

    @property
    def lowest_age(self) -> int | None:
        """The age in years from which it takes people, where known."""
        return self.newest.lowest_age

    @property
    def highest_age(self) -> int | None:
        """The age in years up to which it looks after people, where known."""
        return self.newest.highest_age

    @property
    def services(self) -> tuple[Service, ...]:
        """Its services; an organisation without any is its own one service."""
        return self.newest.services

    @property
    def receives(self) -> bool:
        """Whether a handover can be proposed to it."""
        return self.kind is not OrganisationKind.CHILDRENS

    @property
    def signs_in(self) -> bool:
        """Whether its staff use the tracker."""
        return self.kind is not OrganisationKind.EXTERNAL


@dataclass(frozen=True)
class Collaborative:
    """The organisations that work together, and the prefix of their case references."""

    key: str
    name: str
    reference_prefix: str
    organisations: tuple[Organisation, ...]
    mail_domains: tuple[str, ...] = ()
    """The same, of those who work for all hospices together."""
    work_accounts: WorkAccounts | None = None

    def organisation(self, key: str) -> Organisation:
        """Return the organisation of this key.

        Raises:
            KeyError: there is none.
        """
        return {each.key: each for each in self.organisations}[key]

    @property
    def employers(self) -> Mapping[str, str]:
        """Whose staff sign in: the key and the name of each hospice, and of all together."""
        hospices = {each.key: each.name for each in self.organisations if each.signs_in}
        return hospices | {TOGETHER: self.name}

    @property
    def providers(self) -> Mapping[str, WorkAccounts]:
        """Who signs in with a work account: the key of each organisation, and its provider."""
        own = {each.key: each.work_accounts for each in self.organisations}
        own[TOGETHER] = self.work_accounts
        return {key: accounts for key, accounts in own.items() if accounts is not None}

    def kind_of(self, key: str) -> OrganisationKind | None:
        """Return what kind of organisation this is; None for all together."""
        return None if key == TOGETHER else self.organisation(key).kind

    def mail_domains_of(self, key: str) -> tuple[str, ...]:
        """Return where the work addresses of an organisation end."""
        return self.mail_domains if key == TOGETHER else self.organisation(key).mail_domains

    def service(self, code: str) -> Service:
        """Return the service of this code; a hospice that has none is its own one service.

        Raises:
            KeyError: there is none.
        """
        known = {org.key: Service(org.key, org.name) for org in self.organisations}
        known |= {each.code: each for org in self.organisations for each in org.services}
        return known[code]

    def is_outside(self, key: str | None) -> bool:
        """Return whether this is a receiver whose staff do not use the tracker."""
        return any(each.key == key and not each.signs_in for each in self.organisations)

    def advice_line(self, code: str) -> str:
        """Return the number at any hour of whom a row of the ledger names; empty if unknown."""
        return {
            known: each.newest.advice_line
            for each in self.organisations
            for known in (each.key, *(service.code for service in each.services))
        }[code]

    @property
    def receivers(self) -> tuple[Organisation, ...]:
        """The organisations that a handover can be proposed to, in the file's order."""
        return tuple(each for each in self.organisations if each.receives)

    @property
    def areas(self) -> Mapping[str, str]:
        """The catchment areas: the receiver's key, and the area in words."""
        return {each.key: each.areas for each in self.receivers}
