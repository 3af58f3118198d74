"""What the database itself refuses, whoever writes to it: by the name of each constraint."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Connection,
    Index,
    Table,
    UniqueConstraint,
    Update,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.builders import (
    WorkAs,
    engine_of,
    issue,
    kept_open,
    opened_case,
    proposed_handover,
    staff_of,
)
from tests.databases import FIXED
from tests.people import HELEN, IDRIS, RUTH, SAM
from tests.second_steps import give_everything
from transition.actions.drafts import OPENING, write_draft
from transition.actions.invitations import Newcomer, invite
from transition.actions.linked_cases import link_cases
from transition.actions.passwords import ask_for_reset
from transition.actions.people import add_roles
from transition.actions.record import confirm_section
from transition.actions.services import record_needed
from transition.actions.signing_in import Visit, begin_sign_in, try_to_sign_in
from transition.actions.work import ChangedMeanwhile, Work
from transition.actions.work_accounts import ask
from transition.app import Tracker
from transition.records.absences import Absence
from transition.records.agreements import Agreement
from transition.records.alerts import CaseAlert
from transition.records.base import Base
from transition.records.cases import Case
from transition.records.closings import Closing
from transition.records.columns import new_uid
from transition.records.conditions import Condition
from transition.records.deaths import Death
from transition.records.documents import CaseDocument
from transition.records.early_notices import EarlyNotice
from transition.records.handovers import ClockStop, Handover, handovers_of
from transition.records.histories import Pause
from transition.records.milestones import MilestoneOutcome, OwnMilestone, Snooze
from transition.records.notes import CaseNote
from transition.records.packs import EarlierPack, PackReading
from transition.records.questions import Question
from transition.records.record_sections import LISTS
from transition.records.sealing import SealedRow
from transition.records.settling import CheckIn, FirstContact
from transition.records.staff import Denial
from transition.records.transfers import TransferSignature
from transition.records.unmet_needs import UnmetNeed
from transition.records.usual_numbers import UsualNumber
from transition.records.visits import JointVisit
from transition.records.work_accounts import WorkAccount
from transition.rules.beside import DocumentKind, NoteKind, Sharing, VisitPlace, VisitState
from transition.rules.errors import RuleBroken
from transition.rules.handovers import Function, HandoverState
from transition.rules.milestones import OutcomeKind
from transition.rules.packs import PackSection
from transition.rules.pathway import Owner, Stage
from transition.rules.people import Role, Side
from transition.rules.questions import QuestionCategory
from transition.rules.record_sections import COMMUNICATION
from transition.rules.services import Needed, ServiceKey
from transition.rules.settling import (
    Agreed,
    CheckInKind,
    CheckInOutcome,
    ContactKind,
    ContactResult,
)
from transition.rules.stages import Ending
from transition.rules.work_accounts import Purpose

pytestmark = pytest.mark.usefixtures("both_databases")

DAY, BEFORE = date(2026, 11, 23), date(2020, 1, 1)
TABLES = Base.metadata.tables
Refused = Callable[[Connection], None]


@pytest.fixture(autouse=True)
def _invited(work_as: WorkAs) -> None:
    """Put rows into the tables of invitations."""
    who = {"email": "new@rowans.example", "name": "New", "organisation": "rowans"}
    with work_as(HELEN) as work:
        invited = invite(work, Newcomer(**who, roles=frozenset({Role.ADULT_WORKER}))).staff_uid
    with work_as(SAM) as work:
        add_roles(work, invited, {Role.ADULT_LEAD})


@pytest.fixture(autouse=True)
def _rows(app: Tracker, work_as: WorkAs) -> None:
    """Put at least one row into every table."""
    with work_as(RUTH) as work:
        other = opened_case(work, nhs_number="9991000003")
        case, handover = proposed_handover(work)
        work.keep(Pause(case_uid=case.uid, from_on=DAY, review_on=DAY, reason_code="unwell"))
        work.keep(
            ClockStop(case_uid=case.uid, handover_uid=handover.uid, cause="question", from_on=DAY)
        )
        helen = staff_of(work.session, HELEN).uid
        work.keep(
            Denial(
                staff_uid=helen,
                case_uid=case.uid,
                denied_by_uid=work.actor_uid,
                denied_at=work.now,
            )
        )
        of_handover: dict[str, Any] = {"case_uid": case.uid, "handover_uid": handover.uid}
        asked: dict[str, Any] = {
            "category": QuestionCategory.CLINICAL,
            "asked_at": FIXED,
            "words": "Who?",
        }
        work.keep(Question(**of_handover, **asked, number=1, asked_by_uid=helen))
        _write_packs(work, of_handover, helen)
        needed: dict[str, Any] = {
            "function": Function.ADVICE_24_7,
            "owner": Side.ADULT,
            "needed_by": DAY,
        }
        work.keep(Condition(**of_handover, **needed, number=1, must=True, words="Trained"))
        unmet: dict[str, Any] = {
            "number": 1,
            "function": Function.ADVICE_24_7,
            "area": "rowans",
            "reason_code": "D03",
        }
        work.keep(UnmetNeed(**of_handover, **unmet, opened_on=DAY))
        record_needed(work, case.reference, {ServiceKey.TRANSPORT: Needed.YES})
        work.keep(Death(case_uid=case.uid, recorded_at=FIXED, recorded_by_uid=helen))
        work.keep(
            Closing(
                case_uid=case.uid,
                ending=Ending.MOVED_AWAY,
                recorded_at=FIXED,
                recorded_by_uid=helen,
            )
        )
        work.keep(
            Snooze(case_uid=case.uid, code="ID-04", until_on=DAY, set_at=FIXED, set_by_uid=helen)
        )
        work.keep(
            OwnMilestone(
                case_uid=case.uid,
                code="X-01",
                stage=Stage.PLANNING,
                owner=Owner.SHARED,
                added_at=FIXED,
                added_by_uid=helen,
                title="Book the minibus",
            )
        )
        link_cases(work, case.reference, other.reference)
        work.keep(Absence(staff_uid=helen, cover_uid=work.actor_uid, from_on=DAY, until_on=DAY))
        _write_record(work, case)
    issue(app, at=FIXED)


def _sign(work: Work, case: Case) -> None:
    (handover,) = handovers_of(work.session, case.uid)
    work.keep(
        TransferSignature(
            case_uid=case.uid,
            handover_uid=handover.uid,
            side=Side.ADULT,
            organisation="rowans",
            role=Role.ADULT_LEAD,
            transfer_on=DAY,
            signed_at=FIXED,
            signed_by_uid=work.actor_uid,
        )
    )


def _write_packs(work: Work, of_handover: dict[str, Any], helen: bytes) -> None:
    work.keep(EarlierPack(**of_handover, number=1))
    health = {"number": 1, "section": PackSection.HEALTH}
    work.keep(PackReading(**of_handover, **health, read_at=FIXED, read_by_uid=helen))


def _write_record(work: Work, case: Case) -> None:
    usual: dict[str, Any] = {"organisation": "rowans", "number": 3}
    work.keep(UsualNumber(**usual, set_at=FIXED, set_by_uid=work.actor_uid))
    for kind in LISTS.values():
        work.keep(kind(case_uid=case.uid, added_at=FIXED))
    notice = {"case_uid": case.uid, "receiver": "rowans", "quarter_on": DAY}
    work.keep(EarlyNotice(**notice, sent_at=FIXED, sent_by_uid=work.actor_uid))
    kept_open(work, case)
    confirm_section(work, case.reference, COMMUNICATION)
    write_draft(work, OPENING, {"person": {}})
    _write_beside(work, case)
    _sign(work, case)
    try_to_sign_in(work, email=RUTH, visit=Visit())
    begin_sign_in(work, staff_of(work.session, RUTH), visit=Visit())
    give_everything(work)
    ask_for_reset(work, email=RUTH, source="")
    linked: dict[str, Any] = {"staff_uid": work.actor_uid, "linked_at": FIXED}
    work.keep(WorkAccount(**linked, subject_digest=bytes(range(16))))
    ask(work, "naomi", Purpose.LINK, visit=Visit())


def _write_beside(work: Work, case: Case) -> None:
    beside: dict[str, Any] = {
        "case_uid": case.uid,
        "number": 1,
        "organisation": "naomi",
        "written_at": FIXED,
        "written_by_uid": work.actor_uid,
    }
    note = {"kind": NoteKind.VISIT, "sharing": Sharing.TEAM, "happened_on": DAY}
    work.keep(CaseNote(**beside, **note, words="She sang."))
    work.keep(JointVisit(**beside, state=VisitState.PLANNED, place=VisitPlace.HOME, visit_on=DAY))
    plan = {"kind": DocumentKind.CARE_PLAN, "sharing": Sharing.TEAM}
    work.keep(CaseDocument(**beside, **plan, title="Care plan"))
    seen: dict[str, Any] = {"reviewed_at": FIXED, "reviewed_by_uid": work.actor_uid}
    work.keep(CaseAlert(**beside, **seen, review_on=DAY, words="Ring the mobile."))
    (handover,) = handovers_of(work.session, case.uid)
    since = {"handover_uid": handover.uid, "happened_on": DAY}
    missed = {"kind": ContactKind.CLINIC, "result": ContactResult.NOT_BROUGHT}
    work.keep(FirstContact(**beside, **since, **missed))
    well = {"kind": CheckInKind.SIX_WEEKS, "outcome": CheckInOutcome.SETTLED}
    work.keep(CheckIn(**beside, **since, **well))
    word = {"what": Agreed.RETURNS, "side": Side.CHILDRENS, "role": Role.CHILDRENS_LEAD}
    said = {"agreed_at": FIXED, "agreed_by_uid": work.actor_uid, "organisation": "naomi"}
    work.keep(Agreement(case_uid=case.uid, handover_uid=handover.uid, **word, **said))


def copied(table: str, **words: Any) -> Refused:  # noqa: ANN401 - any column's value
    """Return an attempt to keep a row once more, said otherwise only where *words* say so."""
    kept = TABLES[table]

    def attempt(connection: Connection) -> None:
        row = dict(connection.execute(select(kept).limit(1)).mappings().one())
        number = {"uid": new_uid()} if "uid" in row else {}
        connection.execute(insert(kept).values(**row | number | words))

    return attempt


def changed(table: str, **words: Any) -> Refused:  # noqa: ANN401 - any column's value
    """Return an attempt to change a table's rows to *words*."""

    def attempt(connection: Connection) -> None:
        connection.execute(update(TABLES[table]).values(**words))

    return attempt


