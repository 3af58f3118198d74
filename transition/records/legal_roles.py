"""Who may decide for somebody in law, and how far that has come."""

from transition.records.entries import Entry
from transition.records.sealing import Sealed


class LegalRole(Entry):
    """One role."""

    __tablename__ = "legal_role"

    role = Sealed.text("legal_role.role", bucket=32)
    held_by = Sealed.text("legal_role.held_by")
    status = Sealed.text("legal_role.status", bucket=32)
    role_from = Sealed.day("legal_role.role_from")
    role_until = Sealed.day("legal_role.role_until")
    document_seen = Sealed.text("legal_role.document_seen", bucket=32)
    role_note = Sealed.text("legal_role.role_note")
