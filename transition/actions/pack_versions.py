"""Sending a pack anew, and marking what of one has been read."""

from typing import Any, Final

from transition.actions.absences import tell
from transition.actions.case_changes import ENDED, own_open_case
from transition.actions.change_notices import CASE_CHANGED
from transition.actions.handovers import found_handover
from transition.actions.packs import frozen_pack
from transition.actions.readiness import people_across
from transition.actions.work import ChangedMeanwhile, Work
from transition.records.cases import Case
from transition.records.handovers import Handover
from transition.records.packs import EarlierPack, PackReading, readings_of
from transition.records.summaries import summary_of
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function
from transition.rules.pack_contents import Asked
from transition.rules.packs import PackSection, changes_between, parts_of
from transition.rules.people import Side

OVER: Final = "This handover is over. Propose a new one to send a pack."
AS_SENT: Final = "Nothing has changed since version {} was sent."
NOT_THE_READER: Final = "Only the hospice that was asked marks what it has read."
NEWER: Final = "Version {} came while you read. Read it before you mark it."


def next_pack(work: Work, case: Case, handover: Handover) -> tuple[dict[str, Any], bytes]:
    """Return the pack that would be sent now, with its proof; nothing is kept of it."""
    asked = Asked(
        receiver=handover.receiver,
        functions=tuple(Function(code) for code in handover.pack["functions"]),
        target_on=(case.target_transfer_on if handover.leads else None) or handover.target_on,
        urgency=handover.urgency,
        sharing_basis=case.sharing_basis,
        sharing_limits=summary_of(work.session, case.uid).sharing_limits,
        why=handover.why,
        provider=handover.provider_name,
        leads=handover.leads,
    )
    return frozen_pack(work, case, asked, replaces=handover.pack)


def send_pack(work: Work, reference: str, key: str) -> Handover:
    """Send the pack of a handover as it stands now and return the handover.

    The version before stays as it was sent. The other side is told that something changed. No clock
    moves.

    Raises:
        RuleBroken: the handover or the case is over, nothing may be shared, or nothing has changed.
        NotFound: this actor has no such handover.
    """
    case = own_open_case(work, reference)
    _, handover = found_handover(work, reference, key)
    if not handover.state.open:
        raise RuleBroken(OVER)
    if not case.sharing_basis.allows_sharing:
        raise RuleBroken("Nothing can be sent before there is a basis for sharing it.")
    pack, pack_hash = next_pack(work, case, handover)
    if not changes_between(parts_of(handover.pack), parts_of(pack)):
        raise RuleBroken(AS_SENT.format(handover.pack_version))
    was = handover.pack_version
    work.keep(
        EarlierPack(
            case_uid=case.uid,
            handover_uid=handover.uid,
            number=was,
            pack=handover.pack,
            pack_hash=handover.pack_hash,
        )
    )
    handover.pack, handover.pack_hash, handover.pack_version = pack, pack_hash, was + 1
    work.note("pack:sent", on=case, about=key, changed={"pack_version": (was, was + 1)})
    told = people_across(work, case, handover)
    tell(work, CASE_CHANGED, to=told, about=reference, on=case)
    return handover


def read_section(
    work: Work, reference: str, key: str, section: PackSection, *, version: int
) -> PackReading:
    """Record that the actor has read a section of the version that their page showed.

    Raises:
        ChangedMeanwhile: a newer version has come since.
        RuleBroken: it is not the receiver's, or the case has ended.
        NotFound: this actor has no such handover.
    """
    case, handover = _pack_read(work, reference, key)
    if version != handover.pack_version:
        raise ChangedMeanwhile(NEWER.format(handover.pack_version))
    standing = _own_reading(work, handover, section)
    if standing is not None:
        return standing
    work.note("pack:read", on=case, about=_about(handover, section))
    return work.keep(
        PackReading(
            case_uid=case.uid,
            handover_uid=handover.uid,
            number=version,
            section=section,
            read_at=work.now,
            read_by_uid=work.actor_uid,
        )
    )


def unread_section(work: Work, reference: str, key: str, section: PackSection) -> Handover:
    """Take back that the actor has read a section of the newest version; return the handover.

    Raises:
        RuleBroken: it is not the receiver's, or the case has ended.
        NotFound: this actor has no such handover.
    """
    case, handover = _pack_read(work, reference, key)
    standing = _own_reading(work, handover, section)
    if standing is not None:
        work.note("pack:unread", on=case, about=_about(handover, section))
        work.session.delete(standing)
    return handover


def _pack_read(work: Work, reference: str, key: str) -> tuple[Case, Handover]:
    case, handover = found_handover(work, reference, key)
    if work.actor.side is not Side.ADULT:
        raise RuleBroken(NOT_THE_READER)
    if case.ending is not None:
        raise RuleBroken(ENDED)
    return case, handover


def _own_reading(work: Work, handover: Handover, section: PackSection) -> PackReading | None:
    return next(
        (
            one
            for one in readings_of(work.session, handover)
            if (one.number, one.section, one.read_by_uid)
            == (handover.pack_version, section, work.actor.uid)
        ),
        None,
    )


def _about(handover: Handover, section: PackSection) -> str:
    return f"{handover.key} version {handover.pack_version} {section.value}"
