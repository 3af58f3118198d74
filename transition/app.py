"""The one place where every room meets: the application, and what must be ready before it."""

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from transition import security
from transition.actions.installing import check_database, install, refuse_other_mode
from transition.actions.letters import Post
from transition.catalogue import Catalogue, read_catalogue
from transition.clock import local_day
from transition.home import CONFIG, TEMPLATES
from transition.mail.letters import SENDER
from transition.mail.postman import FolderPostman, Postman, SmtpPostman
from transition.records.base import db, prepare_engine
from transition.records.emergency import SecondTrail, attach_second_trail
from transition.records.keys import Vault, attach_vault
from transition.records.migrations import is_new, upgrade
from transition.records.stamp import mode_of
from transition.rules.errors import RuleBroken
from transition.security.keyring import KeyRing, create_key_file, derive, load_key_file
from transition.settings import (
    Settings,
    SettingsError,
    read_client_secrets,
    refuse_demonstration,
    refuse_production,
)

BODY_LIMIT: Final = 1024 * 1024
"""Bytes that a form may have."""


class Tracker(Flask):
    """The application. Every template escapes, whatever its name ends in."""

    jinja_options = {  # noqa: RUF012 - Flask's own form
        "autoescape": True,
        "undefined": ChainableUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }

    def log_exception(self, exc_info: Any) -> None:  # noqa: ANN401 - Flask's own
        """Write where something went wrong that no page was shown for, and no value."""
        from transition.web.errors import tell_log

        tell_log(exc_info[1])


def create_app(settings: Settings) -> Tracker:
    """Return the application with its screens, over a database which ``prepare`` made ready.

    Raises:
        RuleBroken: the database is another one than asked for, or its keys are not here.
    """
    from flask_wtf import CSRFProtect

    from transition.web.screens import add_screens

    app = open_app(settings)
    loader = PackageLoader("nhsuk_frontend_jinja", "templates")
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), loader])
    app.config["SESSION_COOKIE_SECURE"] = not app.config["DEMO"]
    app.config["SESSION_COOKIE_NAME"] = "form" if app.config["DEMO"] else "__Host-form"
    CSRFProtect(app)
    add_screens(app)
    if settings.proxies:
        # The source alone, and nothing of the address that was asked for.
        believed = {"x_for": settings.proxies, "x_proto": 0, "x_host": 0}
        app.wsgi_app = ProxyFix(app.wsgi_app, **believed)  # type: ignore[method-assign] # Flask's way
    return app


def open_app(settings: Settings) -> Tracker:
    """Return the application without a screen, which is all that the worker and commands need.

    Raises:
        RuleBroken: the database is another one than asked for, or its keys are not here.
    """
    app = Tracker(
        "transition", template_folder=str(TEMPLATES), static_folder="web/static", root_path=None
    )
    app.config.update(_config(settings, read_catalogue(CONFIG, settings.collaborative)))
    _open_database(app, settings)
    with app.app_context():
        try:
            _take_what_is_there(app, settings)
        finally:
            db.session.remove()
            db.engine.dispose()
    logging.getLogger("transition").setLevel(logging.INFO)
    return app


def _take_what_is_there(app: Flask, settings: Settings) -> None:
    """Take the mode and the cookies' key from the database, and refuse one that does not fit."""
    mode = mode_of(db.session())
    refuse_other_mode(settings.mode, mode)
    app.config["DEMO"] = mode == "demo"
    _refuse_unfit(settings, demo=app.config["DEMO"])
    providers = app.config["CATALOGUE"].collaborative.providers
    app.config["CLIENT_SECRETS"] = read_client_secrets(settings, providers)
    check_database(db.session())
    system = app.extensions["vault"].root(db.session(), "system")
    app.config["SECRET_KEY"] = derive(system, "TF1/cookies")


