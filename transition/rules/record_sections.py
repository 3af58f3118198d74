"""The sections of the case record and what each asks, as one declared table.

Forms, pages, prints, packs and the history of changes are all made from it.
Source: domain 5.1 and 5.3 to 5.8.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from transition.rules.handovers import SharingBasis
from transition.rules.record import NOT_TO_BE_TOLD, Field, Kind, Section, Value, first_to_call

YES_NO: Final = {"yes": "Yes", "no": "No", "not_recorded": "Not known yet"}
LEVELS: Final = {"none": "None", "some": "Some", "complex": "Complex"}
TRAINED: Final = {
    "not_used": "Not used",
    "trained": "Used: the receiver is trained",
    "being_trained": "Used: the receiver is being trained",
    "not_trained": "Used: the receiver is not trained yet",
}
GROUPS: Final = {
    "1": "Group 1: treatment may cure it, and can fail",
    "2": "Group 2: long treatment may prolong life",
    "3": "Group 3: progressive, without a cure",
    "4": "Group 4: not progressive, with severe disability",
}
ETHNIC_GROUPS: Final = {
    "A": "White: British",
    "B": "White: Irish",
    "C": "White: any other",
    "D": "Mixed: White and Black Caribbean",
    "E": "Mixed: White and Black African",
    "F": "Mixed: White and Asian",
    "G": "Mixed: any other",
    "H": "Asian: Indian",
    "J": "Asian: Pakistani",
    "K": "Asian: Bangladeshi",
    "L": "Asian: any other",
    "M": "Black: Caribbean",
    "N": "Black: African",
    "P": "Black: any other",
    "R": "Chinese",
    "S": "Any other ethnic group",
    "Z": "Not stated",
}
"""Source: NHS data dictionary, ETHNIC CATEGORY."""

POSTCODE: Final = r"(?i)[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}"
TELEPHONE: Final = r"\+?[0-9() \u2010\u2011-]{5,25}"
E_MAIL: Final = r"[^@\s]+@[^@\s]+\.[^@\s]+"
ODS: Final = r"[A-Z0-9]{3,10}"
"""Source: domain 5.1; the forms of these codes changed in 2020, so little is asked of them."""

DOMAINS: Final = {
    "breathing": "Breathing",
    "airway": "Airway",
    "feeding": "Eating, drinking and feeding",
    "seizures": "Seizures",
    "pain": "Pain and symptoms",
    "mobility": "Mobility and posture",
    "skin": "Skin",
    "continence": "Continence",
    "sleep": "Sleep",
    "behaviour": "Behaviour and distress",
    "mental_health": "Mental health",
    "sensory": "Seeing, hearing and feeling",
    "medicines": "Medicines",
}
TECHNICAL_CARE: Final = {
    "tracheostomy": "Tracheostomy",
    "invasive_ventilation": "Ventilation by tracheostomy",
    "mask_ventilation": "Ventilation by mask",
    "cough_assist": "Cough assist",
    "suction": "Suction",
    "oxygen": "Oxygen",
    "gastrostomy": "Gastrostomy or jejunostomy",
    "parenteral_nutrition": "Feeding into a vein",
    "central_line": "Central line",
    "baclofen_pump": "Baclofen pump",
    "vns": "Vagus nerve stimulator",
    "dialysis": "Dialysis",
}
ORDERS: Final = {
    "0": "Not somebody to call first",
    "1": "Call first",
    "2": "Call second",
    "3": "Call third",
    "4": "Call fourth",
    "5": "Call fifth",
}
MAY_BE_TOLD: Final = {
    "all": "Everything",
    "practical": "Practical things only",
    NOT_TO_BE_TOLD: "Nothing",
}
DECISIONS: Final = {
    "sharing": "Sharing the record",
    "move": "The move to adult care",
    "treatment_plan": "A treatment plan",
    "accommodation": "Where to live",
    "finances": "Money",
}


def _line(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - any of a field's
    return Field(name=name, label=label, **more)


def _lines(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - any of a field's
    return Field(name=name, label=label, kind=Kind.LINES, **{"most": 500, **more})


def _day(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - any of a field's
    return Field(name=name, label=label, kind=Kind.DAY, **more)


def _choice(name: str, label: str, choices: Mapping[str, str], **more: Any) -> Field:  # noqa: ANN401 - any of a field's
    return Field(name=name, label=label, kind=Kind.CHOICE, choices=choices, **more)


def _choices(name: str, label: str, choices: Mapping[str, str], **more: Any) -> Field:  # noqa: ANN401 - any of a field's
    return Field(name=name, label=label, kind=Kind.CHOICES, choices=choices, **more)


def _number(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - any of a field's
    return Field(name=name, label=label, kind=Kind.NUMBER, **more)


def _three_way(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - any of a field's
    needed = f"Say yes, no or not known yet: {label.rstrip('?')}"
    return _choice(name, label, YES_NO, needed=needed, **more)


def _telephone(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - any of a field's
    refusal = f"{label} must be a telephone number, like 07700 900123"
    return _line(name, label, most=30, pattern=TELEPHONE, refusal=refusal, **more)


def _e_mail(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - any of a field's
    refusal = f"{label} must be an address, like name@example.org"
    return _line(name, label, most=120, pattern=E_MAIL, refusal=refusal, **more)


WHAT_MATTERS_WORDS: Final = (
    _lines(
        "about_me",
        "What matters to me",
        most=1500,
        proposal=True,
        needed="Write what matters to them, in their words if you can",
        hint="Their own words if you can. This stands first, everywhere",
    ),
    _lines("good_day", "A good day"),
    _lines("bad_day", "A bad day"),
    _lines("people_who_matter", "People who matter to me"),
    _lines("things_i_love", "Things I love"),
    _lines("please_dont", "Please do not"),
    _lines("goals_next_year", "What I want to do in the next year"),
    _lines("worries_about_moving", "What worries me about moving"),
)

WHAT_MATTERS: Final = Section(
    key="what-matters",
    title="What matters to me",
    noun="summary",
    months=12,
    fields=(
        *WHAT_MATTERS_WORDS,
        _choice(
            "written_by",
            "Who wrote this?",
            {
                "young_person": "The young person",
                "with_help": "The young person, with help",
                "by_others": "Somebody who knows them well",
            },
            needed="Say who wrote this",
        ),
        _day("written_on", "Written on", past=True),
        _choices(
            "not_to_tell",
            "Leave out of the family's print",
            {one.name: one.label for one in WHAT_MATTERS_WORDS},
            receiver=False,
            family=False,
            hint="What the family is not to read. Nothing there shows that it is missing",
        ),
    ),
)

COMMUNICATION: Final = Section(
    key="communication",
    title="How to talk with me",
    noun="summary",
    months=12,
    fields=(
        _lines(
            "how_i_communicate",
            "How I communicate",
            proposal=True,
            needed="Write how they communicate",
        ),
        _lines("how_i_say_yes_no", "How I say yes and no", proposal=True),
        _lines("how_i_show_pain", "How I show pain", proposal=True),
        _line("best_time_and_place", "Best time and place", most=120),
        _choices(
            "aids",
            "What I use",
            {
                "eye_gaze": "Eye-gaze device",
                "switch": "Switch",
                "symbols": "Symbols",
                "makaton": "Makaton",
                "bsl": "British Sign Language",
            },
        ),
        _choices(
            "format_needed",
            "How I need to get information",
            {
                "easy_read": "Easy read",
                "large_print": "Large print",
                "audio": "Audio",
                "translated": "Translated",
            },
        ),
        _lines("reasonable_adjustments", "Reasonable adjustments"),
    ),
)

IDENTITY: Final = Section(
    key="identity",
    title="Who I am",
    noun="young_person",
    fields=(
        _line("given_name", "First name", needed="Enter their first name"),
        _line("family_name", "Last name", needed="Enter their last name"),
        _line("known_as", "Likes to be called", most=40),
        _line("pronouns", "Pronouns", most=30, hint="For example, she/her"),
        _line("first_language", "First language", needed="Enter their first language"),
        _three_way("interpreter_needed", "Is an interpreter needed?"),
        _choice(
            "sex_recorded",
            "Sex as recorded",
            {
                "female": "Female",
                "male": "Male",
                "indeterminate": "Indeterminate",
                "not_stated": "Not stated",
            },
        ),
        _line("gender_identity", "Gender identity", most=60),
        _choice("ethnic_group", "Ethnic group", ETHNIC_GROUPS, receiver=False),
        _line("religion_or_belief", "Religion or belief"),
        _line("hospice_number", "Number at the children's hospice", most=20, family=False),
    ),
)

HOME: Final = Section(
    key="home",
    title="Home and telephone",
    noun="young_person",
    months=6,
    fields=(
        _three_way(
            "address_confidential",
            "Is the address confidential?",
            receiver=False,
            family=False,
            hint="If it is, no other organisation, print or pack shows it",
        ),
        _lines("address", "Address", most=300),
        _line(
            "postcode",
            "Postcode",
            most=10,
            pattern=POSTCODE,
            refusal="Postcode must be a real one, like ZZ99 9ZZ",
        ),
        _telephone("phone", "Telephone"),
        _e_mail("email", "E-mail"),
        _choice(
            "looked_after_status",
            "Looked after by a local authority?",
            {
                "none": "No",
                "section_20": "Yes, by agreement (section 20)",
                "care_order": "Yes, by a care order",
                "care_leaver": "A care leaver",
            },
            family=False,
        ),
        _line(
            "responsible_authority",
            "Local authority with parental responsibility",
            family=False,
        ),
    ),
)

GP: Final = Section(
    key="gp",
    title="GP practice",
    noun="young_person",
    months=12,
    fields=(
        _line(
            "gp_practice_name",
            "GP practice",
            proposal=True,
            needed="Enter the GP practice",
        ),
        _line(
            "gp_ods",
            "Practice code",
            most=10,
            pattern=ODS,
            refusal="Practice code must be 3 to 10 capital letters and figures, like J82155",
        ),
    ),
)

HEALTH: Final = Section(
    key="health",
    title="Health in short",
    noun="summary",
    months=6,
    lead="Short on purpose: this points to the clinical record and does not copy it.",
    fields=(
        _line(
            "primary_condition",
            "Condition",
            most=120,
            proposal=True,
            needed="Write their condition",
        ),
        _number("condition_group", "Condition group", choices=GROUPS, proposal=True),
        _lines("other_conditions", "Other conditions"),
        _lines(
            "allergies",
            "Allergies",
            proposal=True,
            needed="Write their allergies, or “none known”",
            hint="“None known” is an answer; empty is not",
        ),
        _choice(
            "stability",
            "How health is now",
            {
                "stable": "Stable",
                "changing": "Changing",
                "deteriorating": "Getting worse",
                "end_of_life": "Near the end of life",
            },
            proposal=True,
            family=False,
        ),
        _day("stability_on", "Said on", past=True, family=False),
        _line("stability_by", "Said by", family=False),
        _line(
            "medicines_source",
            "Where the list of medicines is",
            most=120,
            proposal=True,
            hint="The list itself is not copied here: an old copy is dangerous",
        ),
        _day("medicines_on", "That list is dated", past=True),
        _number("recent_admissions", "Hospital stays in the last 12 months"),
        _day("last_admission_on", "Last hospital stay", past=True),
    ),
)

NEEDS: Final = Section(
    key="needs",
    title="Care needs",
    noun="care_needs",
    months=6,
    fields=tuple(
        one
        for name, label in DOMAINS.items()
        for one in (
            _choice(f"needs_{name}", label, LEVELS, proposal=True, needed=f"{label}: choose one"),
            _lines(f"needs_{name}_words", f"{label}: what helps"),
        )
    ),
)

EQUIPMENT: Final = Section(
    key="equipment",
    title="Technical care",
    noun="care_needs",
    months=6,
    fields=(
        *(
            _choice(f"uses_{name}", label, TRAINED, proposal=True, needed=f"{label}: choose one")
            for name, label in TECHNICAL_CARE.items()
        ),
        _lines("uses_other", "Other, and who is trained", most=300),
    ),
)

SHARING: Final = Section(
    key="sharing",
    title="Sharing",
    noun="summary",
    months=12,
    family=False,
    lead="Asked again at each review. An objection is honoured.",
    fields=(
        _choice(
            "sharing_basis",
            "Has sharing been agreed?",
            {one.value: one.label for one in SharingBasis},
            noun="case",
            needed="Say whether sharing has been agreed",
            family=False,
        ),
        _lines(
            "sharing_limits",
            "What must not be told, and to whom",
            hint="For example: not to school. It stands on every page of this case",
            with_answer=("sharing_basis", SharingBasis.AGREED_LIMITED.value),
            then="Write what must not be told, and to whom",
            family=False,
        ),
        _choice(
            "involve_parents",
            "How much should parents be involved?",
            {
                "as_much_as_now": "As much as now",
                "some_things": "In some things",
                "ask_me": "Ask me each time",
                "not": "Not",
            },
            family=False,
        ),
    ),
)

PROTECTION: Final = Section(
    key="protection",
    title="Safeguarding and restrictions",
    noun="summary",
    months=12,
    family=False,
    lead="A marker only, and where to ask. Never what it is about.",
    fields=(
        _choice(
            "safeguarding_marker",
            "Safeguarding",
            {
                "none": "None",
                "childrens_record": "See the children's record",
                "adult_record": "See the adult record",
            },
            needed="Say whether there is a safeguarding marker",
        ),
        _choice(
            "restrictions",
            "Restrictions of liberty",
            {
                "none": "None",
                "needed": "An authorisation is needed",
                "in_force": "An authorisation is in force",
            },
            needed="Say whether there are restrictions",
        ),
    ),
)

CARE_PLAN: Final = Section(
    key="care-plan",
    title="Advance care plan",
    noun="advance_care_plan",
    months=12,
    family=False,
    lead="Check the original document. This says where it is, and is not it.",
    fields=(
        _choice(
            "acp_status",
            "Advance care plan",
            {
                "not_discussed": "Not discussed",
                "offered_not_now": "Offered; not now",
                "declined": "Not wanted",
                "in_progress": "Being written",
                "in_place": "In place",
                "needs_review": "Needs to be looked at again",
            },
            proposal=True,
            needed="Say how the advance care plan stands",
        ),
        _choice(
            "acp_form",
            "Which form",
            {
                "cypacp": "CYPACP",
                "respect": "ReSPECT",
                "tep": "Treatment escalation plan",
                "adult_form": "Local adult form",
                "other": "Another",
            },
        ),
        _day("acp_date", "Dated", past=True),
        _day("acp_review_due", "To be reviewed by"),
        _line("acp_location", "Where the original is", most=120),
        _choice(
            "resus_decision_recorded",
            "Is a decision about resuscitation recorded?",
            {"yes_see_original": "Yes: see the original", "no": "No"},
            hint="Check the original document",
        ),
        _line("emergency_plan_location", "Where the emergency plan is", most=120),
        _choice(
            "preferred_place_of_care",
            "Where they want to be cared for",
            {
                "not_asked": "Not asked",
                "not_said": "Does not wish to say",
                "on_the_plan": "Written on the plan",
            },
        ),
        _choice(
            "preferred_place_of_death",
            "Where they want to be at the end of life",
            {
                "not_asked": "Not asked",
                "not_said": "Does not wish to say",
                "on_the_plan": "Written on the plan",
            },
        ),
        _choices(
            "shared_with",
            "Who has the plan",
            {
                "gp": "GP",
                "ambulance": "Ambulance service",
                "out_of_hours": "Out-of-hours service",
                "hospital": "Hospital",
                "school": "School",
            },
        ),
        _day("adult_form_done_on", "Adult form written on", past=True),
    ),
)

CONTACTS: Final = Section(
    key="contacts",
    title="People",
    noun="contact",
    one="person",
    months=6,
    fields=(
        _line("name", "Name", needed="Enter their name"),
        _line("relationship", "Who they are to the young person", needed="Say who they are"),
        _choice(
            "role_code",
            "In what role",
            {
                "family": "Family",
                "carer": "Foster carer or other carer",
                "friend": "Friend",
                "professional": "Professional",
            },
            needed="Say in what role",
        ),
        _line("organisation", "Organisation"),
        _telephone("phone", "Telephone"),
        _telephone("other_phone", "Other telephone"),
        _e_mail("email", "E-mail"),
        _lines("address", "Address", most=300),
        _number("emergency_order", "In an emergency", choices=ORDERS, needed="Say when to call"),
        _choice(
            "may_be_told",
            "What may they be told?",
            MAY_BE_TOLD,
            needed="Say what they may be told",
            family=False,
        ),
        _three_way("has_pr", "Do they hold parental responsibility?", family=False),
        _three_way("is_main_carer", "Are they the main carer?"),
        _choice(
            "preferred_contact",
            "Best way to reach them",
            {
                "telephone": "Telephone",
                "text": "Text message",
                "e_mail": "E-mail",
                "letter": "Letter",
            },
        ),
        _line("best_time", "Best time", most=60),
        _choices(
            "do_not",
            "Do not",
            {"voicemail": "Leave a voice message", "letter_home": "Write to the home"},
            family=False,
        ),
        _line("interpreter", "Interpreter or format they need"),
        _choice(
            "own_needs",
            "Carer's assessment",
            {
                "not_offered": "Not offered yet",
                "offered": "Offered",
                "declined": "Not wanted",
                "done": "Done",
            },
            receiver=False,
            family=False,
        ),
        _three_way("is_young_carer", "Are they a young carer?", family=False),
        _three_way("bereaved", "Have they been bereaved?", family=False),
    ),
)

CAPACITY: Final = Section(
    key="capacity",
    title="Capacity, decision by decision",
    noun="capacity_record",
    one="capacity record",
    family=False,
    lead="Capacity is asked of one decision at a time. There is no answer for all of them.",
    fields=(
        _choice("decision", "Which decision", DECISIONS, needed="Say which decision it is about"),
        _choice(
            "outcome",
            "What was found",
            {
                "has": "Has capacity for this decision",
                "lacks": "Lacks capacity for this decision",
                "fluctuates": "It comes and goes",
                "not_assessed": "Not yet assessed",
            },
            needed="Say what was found",
        ),
        _day("assessed_on", "Assessed on", past=True),
        _line("assessor", "Assessed by"),
        _day("review_on", "Look at it again on"),
        _lines(
            "parents_view",
            "What the parents think",
            hint="Written down apart. The decision of somebody with capacity stands",
        ),
        _lines("capacity_note", "Note"),
    ),
)

BEST_INTERESTS: Final = Section(
    key="best-interests",
    title="Best-interests decisions",
    noun="best_interests_record",
    one="best-interests decision",
    family=False,
    fields=(
        _choice("decision", "Which decision", DECISIONS, needed="Say which decision it is about"),
        _day("decided_on", "Decided on", past=True),
        _lines("who_took_part", "Who took part", needed="Say who took part"),
        _lines(
            "parents_view",
            "What the parents think",
            hint="Written down apart from the decision, whether or not they agree",
        ),
        _lines("best_interests_outcome", "What was decided", needed="Write what was decided"),
    ),
)

LEGAL_ROLES: Final = Section(
    key="legal-roles",
    title="Legal roles",
    noun="legal_role",
    one="legal role",
    months=12,
    family=False,
    fields=(
        _choice(
            "role",
            "Role",
            {
                "pr_holder": "Holder of parental responsibility",
                "court_order": "Court order",
                "deputy_welfare": "Deputy for health and welfare",
                "deputy_property": "Deputy for property and affairs",
                "lpa_welfare": "Lasting power of attorney, health and welfare",
                "lpa_property": "Lasting power of attorney, property and affairs",
                "appointee": "Appointee for benefits",
                "imca": "Independent mental capacity advocate",
                "advocate": "Advocate",
            },
            needed="Say which role it is",
        ),
        _line("held_by", "Held by"),
        _choice(
            "status",
            "How it stands",
            {
                "none": "None",
                "discussed": "Discussed",
                "applied": "Applied for",
                "in_force": "In force",
            },
            needed="Say how it stands",
        ),
        _day("role_from", "From"),
        _day("role_until", "Until"),
        _three_way("document_seen", "Has the document been seen?"),
        _lines("role_note", "What it says, in short", most=300),
    ),
)

SECTIONS: Final[Mapping[str, Section]] = {
    one.key: one
    for one in (
        WHAT_MATTERS,
        COMMUNICATION,
        CONTACTS,
        HEALTH,
        NEEDS,
        EQUIPMENT,
        SHARING,
        CAPACITY,
        BEST_INTERESTS,
        LEGAL_ROLES,
        CARE_PLAN,
        PROTECTION,
        IDENTITY,
        HOME,
        GP,
    )
}
"""Every section, in the order in which the record is read."""

LABELS: Final[Mapping[str, str]] = {
    one.name: one.label for section in SECTIONS.values() for one in section.fields
}
"""What a screen says for a field's name, in the history of changes."""


