"""What is kept about somebody is sealed; whatever stands in the clear stands on the list here.

A new column is on no list, so this test fails until somebody has thought about it.
"""

import ast
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Engine,
    Integer,
    LargeBinary,
    NullPool,
    Select,
    String,
    Table,
    cast,
    create_engine,
    inspect,
    literal,
    literal_column,
    select,
)

from transition.records import everything
from transition.records.base import Base, Versioned
from transition.records.columns import Coded, SealedBytes, Uid, UtcDateTime
from transition.records.sealing import LABELS, SHORTEST_TOKEN, SealedRow
from transition.settings import Settings

KINDS: dict[str, tuple[type[Any], ...]] = {
    "uid": (Uid,),
    "code": (Coded, String),  # a word from a list of ours
    "reference": (String,),  # of a case, a handover, an entry; made so that it names nobody
    "instant": (UtcDateTime,),
    "day": (Date,),  # on which something was done or is planned; never one that tells an age
    "count": (Integer,),
    "flag": (Boolean,),
    "digest": (LargeBinary, String),  # of something, keyed or of a random token
    "wrapped": (LargeBinary,),  # a key under another key
    "staff": (String,),  # the work name and work address of a colleague
}
"""What may stand in the clear, and the types of column it stands in."""

IN_THE_CLEAR: dict[str, dict[str, str]] = {
    "absence": {"uid": "uid staff_uid cover_uid", "day": "from_on until_on", "count": "version"},
    "advance_care_plan": {"uid": "uid case_uid", "count": "version"},
    "anchors": {"uid": "uid case_uid", "count": "version"},
    "authenticator_app": {
        "uid": "uid staff_uid",
        "flag": "counts",
        "instant": "made_at last_used_at",
        "count": "last_step version",
    },
    "audit_entry": {
        "count": "seq case_seq",
        "instant": "at",
        "code": "organisation role via action fields outcome",
        "reference": "actor object case_ref request change_uid",
        "digest": "change_digest prev case_prev mac",
    },
    "audit_head": {"count": "number seq"},
    "case_alert": {
        "uid": "uid case_uid written_by_uid reviewed_by_uid",
        "code": "organisation shared_with",
        "instant": "written_at reviewed_at ended_at",
        "count": "number version",
        "day": "review_on",
    },
    "case_document": {
        "uid": "uid case_uid written_by_uid",
        "code": "organisation shared_with kind sharing",
        "instant": "written_at removed_at",
        "count": "number version",
    },
    "best_interests_record": {
        "uid": "uid case_uid",
        "instant": "added_at removed_at",
        "count": "version",
    },
    "capacity_record": {
        "uid": "uid case_uid",
        "instant": "added_at removed_at",
        "count": "version",
    },
    "case_key": {
        "uid": "case_uid",
        "count": "version",
        "digest": "kek_id",
        "wrapped": "wrapped",
        "flag": "active",
        "instant": "created_at",
    },
    "case_note": {
        "uid": "uid case_uid written_by_uid corrects_uid",
        "code": "organisation shared_with kind sharing",
        "instant": "written_at",
        "count": "number version",
        "day": "happened_on",
    },
    "change": {"uid": "uid case_uid"},
    "change_number": {"code": "organisation", "count": "number"},
    "chosen_of_letters": {"uid": "staff_uid", "code": "choice"},
    "clock_stop": {
        "uid": "uid case_uid handover_uid",
        "code": "cause",
        "day": "from_on until_on",
        "count": "version",
    },
    "closing": {
        "uid": "uid case_uid recorded_by_uid confirmed_by_uid finished_by_uid lifted_by_uid",
        "code": "ending",
        "instant": "recorded_at confirmed_at finished_at lifted_at",
        "day": "look_again_on",
        "count": "version",
    },
    "condition": {
        "uid": "uid case_uid handover_uid met_by_uid",
        "code": "function owner",
        "day": "needed_by",
        "flag": "must",
        "instant": "met_at",
        "count": "number version",
    },
    "contact": {
        "uid": "uid case_uid",
        "instant": "added_at removed_at",
        "count": "version",
    },
    "database_stamp": {"count": "number", "code": "mode", "instant": "stamped_at"},
    "death": {
        "uid": "uid case_uid recorded_by_uid undo_asked_by_uid undone_by_uid",
        "instant": "recorded_at undo_asked_at undone_at",
        "count": "version",
    },
    "denial": {"uid": "uid staff_uid case_uid denied_by_uid", "instant": "denied_at"},
    "digest": {
        "uid": "uid staff_uid letter_uid",
        "code": "week state",
        "instant": "issued_at",
    },
    "draft": {
        "uid": "uid case_uid staff_uid",
        "code": "kind",
        "instant": "written_at",
        "count": "version",
    },
    "early_notice": {
        "uid": "uid case_uid sent_by_uid seen_by_uid",
        "code": "receiver",
        "day": "quarter_on",
        "instant": "sent_at seen_at taken_back_at",
        "count": "version",
    },
    "earlier_pack": {
        "uid": "uid case_uid handover_uid",
        "count": "number",
        "digest": "pack_hash",
    },
    "episode": {"uid": "uid case_uid", "count": "number version", "day": "began_on ended_on"},
    "function_answer": {
        "uid": "uid case_uid handover_uid",
        "code": "function answer reason_code",
        "count": "version",
    },
    "handover": {
        "uid": ("uid case_uid proposed_by_uid acknowledged_by_uid decided_by_uid adult_worker_uid"),
        "code": "receiver state urgency after_no",
        "count": "number pack_version version",
        "flag": "leads",
        "day": (
            "target_on reply_by reply_promised_on adult_worker_by first_contact_on"
            " family_told_on disputed_on talked_on"
        ),
        "instant": "proposed_at acknowledged_at decided_at closed_at after_no_at",
        "digest": "pack_hash",
    },
    "heartbeat": {"code": "job fault", "instant": "ran_at failed_at"},
    "agreement": {
        "uid": "uid case_uid handover_uid agreed_by_uid withdrawn_by_uid",
        "code": "what side organisation role",
        "instant": "agreed_at withdrawn_at",
        "count": "version",
    },
    "first_contact": {
        "uid": "uid case_uid handover_uid written_by_uid",
        "code": "organisation shared_with kind result",
        "instant": "written_at taken_back_at",
        "count": "number version",
        "day": "happened_on joint_call_on home_visit_offered_on gp_told_on planned_on",
    },
    "check_in": {
        "uid": "uid case_uid handover_uid written_by_uid talked_by_uid",
        "code": "organisation shared_with kind outcome feedback",
        "instant": "written_at taken_back_at",
        "count": "number version",
        "day": "happened_on talked_on",
    },
    "invitation": {
        "uid": "uid staff_uid invited_by_uid",
        "code": "organisation",
        "instant": "invited_at sent_at accepted_at cancelled_at",
        "digest": "token_digest",
        "count": "number version",
    },
    "joint_visit": {
        "uid": "uid case_uid written_by_uid",
        "code": "organisation shared_with state place",
        "instant": "written_at",
        "count": "number version",
        "day": "visit_on",
    },
    "known_device": {
        "uid": "uid staff_uid",
        "digest": "token_digest",
        "instant": "signed_in_at",
    },
    "ledger_row": {
        "uid": "uid case_uid set_by_uid",
        "code": "function service position",
        "day": "from_on to_on",
        "instant": "set_at",
        "count": "version",
    },
    # That two cases belong to one family: numbers that tell nobody who.
    "linked_case": {"uid": "uid case_uid other_uid set_by_uid", "instant": "set_at"},
    "mapped_service": {
        "uid": "uid case_uid set_by_uid",
        "code": "service_key needed status",
        "day": "referred_on expected_start escalate_on",
        "instant": "set_at",
        "count": "version",
    },
    "legal_role": {
        "uid": "uid case_uid",
        "instant": "added_at removed_at",
        "count": "version",
    },
    "membership": {
        "uid": "uid staff_uid",
        "code": "organisation role state duty",
        "day": "from_on until_on",
        "count": "version",
    },
    "milestone_outcome": {
        "uid": "uid case_uid recorded_by_uid replaces_uid closed_by_uid",
        "code": "code kind reason_code confirmed",
        "instant": "recorded_at closed_at",
        "count": "version",
    },
    "named_worker_span": {
        "uid": "uid case_uid staff_uid",
        "day": "from_on until_on",
        "count": "version",
    },
    "own_milestone": {
        "uid": "uid case_uid added_by_uid",
        "code": "code stage owner",
        "instant": "added_at",
        "count": "version",
    },
    "care_needs": {"uid": "uid case_uid", "count": "version"},
    "pack_reading": {
        "uid": "uid case_uid handover_uid read_by_uid",
        "code": "section",
        "instant": "read_at",
        "count": "number",
    },
    "passkey": {
        "uid": "uid staff_uid",
        "digest": "number_digest",
        "instant": "made_at last_used_at",
        "count": "count version",
    },
    "password_reset": {
        "uid": "uid staff_uid",
        "digest": "token_digest",
        "instant": "asked_at answered_at used_at",
    },
    "pause": {
        "uid": "uid case_uid",
        "day": "from_on review_on until_on",
        "code": "reason_code",
        "count": "version",
    },
    "queued_letter": {
        "uid": "uid recipient_uid case_uid",
        "code": "kind failed_code",
        "reference": "about message_id",
        "instant": "queued_at not_before claimed_until sent_at cancelled_at",
        "digest": "prompt_key",
        "count": "tries version",
    },
    "question": {
        "uid": "uid case_uid handover_uid asked_by_uid answered_by_uid",
        "code": "category section",
        "day": "needed_by",
        "instant": "asked_at answered_at",
        "count": "number see_version version",
    },
    "record_section": {
        "uid": "uid case_uid changed_by_uid confirmed_by_uid change_uid entry_uid",
        "code": "section",
        "instant": "changed_at confirmed_at",
        "count": "version",
    },
    "recovery_code": {
        "uid": "uid staff_uid",
        "digest": "code_digest",
        "instant": "made_at used_at",
    },
    "role_request": {
        "uid": "uid membership_uid asked_by_uid settled_by_uid",
        "instant": "asked_at settled_at",
        "count": "version",
    },
    "root_key": {
        "code": "purpose",
        "digest": "kek_id",
        "wrapped": "wrapped",
        "instant": "created_at",
    },
    "sharing": {
        "uid": "uid case_uid recorded_by_uid",
        "code": "basis",
        "instant": "recorded_at",
    },
    "seen_in_person": {
        "uid": "uid staff_uid seen_by_uid reset_by_uid",
        "code": "how",
        "instant": "seen_at reset_at",
    },
    "sign_in": {
        "uid": "uid staff_uid",
        "code": "device ended_because",
        "digest": "token_digest challenge",
        "instant": "began_at last_seen_at ended_at fresh_at",
        "flag": "half",
        "count": "tries",
    },
    "sign_in_try": {
        "digest": "key",
        "code": "kind",
        "count": "count",
        "instant": "began_at last_at",
    },
    "snooze": {
        "uid": "uid case_uid set_by_uid",
        "code": "code",
        "day": "until_on",
        "instant": "set_at ended_at",
        "count": "version",
    },
    "staff": {
        "uid": "uid",
        "staff": "name email former_email",
        "digest": "password_hash",
        "instant": "created_at",
        "count": "version",
    },
    "stage_change": {
        "uid": "uid case_uid changed_by_uid",
        "code": "event was now reason_code organisation",
        "instant": "changed_at",
        "flag": "by_telephone",
    },
    "summary": {"uid": "uid case_uid", "count": "version"},
    "target_date_change": {
        "uid": "uid case_uid changed_by_uid",
        "day": "was_on now_on window_until_on was_set_on was_window_to",
        "code": "reason_code",
        "instant": "changed_at",
    },
    "transfer_signature": {
        "uid": "uid case_uid handover_uid signed_by_uid",
        "code": "side organisation role voided confirmed_how",
        "day": "transfer_on confirmed_on",
        "instant": "signed_at voided_at",
        "count": "version",
    },
    "unmet_need": {
        "uid": "uid case_uid handover_uid",
        "code": "function service_key area reason_code closed_how",
        "day": "opened_on closed_on",
        "count": "number version",
    },
    "urgent_access": {
        "uid": "uid case_uid staff_uid reviewed_by_uid",
        "code": "organisation purpose outcome",
        "instant": "opened_at until reviewed_at escalated_at",
        "count": "version",
    },
    "usual_number": {
        "code": "organisation",
        "count": "number version",
        "instant": "set_at",
        "uid": "set_by_uid",
    },
    "work_account": {
        "uid": "uid staff_uid",
        "digest": "subject_digest",
        "instant": "linked_at last_used_at",
    },
    "work_account_ask": {
        "uid": "uid staff_uid",
        "code": "organisation purpose",
        "digest": "token_digest",
        "instant": "asked_at",
    },
    "young_person": {"uid": "uid case_uid", "count": "version"},
    "young_person_case": {
        "uid": "uid case_uid young_person_uid named_worker_uid",
        "reference": "reference",
        "code": (
            "organisation service catchment_key pathway_version stage ending receiver "
            "sharing_basis nhs_number_missing_reason"
        ),
        "flag": "paused expedited",
        "day": (
            "unexpedited_on reopened_on opened_on entered_on target_transfer_on target_set_on "
            "window_to transferred_on"
        ),
        "instant": "ended_at",
        "digest": "nhs_number_index",
        "count": "version",
    },
}

