"""A handover to a provider outside, as far as a test needs it."""

from datetime import date, timedelta
from typing import Any, Final

from tests.builders import SIGNED_FOR, WorkAs, planned_case, proposal, record_done, reply
from tests.databases import FIXED
from tests.people import PRIYA, RUTH
from transition.actions.handovers import found_handover, propose_handover
from transition.actions.replies import reply_to_handover
from transition.actions.services import record_needed
from transition.actions.targets import move_target
from transition.actions.transfers import confirm_transfer, sign_transfer
from transition.rules.outside import Told, ToldHow
from transition.rules.pathway import Gate
from transition.rules.services import Needed, ServiceKey
from transition.rules.targets import Target, TargetReason

NAME: Final = "Countess Mountfield Hospice"
THEIR_NURSE: Final = "Sister Quillon"
THEIR_WORKER: Final = "Jo Thistle"


def told(**words: Any) -> Told:  # noqa: ANN401 - any field of it
    """Return what somebody at the provider said on the telephone on the fixed day."""
    said: dict[str, Any] = {
        "by": THEIR_NURSE,
        "role": "ward manager",
        "on": date(2026, 11, 23),
        "how": ToldHow.TELEPHONE,
    }
    return Told(**said | words)


def proposed_outside(work_as: WorkAs, **words: Any) -> tuple[str, str]:  # noqa: ANN401 - of the proposal
    """Let Ruth propose a case to a provider outside; return its reference and the key."""
    with work_as(RUTH) as work:
        case = planned_case(work)
        asked = proposal(**{"receiver": "external", "provider": NAME} | words)
        return case.reference, propose_handover(work, case.reference, asked).key


def accepted_outside(work_as: WorkAs, **words: Any) -> tuple[str, str]:  # noqa: ANN401 - of the reply
    """Let the provider accept all of it, as Ruth was told."""
    reference, key = proposed_outside(work_as)
    said = {"told": told(), "adult_worker": THEIR_WORKER, "adult_worker_by": None} | words
    with work_as(RUTH) as work:
        _, handover = found_handover(work, reference, key)
        reply_to_handover(work, reference, key, reply(handover, **said))
    return reference, key


def ready_outside(work_as: WorkAs) -> tuple[str, str]:
    """Do all that the transfer of a case to a provider outside waits for."""
    reference, key = accepted_outside(work_as)
    with work_as(RUTH) as work:
        move_target(work, reference, Target(on=SIGNED_FOR), TargetReason.OTHER)
        record_needed(work, reference, dict.fromkeys(ServiceKey, Needed.NO))
        case = work.case(reference).case
        gates = work.catalogue.pathways[case.pathway_version].gated(Gate.TRANSFER)
        record_done(work, case, {rule.code for rule in gates})
    return reference, key


def signed_outside(work_as: WorkAs) -> tuple[str, str]:
    """Let Ruth sign, and Priya record that the provider confirms."""
    reference, key = ready_outside(work_as)
    with work_as(RUTH) as work:
        sign_transfer(work, reference)
    with work_as(PRIYA, FIXED + timedelta(minutes=1)) as work:
        confirm_transfer(work, reference, told())
    return reference, key