def lead_of_rowans(connection: Connection) -> dict[str, Any]:
    staff, held = TABLES["staff"], TABLES["membership"]
    query = select(held).join(staff, staff.c.uid == held.c.staff_uid).where(staff.c.email == HELEN)
    return dict(connection.execute(query).mappings().one())


def second_lead(connection: Connection) -> None:
    staff = TABLES["staff"]
    deputy = connection.scalar(select(staff.c.uid).where(staff.c.email == IDRIS))
    row = lead_of_rowans(connection) | {"uid": new_uid(), "staff_uid": deputy}
    connection.execute(insert(TABLES["membership"]).values(**row | {"role": "adult_worker"}))


def case_again(**words: Any) -> Refused:  # noqa: ANN401 - any column's value
    """Return an attempt to keep a case once more."""
    uid = new_uid()
    number = {"uid": uid, "case_uid": uid, "nhs_number_index": None}
    return copied("young_person_case", **number | words)


def closed_outcome(connection: Connection) -> None:
    outcomes = TABLES["milestone_outcome"].c
    who = connection.scalar(select(outcomes.recorded_by_uid).limit(1))
    copied("milestone_outcome", closed_at=FIXED, closed_by_uid=who)(connection)


def second_entry(connection: Connection) -> None:
    kept = TABLES["audit_entry"]
    query = select(kept).where(kept.c.case_seq == 1).limit(1)
    row = dict(connection.execute(query).mappings().one())
    connection.execute(insert(kept).values(**row | {"seq": 9999}))