def _config(settings: Settings, catalogue: Catalogue) -> dict[str, object]:
    return {
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # A server that was restarted is asked anew, and nobody notices.
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True},
        "PROVIDE_AUTOMATIC_OPTIONS": False,  # nobody needs them, and they would answer for any case
        "MAX_CONTENT_LENGTH": BODY_LIMIT,
        "MAX_FORM_MEMORY_SIZE": BODY_LIMIT,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # we send no referrer, so none can be asked for
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1),
        "TRUSTED_HOSTS": _trusted_hosts(settings),
        "LOCK_FILE": str(settings.home / ".leading"),
        "CLOCK": settings.clock,
        "CATALOGUE": catalogue,
        "MAILBOX": settings.mailbox,
        "POST": Post(
            postman=postman_of(settings),
            templates=TEMPLATES,
            base_url=settings.address,
            sender=SENDER,
        ),
    }


def _trusted_hosts(settings: Settings) -> list[str]:
    """Return the names under which the tracker may be asked for; a forged one gets nothing."""
    named = urlsplit(settings.base_url).hostname
    return ["localhost", "127.0.0.1", *([named] if named else [])]


def postman_of(settings: Settings) -> Postman:
    """Return who carries letters here: a mail server where one is set, else a folder."""
    if not settings.smtp_host:
        return FolderPostman(settings.mailbox)
    return SmtpPostman(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=settings.smtp_password,
        tls=settings.smtp_tls,
    )


def _open_database(app: Flask, settings: Settings) -> None:
    security.self_check()
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        vault = Vault(load_key_file(settings.keyring), ticks=time.monotonic)
        attach_vault(db.engine, vault)
        attach_second_trail(db.engine, SecondTrail(settings.home / "emergency.trail"))
    app.extensions["vault"] = vault


def _refuse_unfit(settings: Settings, *, demo: bool) -> None:
    if demo:
        refuse_demonstration(settings)
        return
    refuse_production(settings)


def prepare(settings: Settings, *, demonstration: bool = True) -> Tracker:
    """Make ready what is lacking, and return the application without a screen.

    That is keys, schema, stamp and demonstration. Nothing is ever made anew beside what is there:
    a database that has lost its keys is refused.

    Raises:
        RuleBroken: keys and database do not belong together.
        SettingsError: a folder cannot be written.
    """
    from transition.actions.demonstration import load_demonstration

    with _one_at_a_time(settings):
        if settings.mode == "production" and is_new(settings.database_url):
            refuse_production(settings)
        _make_keys(settings)
        upgrade(settings.database_url)
        first = Flask("transition.prepare")
        first.config.update(_config(settings, read_catalogue(CONFIG, settings.collaborative)))
        _open_database(first, settings)
        with first.app_context():
            now = settings.clock.now()
            install(db.session(), mode=settings.mode or "demo", now=now)
            if demonstration and mode_of(db.session()) == "demo":
                load_demonstration(
                    db.session(), first.config["CATALOGUE"], CONFIG / "demonstration", now=now
                )
            db.session.remove()
            db.engine.dispose()
        return open_app(settings)


@contextmanager
def _one_at_a_time(settings: Settings) -> Iterator[None]:
    """Let the parts that start together make things ready one after another."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with (settings.home / ".preparing").open("w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield
    except PermissionError as refusal:
        raise SettingsError(
            f"The folder {settings.home} cannot be written. Give the tracker the right to write "
            "there, or set TRANSITION_HOME to another folder."
        ) from refusal


def _make_keys(settings: Settings) -> KeyRing:
    """Return the key ring; a new one only where the database is new too."""
    if settings.keyring.exists():
        return load_key_file(settings.keyring)
    if not is_new(settings.database_url):
        raise RuleBroken(
            f"The key file {settings.keyring.name} is missing. Nothing was changed. Put it back "
            "from its safe copy, or set TRANSITION_KEYRING to where it lies."
        )
    return create_key_file(settings.keyring, local_day(settings.clock.now()))
