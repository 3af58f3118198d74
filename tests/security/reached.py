"""What each reader finds in every state of a case, route by route; and asking for it.

Who has a part in it finds what is declared here: the nurse who plans it, Rowans, which is asked,
the worker it names, and Oakhaven, which could not take it earlier. Nobody else finds a planted word
anywhere, and whatever is not declared is the same page that is not there.
"""

from collections.abc import Callable, Mapping
from typing import Final

from tests.people import HELEN, MINA, PETER, RUTH
from tests.readers import SWEPT
from tests.security.states import OAKHAVENS_WORDS, STATES, Place
from tests.security.sweeping import MOVED_ON, OWN, Sweep

Reach = dict[str, frozenset[str]]
"""The routes that answer, each with what of the planted is found there."""


def reach(words: str, *found: str) -> dict[str, frozenset[str]]:
    """Return these routes, each with the same that is found there."""
    return dict.fromkeys(words.split(), frozenset(found))


def without(reached: Reach, words: str) -> Reach:
    """Return what is reached but for these routes."""
    return {name: found for name, found in reached.items() if name not in words.split()}


NOTHING: Final[Reach] = {}
OAKHAVENS: Final = reach("handovers.show:oakhaven-1", *OAKHAVENS_WORDS)
STUB_OF_OAKHAVEN: Final[Reach] = OAKHAVENS | {"cases.show": MOVED_ON}
STUB_OF_ROWANS: Final[Reach] = {"cases.show": MOVED_ON} | reach("handovers.show:rowans-1", "asked")
LISTS: Final = reach("cases.index handovers.index home.today", "person")
AHEAD: Final = reach("upcoming.index", "person")


def deciding(key: str) -> dict[str, frozenset[str]]:
    """Return the forms about a handover that a lead reaches by its key until it is answered."""
    forms = f"handovers.ask:{key} handovers.reply_each:{key}"
    return reach(forms, "person") | reach(f"handovers.print_pack:{key}")


ASKED_FOR: Final = (
    LISTS
    | AHEAD
    | {"cases.show": MOVED_ON}
    | reach("cases.ending", "person")
    | deciding("rowans-1")
)
PACK: Final[Reach] = ASKED_FOR | reach("handovers.show:rowans-1", "person")
PACK_ASKED: Final[Reach] = ASKED_FOR | reach("handovers.show:rowans-1", "person", "asked")

BOTH_WORK: Final = (
    LISTS
    | reach(
        """
        beside.alerts beside.new_alert beside.review_alert beside.documents beside.new_document
        beside.new_note beside.visits beside.new_visit beside.report_visit cases.milestones
        cases.ending emergency.show milestones.add milestones.change:X-01
        milestones.done:PL-01 milestones.skip:PL-01 milestones.later:PL-01
        milestones.done:X-01 milestones.skip:X-01 milestones.later:X-01
        record.summary record.section:what-matters record.section:contacts services.index
        transfers.show
        """,
        "person",
    )
    | reach("cases.show beside.history beside.notes", "person", "both")
    | reach("record.section:gp", "person", "since")
    | reach("handovers.show:rowans-1", "person", "asked")
    | reach("handovers.print_pack:rowans-1")
    | {"cases.record": MOVED_ON}
)
SETTLING: Final = reach("settling.index settling.new_contact settling.new_check_in", "person")
LEADS_TOO: Final = reach("cases.expedite cases.pause transfers.sign", "person")
NAMES: Final = reach("handovers.name_worker:rowans-1", "person")
THE_DATE: Final = (
    NAMES | reach("cases.target_date", "person") | reach("handovers.withdraw:rowans-1")
)
RETURN: Final = NAMES | reach("settling.come_back", "person")

ACCEPTED: Final = BOTH_WORK | AHEAD
SETTLED: Final = BOTH_WORK | SETTLING

OVER: Final = {"cases.show": MOVED_ON} | reach("handovers.show:rowans-1", "person", "asked")
LEFT: Final = OVER | {"cases.ending": MOVED_ON} | reach("cases.record", "person")
ENDED: Final = OVER | reach("cases.ending", "person") | reach("handovers.print_pack:rowans-1")
OF_SUPPORT: Final = ("check_support", "talk_of_support")
FORMS_OF_THE_DEAD: Final = {
    f"handovers.{form}:{key}": MOVED_ON
    for form in ("ask", "reply_each", "withdraw", "name_worker", "print_pack", *OF_SUPPORT)
    for key in ("rowans-1", "oakhaven-1")
}
OPEN_TO_WORKERS: Final = ("print_pack", *OF_SUPPORT)
PAGES_OF_THE_DEAD: Final = {
    name: found
    for name, found in FORMS_OF_THE_DEAD.items()
    if any(one in name for one in OPEN_TO_WORKERS)
}

