import pytest

from tests.builders import WorkAs, engine_of, planned_case
from tests.integration.handovers.racing import Track
from tests.people import RUTH
from transition.app import Tracker


@pytest.fixture
def track(app: Tracker, work_as: WorkAs) -> Track:
    """A case that waits to be handed over."""
    with work_as(RUTH) as work:
        reference = planned_case(work).reference
    return Track(engine_of(app), reference)
