"""Every kind of row, for what must know them all: migrations and house tests."""

from transition.records import (
    anchors,
    audit,
    cases,
    digests,
    drafts,
    handovers,
    histories,
    keys,
    ledger,
    milestones,
    outbox,
    sign_ins,
    staff,
    stamp,
    summaries,
    young_people,
)

NOUNS = (
    anchors,
    audit,
    cases,
    digests,
    drafts,
    handovers,
    histories,
    keys,
    ledger,
    milestones,
    outbox,
    sign_ins,
    staff,
    stamp,
    summaries,
    young_people,
)
