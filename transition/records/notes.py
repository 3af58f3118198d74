"""Notes about a case: a line after each visit or call. What stands here is never removed."""

from datetime import date

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from transition.records.beside import BesideRow
from transition.records.columns import Coded
from transition.records.sealing import Sealed
from transition.rules.beside import NoteKind, Sharing


class CaseNote(BesideRow):
    """One note. After a day it is not changed any more: another note corrects it."""

    __tablename__ = "case_note"
    __table_args__ = (UniqueConstraint("case_uid", "number", name="note_number_once"),)

    kind: Mapped[NoteKind] = mapped_column(Coded(NoteKind))
    sharing: Mapped[Sharing] = mapped_column(Coded(Sharing))
    happened_on: Mapped[date]
    corrects_uid: Mapped[bytes | None] = mapped_column(ForeignKey("case_note.uid"))

    words = Sealed.words("note.words")
