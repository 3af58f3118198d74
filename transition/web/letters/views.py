"""My letters: what I was sent, when the next digest comes, and what may wait."""

from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField

from transition.actions.letter_choices import choose_letters, offered_to, try_digest
from transition.clock import weekday_and_time
from transition.records.letters import choices_of, letters_to
from transition.records.outbox import QueuedLetter
from transition.rules.access import Permission
from transition.rules.digests import next_due_at
from transition.rules.errors import RuleBroken
from transition.rules.letters import NAMES, LetterChoice
from transition.web.forms import VersionedForm, choices
from transition.web.frame import say
from transition.web.guard import requires
from transition.web.versions import Standing, editing
from transition.web.work import catalogue, looking, me, my_work, now, reading

letters = Blueprint("letters", __name__, url_prefix="/me/letters")

SHOWN_FOR: Final = timedelta(weeks=4)


class ChoiceForm(VersionedForm):
    """What of one's letters may wait."""

    sent_to = "letters.index"

    chosen = SelectMultipleField("What may wait?")


@letters.route("", methods=["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
def index() -> ResponseReturnValue:
    """Show the reader's letters, ask what of them may wait, and keep that."""
    chosen, offered = _chosen(), offered_to(looking())
    form = ChoiceForm(version=_standing().version, chosen=[one.value for one in chosen])
    form.chosen.choices = choices(offered)
    if form.validate_on_submit():
        try:
            with editing(form, None, _standing) as work:
                choose_letters(work, [LetterChoice(one) for one in form.chosen.data or ()])
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            say("This is how your letters come from now on.", "done")
            return redirect(url_for("letters.index"))
    page = render_template(
        "letters/index.html",
        form=form,
        offered=offered,
        next_at=weekday_and_time(next_due_at(now(), catalogue().holidays)),
        letters=[_shown(one) for one in letters_to(reading(), _mine(), since=now() - SHOWN_FOR)],
    )
    return page, 422 if form.errors else 200


@letters.route("/try", methods=["POST"])
@requires(Permission.OWN_ACCOUNT)
def try_one() -> ResponseReturnValue:
    """Send the reader the digest as it reads now, for them to see that letters arrive."""
    try:
        with my_work() as work:
            try_digest(work)
    except RuleBroken as refusal:
        say(str(refusal), "problem")
    else:
        say("It is on its way to you. If it is not there in ten minutes, tell your lead.", "done")
    return redirect(url_for("letters.index"))


def _mine() -> bytes:
    return me().uid or b""


def _chosen() -> list[LetterChoice]:
    chosen = choices_of(reading(), _mine())
    return [one for one in LetterChoice if one in chosen]


def _standing() -> Standing:
    """Return what the reader chose last."""
    chosen = _chosen()
    words = "; ".join(one.label for one in chosen) or "Nothing"
    return Standing(version=" ".join(chosen) or "none", words=(("What may wait", words),))


def _shown(letter: QueuedLetter) -> dict[str, Any]:
    """Return what its reader sees of a letter: its kind and when, never what it is about."""
    words, tone = ("Sent", "") if letter.sent_at else ("Waits to go", "quiet")
    if letter.failed_code:
        words, tone = "Could not be delivered", "late"
    return {
        "name": NAMES[letter.kind],
        "at": letter.sent_at or letter.queued_at,
        "words": words,
        "tone": tone,
    }