FOR_EVER = {
    "about_me.about_me",
    "about_me.bad_day",
    "about_me.goals_next_year",
    "about_me.good_day",
    "about_me.not_to_tell",
    "about_me.people_who_matter",
    "about_me.please_dont",
    "about_me.things_i_love",
    "about_me.worries_about_moving",
    "about_me.written_by",
    "about_me.written_on",
    "advance_care_plan.acp_date",
    "advance_care_plan.acp_form",
    "advance_care_plan.acp_location",
    "advance_care_plan.acp_review_due",
    "advance_care_plan.acp_status",
    "advance_care_plan.adult_form_done_on",
    "advance_care_plan.emergency_plan_location",
    "advance_care_plan.preferred_place_of_care",
    "advance_care_plan.preferred_place_of_death",
    "advance_care_plan.resus_decision_recorded",
    "advance_care_plan.shared_with",
    "agreement.reason",
    "agreement.told",
    "alert.words",
    "authenticator_app.seed",
    "best_interests_record.best_interests_outcome",
    "best_interests_record.decided_on",
    "best_interests_record.decision",
    "best_interests_record.parents_view",
    "best_interests_record.who_took_part",
    "capacity_record.assessed_on",
    "capacity_record.assessor",
    "capacity_record.capacity_note",
    "capacity_record.decision",
    "capacity_record.outcome",
    "capacity_record.parents_view",
    "capacity_record.review_on",
    "case.next_due",
    "change.body",
    "check_in.feedback_words",
    "check_in.note",
    "check_in.talked",
    "check_in.their_words",
    "clinical_summary.allergies",
    "clinical_summary.condition_group",
    "clinical_summary.last_admission_on",
    "clinical_summary.medicines_on",
    "clinical_summary.medicines_source",
    "clinical_summary.needs_airway",
    "clinical_summary.needs_airway_words",
    "clinical_summary.needs_behaviour",
    "clinical_summary.needs_behaviour_words",
    "clinical_summary.needs_breathing",
    "clinical_summary.needs_breathing_words",
    "clinical_summary.needs_continence",
    "clinical_summary.needs_continence_words",
    "clinical_summary.needs_feeding",
    "clinical_summary.needs_feeding_words",
    "clinical_summary.needs_medicines",
    "clinical_summary.needs_medicines_words",
    "clinical_summary.needs_mental_health",
    "clinical_summary.needs_mental_health_words",
    "clinical_summary.needs_mobility",
    "clinical_summary.needs_mobility_words",
    "clinical_summary.needs_pain",
    "clinical_summary.needs_pain_words",
    "clinical_summary.needs_seizures",
    "clinical_summary.needs_seizures_words",
    "clinical_summary.needs_sensory",
    "clinical_summary.needs_sensory_words",
    "clinical_summary.needs_skin",
    "clinical_summary.needs_skin_words",
    "clinical_summary.needs_sleep",
    "clinical_summary.needs_sleep_words",
    "clinical_summary.other_conditions",
    "clinical_summary.primary_condition",
    "clinical_summary.recent_admissions",
    "clinical_summary.stability",
    "clinical_summary.stability_by",
    "clinical_summary.stability_on",
    "clinical_summary.uses_baclofen_pump",
    "clinical_summary.uses_central_line",
    "clinical_summary.uses_cough_assist",
    "clinical_summary.uses_dialysis",
    "clinical_summary.uses_gastrostomy",
    "clinical_summary.uses_invasive_ventilation",
    "clinical_summary.uses_mask_ventilation",
    "clinical_summary.uses_other",
    "clinical_summary.uses_oxygen",
    "clinical_summary.uses_parenteral_nutrition",
    "clinical_summary.uses_suction",
    "clinical_summary.uses_tracheostomy",
    "clinical_summary.uses_vns",
    "closing.appeal",
    "closing.before",
    "closing.capacity_basis",
    "closing.decided_on",
    "closing.family_called_on",
    "closing.finished_because",
    "closing.gp_changed",
    "closing.information_given",
    "closing.instead_reference",
    "closing.new_area",
    "closing.note",
    "closing.offer_again_on",
    "closing.pack_sent_on",
    "closing.provider",
    "closing.provider_contact",
    "closing.provider_responsibilities",
    "closing.reason",
    "closing.receipt_confirmed_on",
    "closing.receiving_service",
    "closing.service_found",
    "closing.signposting",
    "closing.who_remains_responsible",
    "communication.aids",
    "communication.best_time_and_place",
    "communication.format_needed",
    "communication.how_i_communicate",
    "communication.how_i_say_yes_no",
    "communication.how_i_show_pain",
    "communication.reasonable_adjustments",
    "condition.words",
    "consent.involve_parents",
    "consent.restrictions",
    "consent.safeguarding_marker",
    "consent.sharing_limits",
    "contact.address",
    "contact.bereaved",
    "contact.best_time",
    "contact.do_not",
    "contact.email",
    "contact.emergency_order",
    "contact.has_pr",
    "contact.interpreter",
    "contact.is_main_carer",
    "contact.is_young_carer",
    "contact.may_be_told",
    "contact.name",
    "contact.organisation",
    "contact.other_phone",
    "contact.own_needs",
    "contact.phone",
    "contact.preferred_contact",
    "contact.relationship",
    "contact.role_code",
    "death.before",
    "death.bereavement_checklist",
    "death.bereavement_contact",
    "death.child_death_review_by_whom",
    "death.child_death_review_notified",
    "death.died_on",
    "death.equipment_collection",
    "death.leder_considered",
    "death.note",
    "death.place",
    "death.who_has_been_told",
    "death.who_told_the_hospice",
    "document.confirmed_by",
    "document.dated",
    "document.link",
    "document.place",
    "document.title",
    "draft.body",
    "earlier_pack.pack",
    "early_notice.complex_care",
    "early_notice.functions",
    "first_contact.note",
    "first_contact.plan",
    "function_answer.note",
    "handover.by_telephone",
    "handover.closing_note",
    "handover.family_told_by",
    "handover.leads_talked",
    "handover.pack",
    "handover.provider",
    "handover.telephone_call",
    "handover.why_this_hospice",
    "legal_role.document_seen",
    "legal_role.held_by",
    "legal_role.role",
    "legal_role.role_from",
    "legal_role.role_note",
    "legal_role.role_until",
    "legal_role.status",
    "milestone_outcome.done_on",
    "milestone_outcome.evidence_note",
    "milestone_outcome.reason",
    "named_worker_span.hand_on_note",
    "note.words",
    "own_milestone.due_on",
    "own_milestone.title",
    "passkey.name",
    "passkey.number",
    "passkey.public_key",
    "pause.note",
    "question.answer",
    "question.words",
    "service.adult_contact",
    "service.adult_counterpart",
    "service.childrens_contact",
    "service.childrens_provider",
    "service.gap_note",
    "sharing.sharing_limits",
    "snooze.reason",
    "stage_change.note",
    "target_date_change.note",
    "transfer_signature.confirmed_as",
    "transfer_signature.confirmed_by",
    "unmet_need.closing_note",
    "unmet_need.note",
    "urgent_access.findings",
    "urgent_access.why",
    "visit.at_time",
    "visit.outcome",
    "visit.purpose",
    "visit.who_goes",
    "work_account_ask.back",
    "young_person.address",
    "young_person.address_confidential",
    "young_person.circumstances",
    "young_person.date_of_birth",
    "young_person.email",
    "young_person.ethnic_group",
    "young_person.family_name",
    "young_person.first_language",
    "young_person.gender_identity",
    "young_person.given_name",
    "young_person.gp_ods",
    "young_person.gp_practice_name",
    "young_person.hospice_number",
    "young_person.interpreter_needed",
    "young_person.known_as",
    "young_person.looked_after_status",
    "young_person.nhs_number",
    "young_person.phone",
    "young_person.postcode",
    "young_person.pronouns",
    "young_person.religion_or_belief",
    "young_person.responsible_authority",
    "young_person.school_year_offset",
    "young_person.sex_recorded",
}
"""What sealed values are bound to. Labels may be added; a changed one cannot be opened."""

