"""Who is coming when, for whoever plans for all hospices: how many, and nothing of anybody."""

from collections import Counter

from flask import render_template
from flask.typing import ResponseReturnValue

from transition.records.upcoming import moves_ahead
from transition.records.usual_numbers import usual_numbers
from transition.rules.access import Permission
from transition.rules.publishing import NOTE, published
from transition.rules.upcoming import (
    CERTAINTIES,
    Certainty,
    Elsewhen,
    Period,
    months_ahead,
    period_of,
)
from transition.web.guard import requires
from transition.web.upcoming.views import in_words, upcoming
from transition.web.work import catalogue, me, reading, today


@upcoming.route("/capacity")
@requires(Permission.SEE_CAPACITY)
def capacity() -> ResponseReturnValue:
    """Show about how many moves are agreed or proposed, by month and receiver."""
    moves = [
        (period_of(on, today()), to, CERTAINTIES[stage])
        for to, on, stage in moves_ahead(reading(), me())
    ]
    counts = Counter((period, to) for period, to, _ in moves)
    met = {period for period, _ in counts}
    periods: list[Period] = [*months_ahead(today()), *(one for one in Elsewhen if one in met)]
    receivers = catalogue().collaborative.receivers
    usual = usual_numbers(reading())
    return render_template(
        "upcoming/capacity.html",
        hospices=[one.name for one in receivers],
        usual=[usual.get(one.key) for one in receivers],
        rows=[
            (in_words(period), [published(counts[period, each.key]) for each in receivers])
            for period in periods
        ],
        agreed=published(sum(sure is Certainty.AGREED for *_, sure in moves)),
        ahead=published(len(moves)),
        note=NOTE,
    )