def of_another(connection: Connection) -> None:
    staff = TABLES["staff"]
    deputy = connection.scalar(select(staff.c.uid).where(staff.c.email == IDRIS))
    copied("work_account", staff_uid=deputy)(connection)


UNIQUE: dict[str, tuple[str, Refused]] = {
    "one_open_case": ("young_person_case", case_again(reference="NHJ-XXXX-X")),
    "nhs_number_once": (
        "young_person_case",
        changed("young_person_case", nhs_number_index=bytes(16)),
    ),
    "one_open_lead_handover": ("handover", copied("handover", number=2)),
    "handover_number_once": ("handover", copied("handover", closed_at=FIXED)),
    "one_outcome_stands": (
        "milestone_outcome",
        copied("milestone_outcome", closed_at=None, closed_by_uid=None),
    ),
    "own_code_once": ("own_milestone", copied("own_milestone")),
    "one_open_snooze": ("snooze", copied("snooze")),
    "one_lead_a_function": ("ledger_row", copied("ledger_row")),
    "one_named_worker": ("named_worker_span", copied("named_worker_span")),
    "one_open_episode": ("episode", copied("episode", number=2)),
    "episode_number_once": ("episode", copied("episode", ended_on=DAY)),
    "one_open_pause": ("pause", copied("pause")),
    "one_open_clock_stop": ("clock_stop", copied("clock_stop")),
    "one_answer_a_function": ("function_answer", copied("function_answer")),
    "one_digest_a_week": ("digest", copied("digest")),
    "one_person_a_duty": ("membership", second_lead),
    "one_role_once": ("membership", copied("membership", duty=None)),
    "one_draft_of_a_kind": ("draft", copied("draft")),
    "denied_once": ("denial", copied("denial")),
    "one_case_number": ("audit_entry", second_entry),
    "uq_staff_email": ("staff", copied("staff")),
    "uq_young_person_case_reference": (
        "young_person_case",
        case_again(ending="moved_away", ended_at=FIXED),
    ),
    "uq_queued_letter_message_id": ("queued_letter", copied("queued_letter")),
    "question_number_once": ("question", copied("question")),
    "condition_number_once": ("condition", copied("condition")),
    "one_signature_a_side": ("transfer_signature", copied("transfer_signature")),
    "one_closing_stands": ("closing", copied("closing")),
    "note_number_once": ("case_note", copied("case_note")),
    "visit_number_once": ("joint_visit", copied("joint_visit")),
    "first_contact_number_once": ("first_contact", copied("first_contact")),
    "one_word_a_side": ("agreement", copied("agreement")),
    "check_in_number_once": ("check_in", copied("check_in")),
    "document_number_once": ("case_document", copied("case_document")),
    "alert_number_once": ("case_alert", copied("case_alert")),
    "linked_once": ("linked_case", copied("linked_case")),
    "need_number_once": ("unmet_need", copied("unmet_need")),
    "one_notice_stands": ("early_notice", copied("early_notice")),
    "service_once": ("mapped_service", copied("mapped_service")),
    "one_death_stands": ("death", copied("death")),
    "prompt_once": ("queued_letter", changed("queued_letter", prompt_key=bytes(16))),
    "care_needs_once": ("care_needs", copied("care_needs")),
    "advance_care_plan_once": ("advance_care_plan", copied("advance_care_plan")),
    "pack_version_once": ("earlier_pack", copied("earlier_pack")),
    "read_once_by_each": ("pack_reading", copied("pack_reading")),
    "section_once": ("record_section", copied("record_section")),
    "known_once": ("known_device", copied("known_device")),
    "one_open_invitation": ("invitation", copied("invitation", token_digest=bytes(32))),
    "uq_invitation_token_digest": ("invitation", copied("invitation", cancelled_at=FIXED)),
    "one_open_request": ("role_request", copied("role_request")),
    "one_app_each": ("authenticator_app", copied("authenticator_app")),
    "one_code_once": ("recovery_code", copied("recovery_code")),
    "uq_passkey_number_digest": ("passkey", copied("passkey")),
    "uq_password_reset_token_digest": ("password_reset", copied("password_reset")),
    "uq_sign_in_token_digest": ("sign_in", copied("sign_in")),
    "uq_work_account_staff_uid": (
        "work_account",
        copied("work_account", subject_digest=bytes(16)),
    ),
    "uq_work_account_subject_digest": ("work_account", of_another),
    "uq_work_account_ask_token_digest": ("work_account_ask", copied("work_account_ask")),
}