ASKED_AGAIN: Final = (
    LISTS
    | AHEAD
    | {"cases.show": MOVED_ON}
    | reach("cases.ending handovers.show:oakhaven-2", "person")
    | reach("handovers.show:oakhaven-1", "person", *OAKHAVENS_WORDS)
    | reach("handovers.print_pack:oakhaven-1")
    | deciding("oakhaven-2")
)

SUPPORTS: Final[Reach] = (
    reach("home.today cases.index handovers.index", "person")
    | reach("handovers.check_support:oakhaven-2", "person")
    | {"cases.show": MOVED_ON}
    | reach("cases.ending handovers.show:oakhaven-2 handovers.name_worker:oakhaven-2", "person")
    | reach("handovers.show:oakhaven-1", "person", *OAKHAVENS_WORDS)
    | reach("handovers.print_pack:oakhaven-1 handovers.print_pack:oakhaven-2")
    | reach("handovers.withdraw:oakhaven-2")
)
"""What who supports reaches: the packs it was sent, and no count of who moves."""

NURSE: Final = (
    reach(
        """
        beside.alerts beside.change_document beside.documents beside.link beside.links
        beside.new_alert beside.new_document beside.new_note beside.new_visit beside.review_alert
        beside.visits cases.close cases.close_declined_by_person cases.close_moved_away
        cases.close_other_provider cases.ending cases.expedite cases.house cases.milestones
        cases.pathway cases.pause early_notices.show emergency.show handovers.propose
        handovers.support milestones.add milestones.change:X-01 milestones.done:PL-01
        milestones.done:X-01 milestones.later:PL-01 milestones.later:X-01 milestones.skip:PL-01
        milestones.skip:X-01 needs.close needs.index needs.new record.add:contacts record.birth
        record.edit:what-matters record.number record.section:contacts record.section:what-matters
        record.summary services.ask services.edit:dental services.index
        """,
        "person",
    )
    | reach("beside.correct_note beside.edit_note", "person", "ours")
    | reach("handovers.draft record.edit:gp record.section:gp", "person", "since")
)
"""What the nurse who looks after somebody reads and writes for as long as the case runs."""

DATED: Final = """
    cases.index cases.target_date record.sheet:family record.sheet:young-person upcoming.index
"""
"""The pages that say for which day the move is planned."""


def nurse(*since: str, both: bool = False, told: tuple[str, ...] = ()) -> Reach:
    """Return what the nurse reaches of a case that runs.

    It is *since* that all is planned anew; *both* hospices write; its history has more *told*.
    """
    shared = ("both",) if both else ()
    return (
        NURSE
        | reach(DATED, "person", *since)
        | reach("cases.show", "person", "ours", *shared, *since)
        | reach("beside.notes", "person", "ours", *shared)
        | reach("beside.history", "person", "ours", "since", *shared, *told)
    )


EARLY: Final = reach("needs.show home.today", "person")
TOLD_NO: Final = ("declined by oakhaven",)
RESTING: Final = (
    reach("record.change:contacts", "person")
    | reach("needs.show", "person", *TOLD_NO)
    | reach("handovers.show:oakhaven-1", "person", *OAKHAVENS_WORDS)
    | reach("handovers.family_told:oakhaven-1 handovers.print_pack:oakhaven-1")
    | reach("handovers.print_pack:rowans-1")
)
SENT: Final = RESTING | reach("home.today handovers.index", "person")
"""What she reads of what was sent to whom."""
SEND_AGAIN: Final = reach("handovers.send_again:rowans-1", "since")
WAITS: Final = SEND_AGAIN | reach("handovers.said:rowans-1 handovers.withdraw:rowans-1")
QUESTION: Final = reach("handovers.show:rowans-1 handovers.answer:rowans-1", "person", "asked")
VISIT: Final = reach("beside.report_visit", "person")
SIGNING: Final = VISIT | QUESTION | SEND_AGAIN | reach("transfers.show transfers.sign", "person")

