"""Whether the tracker is up. Strangers learn no more than that."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from transition.web.guard import open_to_all
from transition.web.work import reading

health = Blueprint("health", __name__)

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@health.route("/health")
@open_to_all
def show() -> ResponseReturnValue:
    """Answer whether the database does."""
    try:
        reading().execute(text("SELECT 1"))
    except DBAPIError:
        return "not ready\n", 503, PLAIN | {"Retry-After": "60"}
    return "ok\n", 200, PLAIN
