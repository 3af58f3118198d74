"""Who may be invited where, by whom, and who must agree before a role is given."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from transition.rules.errors import RuleBroken
from transition.rules.organisations import OrganisationKind
from transition.rules.people import (
    CLINICAL_ROLES,
    LEADS,
    OVER_OTHERS,
    THE_COMMAND_LINE,
    Actor,
    Role,
)

LASTS: Final = timedelta(hours=72)
"""How long the link of an invitation opens anything."""

AGREED_WITHIN: Final = timedelta(days=7)
"""How long a lead has for agreeing to what an administrator asks."""

FITTING: Final[Mapping[OrganisationKind | None, tuple[Role, ...]]] = {
    OrganisationKind.CHILDRENS: (Role.TRANSITION_NURSE, Role.CHILDRENS_LEAD, Role.AUDITOR),
    OrganisationKind.ADULT: (Role.ADULT_LEAD, Role.ADULT_WORKER, Role.AUDITOR),
    OrganisationKind.EXTERNAL: (),
    None: (Role.COORDINATOR, Role.ADMIN),
}
"""The roles of each kind of organisation; None is the collaborative itself."""

ABILITIES: Final[Mapping[Role, str]] = {
    Role.TRANSITION_NURSE: "Plan the move of young people, and propose handovers",
    Role.CHILDRENS_LEAD: "All that a nurse does, hand young people on, and invite colleagues",
    Role.ADULT_LEAD: "Read and answer handovers, sign transfers, and invite colleagues",
    Role.ADULT_WORKER: "Work with the young people whose named adult worker they are",
    Role.COORDINATOR: "See how many young people come where, and no names",
    Role.ADMIN: "Invite colleagues of every hospice, and see no young person",
    Role.AUDITOR: "Read who has seen and done what",
}
"""What each role lets somebody do, in words."""

A_LEAD: Final = "a lead of the hospice"
AN_ADMINISTRATOR: Final = "another administrator"

ADDRESS: Final = re.compile(r"[a-z0-9][a-z0-9._'+-]{0,63}@([a-z0-9][a-z0-9.-]{0,189})")
"""A work address as it is kept. Letters that only look like these are refused."""


def grantable(actor: Actor, organisation: str, kind: OrganisationKind | None) -> tuple[Role, ...]:
    """Return the roles that an actor may give, or ask for, in an organisation of this kind.

    A lead gives the clinical roles of their own organisation, an administrator any that fits.
    """
    if actor is THE_COMMAND_LINE or Role.ADMIN in actor.roles:
        return FITTING[kind]
    leads = actor.organisation == organisation and not actor.roles.isdisjoint(LEADS)
    return tuple(role for role in FITTING[kind] if role in CLINICAL_ROLES) if leads else ()


def needs_agreement(actor: Actor, roles: Collection[Role]) -> bool:
    """Return whether somebody else must agree before what this actor gives is worth anything.

    Source: the access matrix; an administrator cannot give clinical roles alone, and nobody can
    make an administrator or an auditor alone.
    """
    if actor is THE_COMMAND_LINE:
        return False
    leads = not actor.roles.isdisjoint(LEADS)
    return any(role in OVER_OTHERS or (role in CLINICAL_ROLES and not leads) for role in roles)


def may_agree(actor: Actor, role: Role) -> bool:
    """Return whether an actor may agree to this role where somebody else asks for it."""
    return Role.ADMIN in actor.roles if role in OVER_OTHERS else not actor.roles.isdisjoint(LEADS)


def who_agrees(roles: Collection[Role]) -> str:
    """Return in words whose agreement to these roles is asked."""
    asked = {AN_ADMINISTRATOR if role in OVER_OTHERS else A_LEAD for role in roles}
    return " and ".join(sorted(asked))


def parse_work_address(words: str, domains: Collection[str]) -> str:
    """Return a work address as it is kept: in small letters, of one of these mail domains.

    Raises:
        RuleBroken: it is none, or of another domain.
    """
    email = words.strip().lower()
    found = ADDRESS.fullmatch(email)
    if not domains:
        raise RuleBroken("No mail domain is set for this organisation, so nobody can be invited.")
    if found is None or found[1] not in domains:
        endings = " or ".join(f"@{domain}" for domain in domains)
        raise RuleBroken(f"Enter a work email address that ends in {endings}.")
    return email


def opens_until(sent_at: datetime) -> datetime:
    """Return until when the link opens that was sent at an instant."""
    return sent_at + LASTS


def waiting_words(since: datetime, now: datetime) -> str:
    """Return for how long somebody has been waiting, in whole days."""
    days = (now - since).days
    return f"waiting {days} day{'' if days == 1 else 's'}" if days else "since today"
