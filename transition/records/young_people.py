"""Young people: who they are. Every column is sealed, and no letter can reach this module."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from transition.records.base import Versioned
from transition.records.columns import Uid
from transition.records.sealing import Sealed, SealedRow


class YoungPerson(Versioned, SealedRow):
    """Who a case is about."""

    __tablename__ = "young_person"

    # The case whose key seals this row. No foreign key: the case points here already.
    case_uid: Mapped[bytes] = mapped_column(Uid, index=True)

    given_name = Sealed.words("young_person.given_name")
    family_name = Sealed.words("young_person.family_name")
    known_as = Sealed.text("young_person.known_as")
    pronouns = Sealed.text("young_person.pronouns")
    nhs_number = Sealed.text("young_person.nhs_number")
    first_language = Sealed.text("young_person.first_language")
    interpreter_needed = Sealed.text("young_person.interpreter_needed", bucket=32)
    sex_recorded = Sealed.text("young_person.sex_recorded", bucket=32)
    gender_identity = Sealed.text("young_person.gender_identity")
    ethnic_group = Sealed.text("young_person.ethnic_group", bucket=32)
    religion_or_belief = Sealed.text("young_person.religion_or_belief")
    hospice_number = Sealed.text("young_person.hospice_number")
    address_confidential = Sealed.text("young_person.address_confidential", bucket=32)
    address = Sealed.text("young_person.address")
    postcode = Sealed.text("young_person.postcode")
    phone = Sealed.text("young_person.phone")
    email = Sealed.text("young_person.email")
    looked_after_status = Sealed.text("young_person.looked_after_status", bucket=32)
    responsible_authority = Sealed.text("young_person.responsible_authority")
    gp_practice_name = Sealed.text("young_person.gp_practice_name")
    gp_ods = Sealed.text("young_person.gp_ods")

    @property
    def address_is_kept(self) -> bool:
        """Whether nobody else is told where they live: so it is until somebody has said no."""
        return self.address_confidential != "no"

    @property
    def called(self) -> str:
        """The name to call them by."""
        return self.known_as or self.given_name

    @property
    def full_name(self) -> str:
        """The name in full, as it was given."""
        return f"{self.given_name} {self.family_name}"

    @property
    def shown_name(self) -> str:
        """The name on the screen: what they like to be called, and the family name."""
        return f"{self.called} {self.family_name}"


def people_of(session: Session, case_uids: Collection[bytes]) -> dict[bytes, YoungPerson]:
    """Return whom each of these cases is about, by the number of the case that seals them."""
    query = select(YoungPerson).where(YoungPerson.case_uid.in_(case_uids))
    return {person.case_uid: person for person in session.scalars(query)}


def young_person_of(session: Session, young_person_uid: bytes) -> YoungPerson:
    """Return the young person with the number *young_person_uid*."""
    return session.scalars(select(YoungPerson).where(YoungPerson.uid == young_person_uid)).one()