NOT_EDITED = {
    "audit_entry": "only added to",
    "audit_head": "counted up by the database, in the statement that reads it",
    "case_key": "a changed key is another row, with the next version",
    "change": "only added to",
    "change_number": "counted up by the database, in one statement",
    "chosen_of_letters": "set or taken away",
    "database_stamp": "written once",
    "denial": "given or taken away",
    "digest": "written once for a week",
    "earlier_pack": "stays as it was sent",
    "heartbeat": "written by the one worker that leads",
    "linked_case": "set or taken away",
    "pack_reading": "set or taken away",
    "recovery_code": "held until it is used",
    "password_reset": "used once, while it is held",
    "root_key": "written once",
    "seen_in_person": "the newest counts",
    "sharing": "history: the newest stands",
    "sign_in": "belongs to one browser",
    "sign_in_try": "counted up while it is held",
    "known_device": "belongs to one browser",
    "stage_change": "history",
    "target_date_change": "history",
    "work_account": "linked or taken away",
    "work_account_ask": "belongs to one browser, and is used once",
}
"""Tables in which two people cannot edit the same row, and why."""

TABLES = Base.metadata.sorted_tables
ROWS = {str(mapper.local_table): mapper for mapper in Base.registry.mappers}


def _sealed(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, SealedBytes)]