CHECKS: dict[str, Refused] = {
    "ck_young_person_case_sealed_under_itself": changed("young_person_case", case_uid=bytes(16)),
    "ck_young_person_case_ending_has_its_day": changed("young_person_case", ending="died"),
    "ck_young_person_case_ended_is_not_paused": changed(
        "young_person_case", ending="died", ended_at=FIXED, paused=True
    ),
    "ck_handover_decision_is_whole": changed("handover", decided_at=FIXED),
    "ck_handover_proposal_is_whole": changed("handover", proposed_at=None),
    "ck_milestone_outcome_closing_is_whole": changed("milestone_outcome", closed_at=FIXED),
    "ck_membership_ends_after_it_begins": changed("membership", until_on=date(2019, 1, 1)),
    "ck_ledger_row_ends_after_it_begins": changed("ledger_row", to_on=BEFORE),
    "ck_clock_stop_ends_after_it_begins": changed("clock_stop", until_on=BEFORE),
    "ck_queued_letter_sent_or_cancelled": changed(
        "queued_letter", sent_at=FIXED, cancelled_at=FIXED
    ),
    "ck_case_key_wrapped_whole": changed("case_key", wrapped=bytes(71)),
    "ck_root_key_wrapped_whole": changed("root_key", wrapped=bytes(73)),
    "ck_audit_head_only_one": copied("audit_head", number=2),
    "ck_database_stamp_only_one": copied("database_stamp", number=2),
    "ck_question_answer_is_whole": changed("question", answered_at=FIXED),
    "ck_condition_meeting_is_whole": changed("condition", met_at=FIXED),
    "ck_transfer_signature_voided_with_reason": changed("transfer_signature", voided_at=FIXED),
    "ck_transfer_signature_confirmation_is_whole": changed("transfer_signature", confirmed_on=DAY),
    "ck_unmet_need_closing_is_whole": changed("unmet_need", closed_on=DAY),
    "ck_closing_confirming_is_whole": changed("closing", confirmed_at=FIXED),
    "ck_closing_finishing_is_whole": changed("closing", finished_at=FIXED),
    "ck_closing_lifting_is_whole": changed("closing", lifted_at=FIXED),
    "ck_linked_case_linked_with_another": changed(
        "linked_case", other_uid=TABLES["linked_case"].c.case_uid
    ),
    "ck_unmet_need_says_what": changed("unmet_need", function=None),
    "ck_mapped_service_dispute_has_day": changed("mapped_service", status="disputed"),
    "ck_urgent_access_ends_after_it_begins": changed(
        "urgent_access", until=FIXED - timedelta(days=1)
    ),
    "ck_urgent_access_review_is_whole": changed("urgent_access", reviewed_at=FIXED),
    "ck_early_notice_seeing_is_whole": changed("early_notice", seen_at=FIXED),
    "ck_death_undoing_is_whole": changed("death", undone_at=FIXED),
    "ck_death_asking_is_whole": changed("death", undo_asked_at=FIXED),
    "ck_check_in_talk_is_whole": changed("check_in", talked_on=DAY),
    "ck_agreement_withdrawing_is_whole": changed("agreement", withdrawn_at=FIXED),
    "ck_absence_ends_after_it_begins": changed("absence", until_on=BEFORE),
    "ck_absence_covered_by_another": changed("absence", cover_uid=TABLES["absence"].c.staff_uid),
    "ck_authenticator_app_counts_from_its_first_code": changed("authenticator_app", last_step=None),
    "ck_usual_number_number_of_a_month": changed("usual_number", number=31),
    "ck_invitation_taken_or_cancelled": changed(
        "invitation", accepted_at=FIXED, cancelled_at=FIXED
    ),
    "ck_invitation_link_is_whole": changed("invitation", sent_at=None),
    "ck_role_request_settling_is_whole": changed("role_request", settled_at=FIXED),
    "ck_database_stamp_mode_known": changed("database_stamp", mode="test"),
}