SUPPORT: Final = reach("handovers.show:oakhaven-2", "person") | reach(
    "handovers.print_pack:oakhaven-2"
)
MUCH_TOLD: Final = reach("beside.history", "person", "since")
"""Where so much has been done that the first page of the history does not reach back."""

WITHDRAWN: Final = reach("handovers.show:rowans-1", "person", "asked")
UNASKED: Final = reach("handovers.show:rowans-1", "person")
CHANGED: Final = reach("record.change:contacts", "person")
IN_ERROR: Final[Reach] = reach("cases.closing")
DEAD: Final[Reach] = (
    reach("cases.known_since cases.record", "person")
    | WITHDRAWN
    | reach("handovers.show:oakhaven-1", "person", *OAKHAVENS_WORDS)
    | reach("beside.history", "person", "ours", "both", *TOLD_NO)
)

ASKED_OAKHAVEN: Final[Reach] = (
    nurse(told=TOLD_NO)
    | SENT
    | WITHDRAWN
    | SUPPORT
    | reach("handovers.said:oakhaven-2 handovers.withdraw:oakhaven-2")
    | reach("handovers.send_again:oakhaven-2", "since")
)
BACK: Final[Reach] = nurse("since", both=True, told=TOLD_NO) | SENT | QUESTION | VISIT
ASKS: Final = "home.today handovers.index"
"""Where nothing stands of somebody whose case is paused."""

PLANNED: Final[Reach] = nurse("since") | EARLY
PROPOSED: Final[Reach] = nurse(told=TOLD_NO) | SENT | WAITS
AGREED: Final[Reach] = nurse(both=True, told=TOLD_NO) | SENT | SIGNING
MOVED: Final[Reach] = without(AGREED, "upcoming.index") | MUCH_TOLD | SETTLING
ANEW: Final[Reach] = nurse("since", told=TOLD_NO) | SENT
CONDITIONAL: Final[Reach] = without(AGREED | MUCH_TOLD, "handovers.answer:rowans-1")
ENDED_HERE: Final[Reach] = (
    without(
        AGREED,
        f"""
        {ASKS} needs.index cases.index upcoming.index cases.close cases.close_declined_by_person
        cases.close_moved_away cases.close_other_provider handovers.send_again:rowans-1
        transfers.show transfers.sign
        """,
    )
    | reach("cases.closing cases.change_other_provider", "person")
    | reach("handovers.draft record.edit:gp record.section:gp", "person")
    | reach("beside.history", "person", "ours", "both", *TOLD_NO)
)

COMPLETED: Final[Reach] = without(
    MOVED,
    "cases.close_declined_by_person cases.close_moved_away cases.close_other_provider"
    " handovers.send_again:rowans-1",
)
SUPPORTED: Final[Reach] = (
    AGREED
    | SUPPORT
    | reach("handovers.check_support:oakhaven-2", "person")
    | reach("handovers.send_again:oakhaven-2", "since")
)