SEALED = [column for table in TABLES for column in _sealed(table)]


def test_every_module_that_keeps_rows_is_known() -> None:
    folder = Path(everything.__file__).parent
    keeping = {path.stem for path in folder.glob("*.py") if "__tablename__ =" in path.read_text()}

    assert keeping == {noun.__name__.rpartition(".")[2] for noun in everything.NOUNS}


def test_every_table_is_on_the_list() -> None:
    assert {table.name for table in TABLES} == set(IN_THE_CLEAR)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_whatever_is_not_sealed_is_on_the_list(table: Table) -> None:
    listed = [name for names in IN_THE_CLEAR[table.name].values() for name in names.split()]

    clear = set(table.columns.keys()) - {column.name for column in _sealed(table)}
    assert clear == set(listed)
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_whatever_is_on_the_list_is_what_the_list_says(table: Table) -> None:
    for kind, names in IN_THE_CLEAR[table.name].items():
        for name in names.split():
            assert isinstance(table.c[name].type, KINDS[kind]), f"{name} is no {kind}"


def test_only_staff_are_named_in_the_clear() -> None:
    assert [name for name, kinds in IN_THE_CLEAR.items() if "staff" in kinds] == ["staff"]


def test_what_tells_an_age_is_no_day_in_the_clear() -> None:
    days = {
        name
        for kinds in IN_THE_CLEAR.values()
        for kind, names in kinds.items()
        for name in names.split()
        if kind == "day"
    }

    assert not [name for name in days if "due" in name or "birth" in name or "done" in name]


