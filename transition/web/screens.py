"""Every screen there is, put into the application."""

from flask import Flask

from transition.web.absences.views import absences
from transition.web.accounts import me, passwords
from transition.web.accounts.views import accounts
from transition.web.around import add_surroundings
from transition.web.beside import alerts, documents, history, links, notes, visits
from transition.web.beside.views import beside
from transition.web.cases import caseload, closings, endings, opening, paths, pauses, targets
from transition.web.cases.views import cases
from transition.web.digests.views import digests
from transition.web.drafts.views import drafts
from transition.web.early_notices.views import early_notices
from transition.web.emergency.views import emergency
from transition.web.errors import show_errors
from transition.web.extras import notice_extras
from transition.web.filters import add_filters
from transition.web.frame import frame_pages
from transition.web.freshness import ask_again
from transition.web.guard import guard
from transition.web.handovers import (
    asking,
    declines,
    following,
    outside,
    packs,
    proposing,
    replying,
    supporting,
    telephoned,
)
from transition.web.handovers.views import handovers
from transition.web.headers import send_headers
from transition.web.health import health
from transition.web.home.views import home
from transition.web.hospices.views import hospices
from transition.web.keeping import keep_what_is_typed
from transition.web.letters.views import letters
from transition.web.mailbox.views import mailbox
from transition.web.milestones import own
from transition.web.milestones.views import milestones
from transition.web.needs.views import needs
from transition.web.people import accepting, changing
from transition.web.people.views import people
from transition.web.record import identity, prints
from transition.web.record.views import record
from transition.web.second_steps import own as own_second_steps
from transition.web.second_steps.views import second_steps
from transition.web.services.views import services
from transition.web.session import watch_sign_ins
from transition.web.settling.views import settling
from transition.web.trail import exports
from transition.web.trail.views import trail
from transition.web.transfers.views import transfers
from transition.web.upcoming import capacity, usual_numbers
from transition.web.upcoming.views import upcoming
from transition.web.urgent_access.views import urgent_access
from transition.web.work import write_what_was_seen
from transition.web.work_accounts.views import work_accounts
from transition.web.workers import leaving
from transition.web.workers.views import workers

SCREENS = (
    absences,
    accounts,
    beside,
    cases,
    digests,
    drafts,
    early_notices,
    emergency,
    handovers,
    health,
    home,
    hospices,
    letters,
    mailbox,
    milestones,
    needs,
    people,
    record,
    second_steps,
    services,
    settling,
    trail,
    transfers,
    upcoming,
    urgent_access,
    work_accounts,
    workers,
)
MORE_VIEWS = (
    accepting,
    me,
    passwords,
    alerts,
    changing,
    capacity,
    documents,
    history,
    links,
    notes,
    visits,
    asking,
    caseload,
    closings,
    declines,
    endings,
    exports,
    following,
    identity,
    leaving,
    opening,
    outside,
    own,
    own_second_steps,
    packs,
    paths,
    pauses,
    prints,
    proposing,
    replying,
    supporting,
    targets,
    telephoned,
    usual_numbers,
)
"""Imported for the views that they add to a screen."""


def add_screens(app: Flask) -> None:
    """Put every screen into *app*, behind the guard."""
    for screen in SCREENS:
        app.register_blueprint(screen)
    watch_sign_ins(app)
    add_filters(app)
    add_surroundings(app)
    frame_pages(app)
    show_errors(app)
    # What is registered last runs first: the headers see the answer after the trail was written.
    send_headers(app)
    write_what_was_seen(app)
    notice_extras(app)
    keep_what_is_typed(app)
    guard(app)
    ask_again(app)
