"""The command `invite`: how the first colleague of a new database comes in."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import on_both, post
from tests.integration.people.steps import CHOSEN, link_of, states, told
from transition import commands
from transition.app import Tracker
from transition.records.invitations import Invitation
from transition.rules.people import MembershipState, Role

ADA = "ada@collaborative.example"
WORDS = {"email": ADA, "name": "Ada Byron", "organisation": "collaborative", "role": "admin"}
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    app: Tracker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Invite on the database of this test; return the exit code and what was said."""
    monkeypatch.setattr(commands, "_prepare", lambda _: app)

    def do(**changes: str) -> tuple[int, str, str]:
        words = [f"--{name}={value}" for name, value in (WORDS | changes).items()]
        code = commands.main(["invite", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return do


@on_both
def test_it_prints_a_link_that_lets_an_administrator_in(
    app: Tracker, command: Command, session: Session
) -> None:
    code, out, err = command()
    token = link_of(session, ADA)
    assert (code, out, err) == (0, f"http://localhost:8000/invitations/{token}\n", "")
    client = app.test_client()
    page = client.get(f"/invitations/{token}").text
    assert "You are invited to the transition tracker" in page
    assert post(client, f"/invitations/{token}", password=CHOSEN).status_code == 302
    assert states(session, ADA) == {Role.ADMIN: MembershipState.ACTIVE}
    assert client.get("/settings/users").status_code == 200
    assert [one[0] for one in told(session, "invitation")][:2] == [
        "invitation:made",
        "invitation:sent",
    ]


@on_both
def test_a_clinical_role_from_the_command_line_waits_for_nobody(
    command: Command, session: Session
) -> None:
    words = {"email": "first@oakhaven.example", "organisation": "oakhaven", "role": "adult_lead"}
    assert command(**words)[0] == 0
    assert session.scalars(select(Invitation)).one().sent_at is not None


def test_where_letters_travel_the_link_is_not_printed(
    command: Command, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSITION_SMTP_HOST", "mail.example")
    code, out, _ = command()
    assert code == 0
    assert "The letter leaves as soon as the worker runs" in out
    assert link_of(session, ADA) not in out


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "ada@elsewhere.example"}, "Enter a work email address that ends in"),
        ({"name": "  "}, "Enter their name."),
        ({"organisation": "nowhere"}, "Nobody signs in for “nowhere”. Choose one of naomi,"),
        ({"organisation": "rowans"}, "You cannot give this role here."),
        ({"email": "admin@collaborative.example"}, "Sam Okoro is here already."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    command: Command, session: Session, changes: dict[str, str], sentence: str
) -> None:
    code, out, err = command(**changes)
    assert (code, out) == (1, "")
    assert err.startswith(sentence)
    assert session.scalars(select(Invitation)).all() == []


def test_a_role_that_there_is_not_is_bad_usage(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command(role="matron")
    assert ended.value.code == 2
    assert "“matron” is no role: choose transition_nurse," in capsys.readouterr().err


def test_a_word_that_is_missing_is_bad_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        commands.main(["invite", "--email", ADA])
    assert ended.value.code == 2