MEDICINES_FOR: Final = timedelta(days=14)
"""How old the list of medicines may be that a pack points to. Source: domain 5.3."""


class Missing(NamedTuple):
    """What the record lacks in one place, and which: a section's key, or the NHS number."""

    where: str
    words: str


NUMBER: Final = "number"
"""The place where an NHS number is entered, which is no section."""


def missing_at_proposal(
    values: Mapping[str, Value],
    people: Iterable[Mapping[str, Value]],
    today: date,
    *,
    numbered: bool,
) -> tuple[Missing, ...]:
    """Return what the record lacks before a handover is proposed, by the place to write it.

    *numbered* says that there is an NHS number, or a reason why there is none.
    """
    missing = []
    for section in SECTIONS.values():
        asked = [one for one in section.fields if one.proposal]
        empty = [one.label for one in asked if values.get(one.name) in (None, "")]
        if empty:
            all_of_them = len(empty) == len(asked)
            words = "nothing is written yet" if all_of_them else ", ".join(empty)
            missing.append(Missing(section.key, f"{section.title}: {words}"))
    dated = values.get("medicines_on")
    if values.get("medicines_source") and (dated is None or dated + MEDICINES_FOR < today):
        words = "the list of medicines must be dated within the last 14 days"
        missing.append(Missing(HEALTH.key, f"{HEALTH.title}: {words}"))
    if not first_to_call(people):
        missing.append(Missing(CONTACTS.key, "People: nobody is named to call in an emergency"))
    if not numbered:
        missing.append(Missing(NUMBER, "NHS number: enter it, or say why there is none"))
    return tuple(missing)