REACHED: Final[Mapping[str, tuple[Reach, Reach, Reach, Reach]]] = {
    "opened": (nurse() | EARLY, NOTHING, NOTHING, NOTHING),
    "preparing": (nurse() | EARLY, NOTHING, NOTHING, NOTHING),
    "planning": (PLANNED, NOTHING, NOTHING, NOTHING),
    "noticed": (PLANNED | CHANGED, NOTHING, NOTHING, NOTHING),
    "entered in error": (IN_ERROR, NOTHING, NOTHING, STUB_OF_OAKHAVEN),
    "proposed": (PROPOSED | UNASKED, PACK, NOTHING, STUB_OF_OAKHAVEN),
    "expedited": (PROPOSED | UNASKED, PACK, NOTHING, STUB_OF_OAKHAVEN),
    "asked": (PROPOSED | QUESTION, PACK_ASKED, NOTHING, STUB_OF_OAKHAVEN),
    "accepted": (AGREED, ACCEPTED | LEADS_TOO | THE_DATE, ACCEPTED, STUB_OF_OAKHAVEN),
    "conditions met": (CONDITIONAL, ACCEPTED | LEADS_TOO | THE_DATE, ACCEPTED, STUB_OF_OAKHAVEN),
    "paused": (
        without(AGREED, ASKS),
        without(ACCEPTED | LEADS_TOO | THE_DATE, f"{ASKS} handovers.withdraw:rowans-1"),
        without(ACCEPTED, ASKS),
        STUB_OF_OAKHAVEN,
    ),
    "ready": (AGREED | MUCH_TOLD, ACCEPTED | LEADS_TOO | THE_DATE, ACCEPTED, STUB_OF_OAKHAVEN),
    "signed by both": (
        AGREED | MUCH_TOLD,
        ACCEPTED | LEADS_TOO | THE_DATE,
        ACCEPTED,
        STUB_OF_OAKHAVEN,
    ),
    "transferred": (MOVED, SETTLED | LEADS_TOO | RETURN, SETTLED, STUB_OF_OAKHAVEN),
    "complete here": (MOVED, SETTLED | LEADS_TOO | RETURN, SETTLED, STUB_OF_OAKHAVEN),
    "closed": (COMPLETED, SETTLED | LEADS_TOO, SETTLED, STUB_OF_OAKHAVEN),
    "declined": (
        ANEW | WITHDRAWN | reach("handovers.family_told:rowans-1"),
        STUB_OF_ROWANS,
        NOTHING,
        STUB_OF_OAKHAVEN,
    ),
    "withdrawn": (ANEW | WITHDRAWN, STUB_OF_ROWANS, NOTHING, STUB_OF_OAKHAVEN),
    "returned": (BACK | MUCH_TOLD, STUB_OF_ROWANS, NOTHING, STUB_OF_OAKHAVEN),
    "superseded": (ASKED_OAKHAVEN, STUB_OF_ROWANS, NOTHING, ASKED_AGAIN),
    "died": (
        DEAD,
        LEFT | FORMS_OF_THE_DEAD,
        LEFT | PAGES_OF_THE_DEAD,
        STUB_OF_OAKHAVEN,
    ),
    "ended": (ENDED_HERE, ENDED, ENDED, STUB_OF_OAKHAVEN),
    "supported": (SUPPORTED, ACCEPTED | LEADS_TOO | THE_DATE, ACCEPTED, SUPPORTS),
    "supported no more": (
        AGREED | SUPPORT,
        ACCEPTED | LEADS_TOO | THE_DATE,
        ACCEPTED,
        OAKHAVENS | {"cases.show": MOVED_ON} | reach("handovers.show:oakhaven-2"),
    ),
    "opened again": (
        BACK,
        STUB_OF_ROWANS,
        NOTHING,
        STUB_OF_OAKHAVEN,
    ),
}
"""What the nurse reaches, Rowans' lead, its named worker and Oakhaven's lead."""


UNREACHED: Final = reach("""
    cases.close_entered_in_error cases.close_no_longer_needed cases.change_no_longer_needed
    cases.change_declined_by_person cases.change_moved_away cases.reopen workers.reassign
    handovers.told_question handovers.told_received handovers.told_reply handovers.told_worker
    transfers.confirmed settling.confirmed
    cases.hold handovers.leads_talked settling.follow_up settling.talk
""")
"""The pages that none of these four reaches in any of these states: a lead's alone, of other
endings, about providers outside, and what follows a brother's or sister's death, a No that is
disputed, a visit that was missed and a check-in that went badly. Whoever has no part asks for these
in vain too."""

MOST: Final = 40_000
"""How often the whole sweep may ask. It is shared out evenly, so that each state is told alone."""

BEFORE: Final = ("opened", "preparing", "planning", "noticed", "entered in error", "expedited")
ASKED: Final = (
    "paused",
    "proposed",
    "asked",
    "declined",
    "withdrawn",
    "superseded",
    "opened again",
)
MOVING: Final = (
    *("accepted", "conditions met", "ready", "signed by both"),
    *("supported", "supported no more"),
)
AFTERWARDS: Final = ("transferred", "complete here", "closed", "returned", "died", "ended")
"""The states by the part of the way that they belong to; each part has a file of its own."""


def sweep_over(place: Place, record_property: Callable[[str, object], None]) -> None:
    """Let every reader ask for everything in one state; they find what is declared, and no more."""
    sweep = Sweep(place, turn=[*STATES].index(place.state))

    sweep.run()

    record_property(SWEPT, sweep.asked)
    assert sweep.asked <= MOST // len(STATES)
    for who, declared in zip((RUTH, HELEN, MINA, PETER), REACHED[place.state], strict=True):
        pages = {
            name.removeprefix("GET "): found
            for name, found in sweep.found[OWN[who]].items()
            if name.startswith("GET ") and (who != RUTH or found != MOVED_ON)
        }
        assert pages == dict(declared), (place.state, who)