def test_every_label_is_frozen() -> None:
    assert set(LABELS) == FOR_EVER


def test_no_two_fields_share_a_label() -> None:
    written = [
        node.args[0].value
        for path in Path(everything.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "Sealed"
        and isinstance(node.args[0], ast.Constant)
    ]

    assert sorted(map(str, written)) == sorted(LABELS)


@pytest.mark.parametrize("column", SEALED, ids=str)
def test_every_sealed_column_belongs_to_a_sealed_field(column: Column[Any]) -> None:
    row = ROWS[column.table.name].class_

    assert issubclass(row, SealedRow)
    assert column.name in {field.column.removeprefix("_") for field in row.sealed_fields()}
    assert column.nullable, "what is missing is null, never a sealed nothing"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_row_that_people_edit_has_a_version(table: Table) -> None:
    mapper = ROWS[table.name]

    if table.name in NOT_EDITED:
        assert not issubclass(mapper.class_, Versioned)
    else:
        assert issubclass(mapper.class_, Versioned)
        assert mapper.version_id_col is table.c.version
        assert not table.c.version.nullable


@pytest.mark.usefixtures("both_databases")
def test_the_database_refuses_what_is_not_sealed(installed: Settings) -> None:
    engine = create_engine(installed.database_url, poolclass=NullPool)
    unsealed = [b"Ravi", b"Ravi" * 40, b"\xe1\x01\x00\x01", b"\xe1" * (SHORTEST_TOKEN - 1)]

    for column in SEALED:
        check = _check_of(engine, column)
        assert [_holds(engine, check, column.name, value) for value in unsealed] == [False] * 4
        assert _holds(engine, check, column.name, b"\xe1" * SHORTEST_TOKEN)
        assert _holds(engine, check, column.name, None)


def _check_of(engine: Engine, column: Column[Any]) -> str:
    """Return the check that the database itself keeps for a column."""
    kept = inspect(engine).get_check_constraints(column.table.name)
    return next(one["sqltext"] for one in kept if str(one["name"]).endswith(_name(column)))


def _name(column: Column[Any]) -> str:
    return f"ck_{column.table.name}_{column.name}_is_sealed"


def _holds(engine: Engine, check: str, name: str, value: bytes | None) -> bool:
    kept = select(cast(literal(value, LargeBinary), LargeBinary).label(name)).subquery()
    query: Select[Any] = select(literal_column(f"({check})")).select_from(kept)
    with engine.connect() as connection:
        return bool(connection.scalar(query))


def test_a_new_column_in_the_clear_would_be_found() -> None:
    table = Table("summary", Base.metadata.__class__(), Column("hobby", String))

    with pytest.raises(AssertionError):
        test_whatever_is_not_sealed_is_on_the_list(table)


def test_a_word_in_a_column_of_days_would_be_found() -> None:
    table = Table("episode", Base.metadata.__class__(), Column("began_on", String))

    with pytest.raises((AssertionError, KeyError)):
        test_whatever_is_on_the_list_is_what_the_list_says(table)
