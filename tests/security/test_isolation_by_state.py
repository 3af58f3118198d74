"""The sweep over all readers leaves nothing out: no state, no route, and no address."""

import pytest
from flask import Blueprint
from werkzeug.routing import Map, Rule

from tests.security.reached import AFTERWARDS, ASKED, BEFORE, MOVING, REACHED, UNREACHED
from tests.security.states import STATES
from tests.security.sweeping import CannotFill, fill, of_nobody
from transition.app import Tracker, create_app
from transition.settings import Settings
from transition.web import screens
from transition.web.guard import Unguarded


def test_every_state_is_declared_and_every_page_of_a_case_is_reached_by_somebody(
    app: Tracker,
) -> None:
    assert {*REACHED} == {*STATES}
    assert sorted([*BEFORE, *ASKED, *MOVING, *AFTERWARDS]) == sorted(STATES)
    routes = {
        rule.endpoint: "reference" in rule.arguments and "GET" in (rule.methods or ())
        for rule in app.url_map.iter_rules()
    }
    named = {name.partition(":")[0] for all_ in REACHED.values() for one in all_ for name in one}
    assert named <= {*routes}
    unreached = {name for name, of_case in routes.items() if of_case} - named - {*UNREACHED}
    assert not unreached, f"Say in REACHED who reaches {sorted(unreached)}, and what they find."


def test_a_view_that_names_no_permission_keeps_the_whole_tracker_from_starting(
    installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = Blueprint("forgotten", __name__)
    forgotten.add_url_rule("/cases/<reference>/forgotten", "show", lambda reference: reference)
    monkeypatch.setattr(screens, "SCREENS", (*screens.SCREENS, forgotten))

    with pytest.raises(Unguarded, match=r"The view forgotten\.show names no permission"):
        create_app(installed)


def test_an_address_that_nothing_fills_says_what_to_add(app: Tracker) -> None:
    (rule,) = Map([Rule("/people/<key>/letters/<letter>", endpoint="letters.show")]).iter_rules()

    with pytest.raises(CannotFill, match=r"Nothing fills <letter> of /people/<key>/letters/"):
        list(fill(rule, of_nobody(app)))
