"""A number for each organisation that moves with every change of a case it has a part in.

What was reckoned from an organisation's cases holds for as long as the number stands still.
"""

from sqlalchemy.orm import Mapped, mapped_column

from transition.records.base import Base


class ChangeNumber(Base):
    """How many pieces of work have changed cases of one organisation."""

    __tablename__ = "change_number"

    organisation: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
