"""Documents about a young person: what they are and where they are held, never the documents."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from transition.records.beside import BesideRow
from transition.records.columns import Coded, UtcDateTime
from transition.records.sealing import Sealed
from transition.rules.beside import DocumentKind, Sharing


class CaseDocument(BesideRow):
    """One document: a link or a place, its date, and who has confirmed that it is the one."""

    __tablename__ = "case_document"
    __table_args__ = (UniqueConstraint("case_uid", "number", name="document_number_once"),)

    kind: Mapped[DocumentKind] = mapped_column(Coded(DocumentKind))
    sharing: Mapped[Sharing] = mapped_column(Coded(Sharing))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    title = Sealed.words("document.title")
    link = Sealed.text("document.link")
    place = Sealed.text("document.place")
    dated = Sealed.day("document.dated")
    confirmed_by = Sealed.text("document.confirmed_by")
