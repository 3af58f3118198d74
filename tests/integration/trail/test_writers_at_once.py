"""Several people act at once, and the trail is one chain all the same."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy.orm import Session

from tests.builders import WorkAs, on_both, opened_case
from tests.people import RUTH
from transition.records.audit import GOOD, Note, head_of, verify

WRITERS = 6
TIMES = 15


@on_both
def test_entries_written_at_once_follow_one_another(work_as: WorkAs, session: Session) -> None:
    with work_as(RUTH) as work:
        reference = opened_case(work).reference
    number, _ = head_of(session)
    session.rollback()
    start = Barrier(WRITERS)

    def write(_writer: int) -> None:
        start.wait()
        for _ in range(TIMES):
            with work_as(RUTH) as work:
                work.notes.append(Note("case:viewed", case_ref=reference))
                work.notes.append(Note("today:viewed"))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    verdict = verify(session)
    assert verdict.code == GOOD
    assert verdict.entries == number + 2 * WRITERS * TIMES
