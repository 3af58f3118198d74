"""Whether the tracker is up. Strangers learn no more than that."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from transition.web.guard import open_to_all
from transition.web.work import reading

health = Blueprint("health", __name__)


@health.route("/health")
@open_to_all
def show() -> ResponseReturnValue:
    """Answer, if the database does."""
    reading().execute(text("SELECT 1"))
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
