"""What three adult hospices reach in each state of a handover, route by route, and what it says.

Rowans is asked, Oakhaven could not take it earlier, St Michael's was never asked. Whatever is not
declared here is the same page that is not there.
"""

import secrets
from collections.abc import Mapping
from typing import Final

from tests.builders import signed_in
from tests.people import HELEN, MINA, PETER
from tests.security.states import FILLED, OAKHAVENS_WORDS, STATES, THIRD, Place, planted_in
from tests.security.sweep import Ask, Browser, asks, told
from transition.rules.references import new_reference

Reach = Mapping[str, frozenset[str]]
"""The routes that answer, each with what of the planted is found there."""


def reach(words: str, *found: str) -> dict[str, frozenset[str]]:
    """Return these routes, each with the same that is found there."""
    return dict.fromkeys(words.split(), frozenset(found))


MOVED_ON: Final = frozenset({"->"})
"""Found where an address leads on to the one page that there is."""

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
        beside.alerts beside.new_alert beside.documents beside.new_document beside.new_note
        beside.visits beside.new_visit cases.milestones cases.ending emergency.show milestones.add
        milestones.done:PL-01 milestones.skip:PL-01 milestones.later:PL-01
        record.summary record.section:what-matters services.index transfers.show
        """,
        "person",
    )
    | reach("cases.show beside.history beside.notes", "person", "both")
    | reach("record.section:gp", "person", "since")
    | reach("handovers.show:rowans-1", "person", "asked")
    | reach("handovers.print_pack:rowans-1")
    | {"cases.record": MOVED_ON}
)
VISITED: Final = reach("beside.report_visit", "person")
SETTLING: Final = reach("settling.index settling.new_contact settling.new_check_in", "person")
LEADS_TOO: Final = reach("cases.expedite cases.pause transfers.sign", "person")
NAMES: Final = reach("handovers.name_worker:rowans-1", "person")
THE_DATE: Final = (
    NAMES | reach("cases.target_date", "person") | reach("handovers.withdraw:rowans-1")
)
RETURN: Final = NAMES | reach("settling.come_back", "person")

ACCEPTED: Final = BOTH_WORK | AHEAD
MOVING: Final = ACCEPTED | VISITED
SETTLED: Final = BOTH_WORK | VISITED | SETTLING

OVER: Final = {"cases.show": MOVED_ON} | reach("handovers.show:rowans-1", "person", "asked")
LEFT: Final = OVER | {"cases.ending": MOVED_ON} | reach("cases.record", "person")
ENDED: Final = OVER | reach("cases.ending", "person") | reach("handovers.print_pack:rowans-1")
OF_SUPPORT: Final = ("check_support", "talk_of_support")
FORMS_OF_THE_DEAD: Final = {
    f"handovers.{form}:{key}": MOVED_ON
    for form in ("ask", "reply_each", "withdraw", "name_worker", "print_pack", *OF_SUPPORT)
    for key in FILLED["key"]
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

REACHED: Final[Mapping[str, tuple[Reach, Reach, Reach]]] = {
    "proposed": (PACK, NOTHING, STUB_OF_OAKHAVEN),
    "asked": (PACK_ASKED, NOTHING, STUB_OF_OAKHAVEN),
    "accepted": (ACCEPTED | LEADS_TOO | THE_DATE, ACCEPTED, STUB_OF_OAKHAVEN),
    "ready": (MOVING | LEADS_TOO | THE_DATE, MOVING, STUB_OF_OAKHAVEN),
    "signed by both": (MOVING | LEADS_TOO | THE_DATE, MOVING, STUB_OF_OAKHAVEN),
    "transferred": (SETTLED | LEADS_TOO | RETURN, SETTLED, STUB_OF_OAKHAVEN),
    "complete here": (SETTLED | LEADS_TOO | RETURN, SETTLED, STUB_OF_OAKHAVEN),
    "closed": (SETTLED | LEADS_TOO, SETTLED, STUB_OF_OAKHAVEN),
    "declined": (STUB_OF_ROWANS, NOTHING, STUB_OF_OAKHAVEN),
    "withdrawn": (STUB_OF_ROWANS, NOTHING, STUB_OF_OAKHAVEN),
    "returned": (STUB_OF_ROWANS, NOTHING, STUB_OF_OAKHAVEN),
    "superseded": (STUB_OF_ROWANS, NOTHING, ASKED_AGAIN),
    "died": (LEFT | FORMS_OF_THE_DEAD, LEFT | PAGES_OF_THE_DEAD, STUB_OF_OAKHAVEN),
    "ended": (ENDED, ENDED, STUB_OF_OAKHAVEN),
    "supported": (ACCEPTED | LEADS_TOO | THE_DATE, ACCEPTED, SUPPORTS),
    "supported no more": (
        ACCEPTED | LEADS_TOO | THE_DATE,
        ACCEPTED,
        OAKHAVENS | {"cases.show": MOVED_ON} | reach("handovers.show:oakhaven-2"),
    ),
    "opened again": (STUB_OF_ROWANS, NOTHING, STUB_OF_OAKHAVEN),
}
"""What Rowans' lead, its named worker and Oakhaven's lead reach; St Michael's reaches nothing."""


def name_of(ask: Ask) -> str:
    """Return a route by its endpoint and what its address names besides the case."""
    named = [one for values in FILLED.values() for one in values if f"/{one}" in ask.path]
    wanted = [one for one in named if one in {*FILLED["key"], *FILLED["code"], *FILLED["section"]}]
    return ":".join([ask.endpoint, *wanted])


def reached(place: Place, who: str) -> dict[str, frozenset[str]]:
    """Ask for every page as somebody; return those that answer, and what is found there."""
    browser = Browser(signed_in(place.app, who))
    absent = new_reference("NHJ", secrets.randbelow)
    nothing = browser.client.get(f"/cases/{absent}")
    found = {}
    for ask in asks(place.app, FILLED | {"reference": (place.reference,)}):
        if ask.method != "GET":
            continue
        answer = browser.send(ask)
        if answer.status_code == 404:
            same = (nothing.data, dict(nothing.headers))
            assert not ask.of_case or (answer.data, dict(answer.headers)) == same, ask
            continue
        planted = planted_in(told(answer))
        if answer.status_code == 302 and ask.of_case:
            planted |= MOVED_ON
        if planted or ask.of_case:
            found[name_of(ask)] = planted
    return found


def test_each_hospice_reaches_what_its_part_is_and_nothing_besides(place: Place) -> None:
    """Abuse case 18: after a No and after a withdrawal, a stub, whatever link was kept."""
    people = (HELEN, MINA, PETER)
    for who, declared in zip(people, REACHED[place.state], strict=True):
        assert reached(place, who) == dict(declared), (place.state, who)
    assert reached(place, THIRD) == {}


def test_every_state_and_every_route_is_declared(place: Place) -> None:
    assert {*REACHED} == {*STATES}
    routes = {rule.endpoint for rule in place.app.url_map.iter_rules()}
    named = {name.partition(":")[0] for all_ in REACHED.values() for one in all_ for name in one}
    assert named <= routes
