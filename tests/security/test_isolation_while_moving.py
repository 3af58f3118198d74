"""Every route, asked for in every way by every reader, while they move."""

from collections.abc import Callable

import pytest

from tests.security.reached import MOVING, sweep_over
from tests.security.states import Place


@pytest.mark.parametrize("place", MOVING, indirect=True)
def test_each_reader_reaches_what_is_theirs_and_nobody_anything_else(
    place: Place, record_property: Callable[[str, object], None]
) -> None:
    """Abuse cases 15, 17 and 18: another hospice's case, one not yet proposed, and after a No."""
    sweep_over(place, record_property)
