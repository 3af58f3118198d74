"""How the history of a case is told: each kind of entry in plain words, and who is told of it.

An organisation reads what its own people did. Of another's it reads what both share, and from the
day on which the case was first put to it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from transition.rules.words import Worded


class TellingKind(Worded):
    """What the history can be narrowed to."""

    CHANGES = "changes", "Changes"
    NOTES = "notes", "Notes"
    ANSWERS = "answers", "Questions and answers"
    LETTERS = "letters", "Letters"
    LOOKS = "access", "Who has looked at this"


class Telling(NamedTuple):
    """What is said of one kind of entry, and whether both hospices are told of it."""

    kind: TellingKind
    words: str
    shared: bool = False


CHANGES, NOTES, ANSWERS, LETTERS, LOOKS = TellingKind

TELLINGS: Final[Mapping[str, Telling]] = {
    "case:opened": Telling(CHANGES, "The transition was started"),
    "case:paused": Telling(CHANGES, "Paused", shared=True),
    "case:resumed": Telling(CHANGES, "Taken up again", shared=True),
    "case:expedited": Telling(CHANGES, "The path was shortened", shared=True),
    "case:steadied": Telling(CHANGES, "The ordinary path was taken up again", shared=True),
    "case:ended": Telling(CHANGES, "The transition ended", shared=True),
    "case:ending_undone": Telling(CHANGES, "The ending was undone", shared=True),
    "case:undoing_asked": Telling(CHANGES, "A first lead asked to undo the ending"),
    "case:reopened": Telling(CHANGES, "The transition was opened again", shared=True),
    "case:linked": Telling(CHANGES, "Linked with a brother or sister"),
    "case:unlinked": Telling(CHANGES, "No longer linked with a brother or sister"),
    "case:held": Telling(CHANGES, "Prompts are held for the family"),
    "case:hold_ended": Telling(CHANGES, "Prompts are no longer held for the family"),
    "case:hold_forgotten": Telling(CHANGES, "Prompts were held by mistake, and are not any more"),
    "ending:recorded": Telling(CHANGES, "An ending was recorded, for a second person to confirm"),
    "ending:confirmed": Telling(CHANGES, "The ending was confirmed by a second person"),
    "ending:taken_back": Telling(CHANGES, "The ending was taken back before it was confirmed"),
    "ending:changed": Telling(CHANGES, "What is known of the ending was changed"),
    "ending:looked_at": Telling(CHANGES, "The ending was looked at, and stands"),
    "ending:finished": Telling(CHANGES, "Nothing more is asked about the ending"),
    "stage:moved": Telling(CHANGES, "The stage changed", shared=True),
    "stage:undone": Telling(CHANGES, "The change of stage was undone", shared=True),
    "target:set": Telling(CHANGES, "The target date changed", shared=True),
    "sharing:recorded": Telling(CHANGES, "The basis for sharing was recorded"),
    "record:saved": Telling(CHANGES, "The record was changed"),
    "record:removed": Telling(CHANGES, "An entry was taken out of the record"),
    "record:confirmed": Telling(CHANGES, "A section of the record was confirmed"),
    "record:undone": Telling(CHANGES, "A change of the record was undone"),
    "birth:changed": Telling(CHANGES, "The date of birth was put right"),
    "number:recorded": Telling(CHANGES, "The NHS number was recorded"),
    "number:let_go": Telling(CHANGES, "The case is no longer found by its NHS number"),
    "worker:reassigned": Telling(CHANGES, "The young person was handed on to another named worker"),
    "pathway:renewed": Telling(CHANGES, "The milestones were brought up to date"),
    "milestone:recorded": Telling(CHANGES, "A milestone was recorded", shared=True),
    "milestone:reopened": Telling(CHANGES, "A milestone was put back on the list", shared=True),
    "milestone:snoozed": Telling(CHANGES, "A milestone was put off"),
    "milestone:woken": Telling(CHANGES, "A milestone is looked at again"),
    "milestone:added": Telling(CHANGES, "A milestone was added"),
    "milestone:changed": Telling(CHANGES, "A milestone of this case was changed"),
    "service:moved": Telling(CHANGES, "Another service of the hospice looks after them"),
    "service:recorded": Telling(CHANGES, "The services map was changed"),
    "need:opened": Telling(CHANGES, "An unmet need was recorded"),
    "need:closed": Telling(CHANGES, "An unmet need ended"),
    "need:reopened": Telling(CHANGES, "An unmet need was opened again"),
    "notice:sent": Telling(CHANGES, "An adult hospice was told early, without a name"),
    "notice:seen": Telling(CHANGES, "The early notice was seen", shared=True),
    "notice:taken_back": Telling(CHANGES, "The early notice was taken back"),
    "condition:recorded": Telling(ANSWERS, "A condition was recorded", shared=True),
    "visit:planned": Telling(CHANGES, "A joint visit was planned", shared=True),
    "visit:moved": Telling(CHANGES, "A joint visit was moved", shared=True),
    "visit:held": Telling(CHANGES, "A joint visit was held", shared=True),
    "visit:cancelled": Telling(CHANGES, "A joint visit did not happen", shared=True),
    "contact:recorded": Telling(CHANGES, "A contact after the transfer was recorded", shared=True),
    "contact:followed": Telling(CHANGES, "A missed contact was followed up", shared=True),
    "contact:taken_back": Telling(CHANGES, "A contact was taken back", shared=True),
    "settling:signed": Telling(CHANGES, "One hospice agreed", shared=True),
    "settling:unsigned": Telling(CHANGES, "One hospice took its word back", shared=True),
    "case:completed": Telling(CHANGES, "The transition was completed", shared=True),
    "case:returned": Telling(CHANGES, "The young person came back", shared=True),
    "settling:checked_in": Telling(CHANGES, "A check-in was recorded", shared=True),
    "settling:talked": Telling(CHANGES, "Both leads talked", shared=True),
    "settling:taken_back": Telling(CHANGES, "A check-in was taken back", shared=True),
    "support:checked_in": Telling(CHANGES, "It was asked how the support goes"),
    "support:talked": Telling(CHANGES, "Both leads talked about the support"),
    "support:taken_back": Telling(CHANGES, "What was said of the support was taken back"),
    "alert:set": Telling(CHANGES, "An alert was added", shared=True),
    "alert:reviewed": Telling(CHANGES, "An alert was reviewed", shared=True),
    "alert:ended": Telling(CHANGES, "An alert was ended", shared=True),
    "document:kept": Telling(CHANGES, "A document was listed", shared=True),
    "document:changed": Telling(CHANGES, "The entry of a document was changed", shared=True),
    "document:removed": Telling(CHANGES, "A document was taken off the list", shared=True),
    "document:put_back": Telling(CHANGES, "A document was put back on the list", shared=True),
    "draft:taken_over": Telling(CHANGES, "What a suspended colleague had begun was taken over"),
    "note:written": Telling(NOTES, "A note was written", shared=True),
    "note:changed": Telling(NOTES, "A note was changed", shared=True),
    "note:corrected": Telling(NOTES, "A note was corrected", shared=True),
    "handover:proposed": Telling(ANSWERS, "A handover was proposed", shared=True),
    "handover:asked": Telling(ANSWERS, "A question was asked", shared=True),
    "handover:told": Telling(ANSWERS, "A question was answered", shared=True),
    "handover:accepted": Telling(ANSWERS, "The handover was accepted", shared=True),
    "handover:declined": Telling(ANSWERS, "The handover was declined", shared=True),
    "handover:said": Telling(ANSWERS, "What the other hospice said by telephone", shared=True),
    "handover:unsaid": Telling(ANSWERS, "What was said by telephone was struck", shared=True),
    "handover:received": Telling(ANSWERS, "The pack was received", shared=True),
    "handover:withdrawn": Telling(ANSWERS, "The handover was withdrawn", shared=True),
    "handover:named": Telling(ANSWERS, "The adult named worker was named", shared=True),
    "handover:joint": Telling(CHANGES, "Both hospices look after them together", shared=True),
    "transfer:signed": Telling(CHANGES, "The transfer was signed", shared=True),
    "transfer:unsigned": Telling(CHANGES, "A signature of the transfer was lifted", shared=True),
    "transfer:switched": Telling(CHANGES, "Who leads has changed with the transfer", shared=True),
    "pack:sent": Telling(ANSWERS, "A new version of the pack was sent", shared=True),
    "handover:family": Telling(ANSWERS, "It was written down who told the family of the No"),
    "handover:disputed": Telling(ANSWERS, "Whether both leads talk about the No was chosen"),
    "handover:talked": Telling(ANSWERS, "Both leads talked about the No"),
    "handover:followed": Telling(ANSWERS, "The next step after a No was chosen"),
    "urgent:reviewed": Telling(CHANGES, "What was opened in an emergency was reviewed"),
    "letter:queued": Telling(LETTERS, "A letter was written"),
    "letter:sent": Telling(LETTERS, "A letter was sent"),
    "letter:failed": Telling(LETTERS, "A letter could not be sent"),
    "letter:cancelled": Telling(LETTERS, "A letter was cancelled"),
    "case:viewed": Telling(LOOKS, "Looked at the case"),
    "cases:found": Telling(LOOKS, "Found the case by a search"),
    "handover:read": Telling(LOOKS, "Read the pack"),
    "pack:read": Telling(LOOKS, "Marked a section of the pack as read"),
    "pack:unread": Telling(LOOKS, "Took back that a section was read"),
    "pack:printed": Telling(LOOKS, "Printed the pack"),
    "case:refused": Telling(LOOKS, "Asked for the case and was refused"),
    "form:altered": Telling(LOOKS, "Sent more than the form asks for, which was not taken"),
    "urgent:opened": Telling(LOOKS, "Opened the record in an emergency", shared=True),
    "urgent:ended": Telling(LOOKS, "What was open in an emergency was closed", shared=True),
    "trail:read": Telling(LOOKS, "Looked at what the trail holds of the case"),
    "trail:exported": Telling(LOOKS, "Took a copy of the trail of the case along"),
}
"""What is said of each kind of entry, and who else is told of it."""

OF_NO_CASE: Final[Mapping[str, str]] = {
    "absence:changed": "An absence was changed",
    "absence:ended": "An absence was ended early",
    "absence:recorded": "An absence was recorded",
    "capacity:set": "The usual number a month was set",
    "cases:compared": "Looked at young people who may be the same",
    "cases:listed": "Looked at the list of young people",
    "cases:searched": "Looked for a young person",
    "database:stamped": "The database was made",
    "demonstration:cases": "Invented cases were loaded",
    "demonstration:people": "Invented people were loaded",
    "digest:previewed": "Looked at the next digest",
    "draft:begun": "Something was begun to be written",
    "draft:ended": "Something begun was finished or thrown away",
    "draft:viewed": "Looked at something begun",
    "duty:moved": "A duty was handed on",
    "duty:named": "A duty was given",
    "handovers:listed": "Looked at the list of handovers",
    "invitation:cancelled": "An invitation was cancelled",
    "invitation:made": "Somebody was invited",
    "invitation:refused": "A link that opens no invitation was tried",
    "invitation:sent": "The link of an invitation was sent",
    "invitation:taken": "An invitation was taken",
    "letters:chosen": "Somebody chose what of their letters may wait",
    "needs:listed": "Looked at the list of unmet needs",
    "page:refused": "Tried to do what is not theirs to do",
    "people:refused": "Tried to change an account that was not theirs to change so",
    "person:reinstated": "Somebody was reinstated",
    "person:suspended": "Somebody was suspended",
    "role:agreed": "Agreed to a role that a colleague asked for",
    "role:asked": "Asked for a role to which another must agree",
    "role:declined": "Did not agree to a role that a colleague asked for",
    "role:ended": "A role was ended",
    "role:given": "A role was given",
    "password:changed": "Chose another password",
    "password:refused": "Did not know the password there was",
    "reset:asked": "Asked for a link, to choose another password",
    "reset:refused": "Used a link for another password that does not work",
    "reset:used": "Chose another password by a link",
    "second-step:app_added": "Added an app as a second step",
    "second-step:app_removed": "Removed the app that was a second step",
    "second-step:code_used": "Signed in with a recovery code",
    "second-step:codes_made": "Made new recovery codes",
    "second-step:passkey_added": "Added a passkey as a second step",
    "second-step:passkey_removed": "Removed a passkey that was a second step",
    "second-step:refused": "Could not show a second step",
    "second-step:replayed": "Showed a code a second time",
    "second-step:reset": "Took away a second step that a colleague had lost",
    "second-step:seen": "Saw a colleague who had lost their second step",
    "second-step:taken": "Showed a second step",
    "sign-in:alarm": "Too many wrong passwords within an hour",
    "sign-in:begun": "Signed in",
    "sign-in:dead": "Tried to come in with a sign-in that was ended",
    "sign-in:ended": "Signed out",
    "sign-in:half": "Showed the password, and not the second step yet",
    "sign-in:planted": "Signed in where a sign-in lay that nobody had handed out",
    "sign-in:refused": "Could not sign in",
    "staff:left": "Somebody's access ended",
    "staff:returned": "Somebody was given their access back",
    "urgent:listed": "Looked at what was opened in an emergency",
    "urgent:refused": "Asked for a record in an emergency, and none was meant so",
    "today:viewed": "Looked at what is due today",
    "upcoming:listed": "Looked at who moves when",
    "work-account:linked": "A work account was linked",
    "work-account:refused": "A work account let nobody in",
    "work-account:shown": "Showed a work account",
    "work-account:unlinked": "A work account is linked no longer",
}
"""What the trail says of people and machines, and of no case alone; no history tells it."""

OTHERWISE: Final = Telling(CHANGES, "Something else was changed")
"""What is said of an entry that an older version of the tracker wrote."""

LOOKED: Final = frozenset(name for name, one in TELLINGS.items() if one.kind is LOOKS)
"""The entries that tell of reading alone: there are many, so they are shown apart."""


def telling_of(action: str) -> Telling:
    """Return what is said of an entry."""
    return TELLINGS.get(action, OTHERWISE)


def words_of_entry(action: str) -> str:
    """Return what is said of an entry, whether it is about a case or not."""
    return OF_NO_CASE.get(action) or telling_of(action).words


class Reader(NamedTuple):
    """Who reads a history: their organisation, whether the case is its own, and since when."""

    organisation: str
    owns: bool
    since: datetime | None = None
    """When the case was first put to it, where it is another's."""


def is_told(reader: Reader, action: str, organisation: str, at: datetime) -> bool:
    """Return whether a reader is told of an entry of an organisation's.

    The organisation whose case it is learns who has looked, whoever it was, and of its letters
    from the timetable too, which belongs to nobody.
    """
    if organisation == reader.organisation:
        return True
    telling = telling_of(action)
    if reader.owns:
        return telling.shared or telling.kind is LOOKS or not organisation
    return telling.shared and reader.since is not None and at >= reader.since
