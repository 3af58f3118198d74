"""Workers that are killed with -9, and twelve that start at once: what becomes of the letters."""

from collections import Counter
from datetime import timedelta

from tests.builders import on_both, staff_of
from tests.databases import FIXED
from tests.integration.bad_luck.places import KEY, Place
from tests.people import HELEN, IDRIS, PRIYA
from transition.actions.letters import CLAIM


@on_both
def test_letters_of_a_worker_that_is_killed_go_once_and_twice_in_one_window_only(
    place: Place,
) -> None:
    place.propose()
    at, until, windows, killed = FIXED, 0, 0, True
    while killed:
        until += 1
        (told,) = place.order("letters", at=at.isoformat(), until=until)
        killed = "killed" in told
        sent, carried = place.outbox(), place.carried()
        unmarked = {one for one in carried if not sent[one]}
        assert carried.keys() >= {one for one, is_sent in sent.items() if is_sent}
        assert len(unmarked) <= 1
        windows += len(unmarked)

        later = at + CLAIM + timedelta(seconds=1)
        place.order("letters", at=later.isoformat())
        assert all(place.outbox().values())
        assert place.carried() - carried == Counter({*sent} - {*carried} | unmarked)
        at = later + CLAIM
        queue_two(place)
    trail, letters = place.told()
    assert trail["letter:sent"] == letters.total() - 2
    assert windows, "between the server's answer and our mark there is a window"


def queue_two(place: Place) -> None:
    """Let two more letters wait."""
    with place.working(PRIYA) as work:
        case, about = work.case(place.reference).case, f"{place.reference}/{KEY}"
        for email in (HELEN, IDRIS):
            work.post("handover_proposed", to=staff_of(work.session, email), about=about, on=case)


@on_both
def test_of_twelve_workers_that_start_at_once_one_carries_each_letter(place: Place) -> None:
    place.propose()

    alone = place.order("letters", at_once=12)
    assert sorted(one["done"] for one in alone) == [0] * 11 + [2]
    ticks = place.order("worker", at_once=12)

    assert len(ticks) == 12
    assert sum(one.get("done", 0) for one in ticks) == 27 + 27
    assert place.told()[1] == {"handover_proposed": 2, "weekly_digest": 27}
    assert place.carried() == dict.fromkeys(place.outbox(), 1)
    assert all(place.outbox().values())
