"""What must stand beside the status of a service, and what is still open."""

from datetime import date
from typing import Any

import pytest

from transition.rules.errors import RuleBroken
from transition.rules.guards import missing_for_transfer
from transition.rules.services import (
    Needed,
    ServiceFacts,
    ServiceKey,
    ServiceStatus,
    refuse_service,
    status_for,
    still_unknown,
    unsettled,
)

TODAY = date(2026, 11, 23)
S = ServiceStatus


def facts(key: ServiceKey = ServiceKey.DENTAL, **words: Any) -> ServiceFacts:  # noqa: ANN401 - any field of it
    return ServiceFacts(key=key, **{"needed": Needed.YES} | words)


def test_there_are_thirty_seven_services_as_the_domain_lists_them() -> None:
    assert len(ServiceKey) == 37


@pytest.mark.parametrize(
    ("needed", "status", "then"),
    [
        (Needed.NO, S.RUNNING, S.NOT_NEEDED),
        (Needed.UNKNOWN, S.REFERRED, S.NOT_STARTED),
        (Needed.YES, None, S.NOT_STARTED),
        (Needed.YES, S.NOT_NEEDED, S.NOT_STARTED),
        (Needed.YES, S.DECLINED, S.DECLINED),
    ],
)
def test_only_what_is_needed_has_a_status_of_its_own(
    needed: Needed, status: S | None, then: S
) -> None:
    assert status_for(needed, status) is then


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"status": S.REFERRED}, "Enter the day of the referral"),
        ({"status": S.REFERRED, "referred_on": date(2026, 11, 24)}, "today or in the past"),
        ({"status": S.RUNNING}, "Name who has taken it on"),
        ({"status": S.NO_EQUIVALENT}, "Write what they will have instead"),
        ({"status": S.DECLINED}, "Write what they will have instead"),
        ({"status": S.DISPUTED}, "Enter the day on which the leads"),
        ({"status": S.DISPUTED, "escalate_on": TODAY}, "Only funding can be disputed"),
    ],
)
def test_what_goes_with_a_status_must_be_there(words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        refuse_service(facts(**words), TODAY)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"status": S.REFERRED, "referred_on": TODAY},
        {"status": S.RUNNING, "adult_counterpart": "The adult clinic"},
        {"status": S.NO_EQUIVALENT, "gap_note": "Nothing yet"},
        {
            "key": ServiceKey.CONTINUING_CARE_FUNDING,
            "status": S.DISPUTED,
            "escalate_on": date(2026, 12, 7),
        },
    ],
)
def test_what_is_whole_is_taken(words: dict[str, Any]) -> None:
    refuse_service(facts(**words), TODAY)


def test_what_nobody_has_answered_is_counted() -> None:
    assert still_unknown([]) == 37
    known = [facts(), facts(ServiceKey.PAIN, needed=Needed.NO)]
    assert still_unknown([*known, facts(ServiceKey.GP, needed=Needed.UNKNOWN)]) == 35


def test_a_service_is_settled_by_a_counterpart_or_by_its_gap() -> None:
    named = facts(adult_counterpart="The adult clinic")
    told = facts(ServiceKey.PAIN, gap_note="Nobody does this")
    rest = facts(ServiceKey.GP, needed=Needed.NO), facts(ServiceKey.HEARING, needed=Needed.UNKNOWN)
    assert unsettled([named, told, facts(ServiceKey.EYE_CARE), *rest]) == 1
    assert [one.settled for one in (named, told, *rest)] == [True, True, True, False]


def test_a_transfer_waits_for_every_answer() -> None:
    assert missing_for_transfer(0) == ()
    assert missing_for_transfer(1)[0].startswith("1 service is still unknown")
    assert missing_for_transfer(2)[0].startswith("2 services are still unknown")
