"""The people around a young person: how to reach them, and what each may be told."""

from transition.records.entries import Entry
from transition.records.sealing import Sealed


class Contact(Entry):
    """One person."""

    __tablename__ = "contact"

    name = Sealed.text("contact.name")
    relationship = Sealed.text("contact.relationship")
    role_code = Sealed.text("contact.role_code", bucket=32)
    organisation = Sealed.text("contact.organisation")
    phone = Sealed.text("contact.phone")
    other_phone = Sealed.text("contact.other_phone")
    email = Sealed.text("contact.email")
    address = Sealed.text("contact.address")
    emergency_order: Sealed[int | None] = Sealed.json("contact.emergency_order")
    may_be_told = Sealed.text("contact.may_be_told", bucket=32)
    has_pr = Sealed.text("contact.has_pr", bucket=32)
    is_main_carer = Sealed.text("contact.is_main_carer", bucket=32)
    preferred_contact = Sealed.text("contact.preferred_contact", bucket=32)
    best_time = Sealed.text("contact.best_time")
    do_not: Sealed[list[str] | None] = Sealed.json("contact.do_not")
    interpreter = Sealed.text("contact.interpreter")
    own_needs = Sealed.text("contact.own_needs", bucket=32)
    is_young_carer = Sealed.text("contact.is_young_carer", bucket=32)
    bereaved = Sealed.text("contact.bereaved", bucket=32)