def unique_names() -> set[str]:
    """Return the names of everything that the tables say must be once."""
    names = set()
    for table in TABLES.values():
        names |= {str(index.name) for index in table.indexes if index.unique}
        names |= {str(one.name) for one in table.constraints if isinstance(one, UniqueConstraint)}
    return names


def test_every_constraint_is_tried_here() -> None:
    checks = {
        str(one.name)
        for table in TABLES.values()
        for one in table.constraints
        if isinstance(one, CheckConstraint) and not str(one.name).endswith("_is_sealed")
    }
    assert set(UNIQUE) == unique_names()
    assert set(CHECKS) == checks


def columns_of(table: Table, name: str) -> str:
    """Return what SQLite says instead of a constraint's name."""
    unique: list[Index | UniqueConstraint] = list(table.indexes)
    unique += [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    (found,) = [one for one in unique if one.name == name]
    return ", ".join(f"{table.name}.{column.name}" for column in found.columns)


def refusal_of(app: Tracker, attempt: Refused) -> IntegrityError:
    with engine_of(app).connect() as connection:
        with pytest.raises(IntegrityError) as refusal:
            attempt(connection)
        connection.rollback()
    return refusal.value


def named_in(refusal: IntegrityError) -> str:
    """Return what a refusal names: the constraint, or what SQLite says in its place."""
    diagnosis = getattr(refusal.orig, "diag", None)
    return diagnosis.constraint_name if diagnosis is not None else str(refusal.orig)


def test_what_must_be_once_is_refused_a_second_time(app: Tracker) -> None:
    for name, (table, attempt) in UNIQUE.items():
        columns = f"UNIQUE constraint failed: {columns_of(TABLES[table], name)}"
        assert named_in(refusal_of(app, attempt)) in {name, columns}, name


def test_what_contradicts_itself_is_refused(app: Tracker) -> None:
    for name, attempt in CHECKS.items():
        assert named_in(refusal_of(app, attempt)) in {name, f"CHECK constraint failed: {name}"}


ROOM = (
    copied("handover", number=2, closed_at=FIXED),
    copied("handover", number=2, leads=False),
    copied("ledger_row", to_on=DAY),
    copied("ledger_row", position="supporting"),
    copied("named_worker_span", until_on=DAY),
    copied("episode", number=2, ended_on=DAY),
    copied("pause", until_on=DAY),
    copied("snooze", ended_at=FIXED),
    copied("clock_stop", until_on=DAY),
    copied("digest", week="2026-W49"),
    copied("invitation", token_digest=bytes(32), cancelled_at=FIXED),
    closed_outcome,
)


def test_what_is_over_leaves_room_for_another(app: Tracker) -> None:
    for attempt in ROOM:
        with engine_of(app).connect() as connection:
            attempt(connection)
            connection.rollback()


SEALED = sorted(
    (mapper.class_.__tablename__, field.column[1:])
    for mapper in SealedRow.registry.mappers
    if issubclass(mapper.class_, SealedRow)
    for field in mapper.class_.sealed_fields()
)

PLAIN = (
    b"words in the clear",
    b"\xe1" + bytes(62),  # begins like a sealed value, and is one byte too short
    b"\xe2" + bytes(80),  # long enough, and begins otherwise
)


def test_whatever_writes_a_sealed_column_takes_nothing_in_the_clear(app: Tracker) -> None:
    assert len(SEALED) > 25
    for table, column in SEALED:
        words = text(f"UPDATE {table} SET {column} = :value")  # noqa: S608 - of our own tables
        with engine_of(app).connect() as connection:
            for value in PLAIN:
                with pytest.raises(IntegrityError, match=f"{column}_is_sealed"):
                    connection.execute(words, {"value": value})
                connection.rollback()
            connection.execute(words, {"value": b"\xe1" + bytes(63)})
            connection.rollback()


def test_words_in_the_clear_are_not_even_put_in_by_hand(app: Tracker) -> None:
    words = text("INSERT INTO change (uid, case_uid, body) VALUES (:uid, :uid, :body)")
    with engine_of(app).connect() as connection:
        with pytest.raises(IntegrityError, match="body_is_sealed"):
            connection.execute(words, {"uid": new_uid(), "body": b"Sky Demo-Test, born in 2009"})
        connection.rollback()


@pytest.mark.parametrize("name", ["one_outcome_stands", "one_open_lead_handover"])
def test_a_constraint_speaks_to_people_in_a_sentence(
    work_as: WorkAs, session: Session, name: str
) -> None:
    case = session.scalars(select(Case).where(Case.receiver == "rowans")).one()
    row: MilestoneOutcome | Handover = MilestoneOutcome(
        case_uid=case.uid,
        code="ID-02",
        kind=OutcomeKind.DONE,
        recorded_at=FIXED,
        recorded_by_uid=case.named_worker_uid,
    )
    sentence = "Somebody else recorded this milestone a moment ago"
    if name == "one_open_lead_handover":
        first = session.scalars(select(Handover)).one()
        sentence = "This case already has an open handover"
        row = Handover(
            case_uid=case.uid,
            receiver="oakhaven",
            number=1,
            state=HandoverState.DRAFT,
            urgency=first.urgency,
        )
    session.rollback()
    with pytest.raises(RuleBroken, match=sentence), work_as(RUTH) as work:
        work.keep(row)


def test_a_constraint_without_a_sentence_is_a_fault_of_ours(work_as: WorkAs) -> None:
    with pytest.raises(IntegrityError), work_as(RUTH) as work:
        work.session.execute(update(Case).values(case_uid=bytes(16)))


def test_whoever_saves_second_is_told_that_somebody_was_first(work_as: WorkAs) -> None:
    meanwhile = update(Case).values(version=Case.version + 1)
    with (
        pytest.raises(ChangedMeanwhile, match="Somebody else changed this"),
        work_as(RUTH) as work,
    ):
        change_after(work, meanwhile.execution_options(synchronize_session=False))


def change_after(work: Work, meanwhile: Update) -> None:
    case = work.session.scalars(select(Case).limit(1)).one()
    work.session.execute(meanwhile)
    case.service = "naomi_house"
