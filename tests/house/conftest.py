"""The tracker with templates that miss nothing, and a demonstration in which all are renamed."""

import pytest
from sqlalchemy.orm import Session

from tests.builders import WorkAs, engine_of
from tests.house.strictly import NAME, Strict, call_everybody_so, typed
from tests.house.walking import put_letter
from tests.integration.settling.steps import check_in, contact, transferred_case
from tests.people import HELEN, RUTH
from transition.actions import drafts
from transition.actions.settling import record_check_in, record_contact
from transition.app import Tracker
from transition.records.anchors import anchors_of
from transition.records.case_lists import list_of_cases


@pytest.fixture
def strict(app: Tracker, monkeypatch: pytest.MonkeyPatch) -> Strict:
    """The application's templates, which refuse whatever they were not given."""
    return Strict(app, monkeypatch)


@pytest.fixture
def renamed(app: Tracker, work_as: WorkAs) -> Tracker:
    """The demonstration and somebody who settles in; everybody is called that."""
    reference = transferred_case(work_as)
    with work_as(HELEN) as work:
        record_contact(work, reference, contact(work, note=NAME))
    with work_as(RUTH) as work:
        record_check_in(work, reference, check_in(work, their_words=NAME))
    with Session(engine_of(app)) as session:
        call_everybody_so(session)
    with work_as(RUTH) as work:
        born = anchors_of(work.session, list_of_cases(work.session, work.asking)[0].case_uid)
        words = typed()
        words["person"]["date_of_birth"] = born.date_of_birth.isoformat()
        drafts.write_draft(work, drafts.OPENING, words)
    put_letter(app, NAME)
    return app
