"""Looking at a password: counted first, then looked at outside of any transaction."""

from datetime import timedelta
from math import ceil

from transition.actions import signing_in
from transition.actions.signing_in import Tried
from transition.rules.errors import RuleBroken
from transition.rules.throttling import wait_in_words
from transition.security.passwords import TooMany
from transition.web.session import visit
from transition.web.work import my_work, now

BUSY = (
    "Many people are signing in at this moment. Wait a few seconds, enter your password again and "
    "press Continue."
)


class NotNow(RuleBroken):
    """A password is not looked at now; the sentence says when it will be."""

    def __init__(self, words: str, status: int, seconds: int) -> None:
        super().__init__(words)
        self.status = status
        self.headers = {"Retry-After": str(seconds)}


def look_at(email: str, password: str) -> tuple[Tried, bool]:
    """Return a try that was counted as a wrong one, and whether the password is right.

    Raises:
        NotNow: too many were wrong before, or too many people sign in at once.
    """
    with my_work() as work:
        tried = signing_in.try_to_sign_in(work, email=email, visit=visit())
    wait = tried.opens_at - now()
    if wait > timedelta():
        words = f"Too many wrong passwords were tried. Try again in {wait_in_words(wait)}."
        raise NotNow(words, 429, ceil(wait.total_seconds()))
    try:
        return tried, tried.is_right(password)
    except TooMany as refusal:
        with my_work() as work:
            signing_in.take_back(work, tried)
        raise NotNow(BUSY, 503, 5) from refusal
