"""Sealed fields: a plain attribute to the reader, a sealed value in the database.

A field is bound to its label, its row and its case: a value that is moved to another row, column or
case does not open. Setting one marks it; it is sealed when the row is written, because only then is
every key known; it is opened when it is first read.
"""

from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, cast, overload

from sqlalchemy import Boolean, CheckConstraint, ColumnElement, Connection, event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column, object_session
from sqlalchemy.sql.compiler import SQLCompiler

from transition.records.base import Base, Versioned
from transition.records.columns import SealedBytes, Uid, new_uid
from transition.records.keys import NOBODY, vault_of
from transition.security.fields import CaseCipher, FieldType, SealedField

if TYPE_CHECKING:
    from datetime import date

T = TypeVar("T")

Json = dict[str, Any] | list[Any]

SHORTEST_TOKEN: Final = 64
"""Bytes of the shortest sealed value there can be."""

LOOKS_SEALED: Final = {
    "sqlite": "{0} IS NULL OR (length({0}) >= {1} AND hex(substr({0}, 1, 1)) = 'E1')",
    "postgresql": "{0} IS NULL OR (length({0}) >= {1} AND get_byte({0}, 0) = 225)",
}
"""Whatever writes to the database, a sealed column takes nothing that does not look sealed."""

LABELS: dict[str, str] = {}
"""Every label and the class that declares it. A label is for ever: a renamed column keeps it."""


class LooksSealed(ColumnElement[bool]):
    """The condition that a column holds nothing, or what looks like a sealed value."""

    type = Boolean()

    def __init__(self, name: str) -> None:
        self.name = name


@compiles(LooksSealed)
def _in_words(condition: LooksSealed, compiler: SQLCompiler, **_: object) -> str:
    return LOOKS_SEALED[compiler.dialect.name].format(condition.name, SHORTEST_TOKEN)


class Unsealed:
    """A value that waits for its row to be written. It never shows what it holds."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:  # noqa: ANN401 - any field's value
        self.value = value

    def __repr__(self) -> str:
        """Return words that tell nothing of the value."""
        return "<Unsealed>"


class Sealed(Generic[T]):
    """A field that is kept sealed under the key of the row's case."""

    def __init__(self, label: str, kind: FieldType, *, bucket: int = 0) -> None:
        self.field = SealedField(label, kind, bucket)
        self.column = ""

    @classmethod
    def text(cls, label: str, *, bucket: int = 0) -> "Sealed[str | None]":
        """Return a field for words; *bucket* hides which of a short list of words it is."""
        return Sealed(label, FieldType.TEXT, bucket=bucket)

    @classmethod
    def words(cls, label: str) -> "Sealed[str]":
        """Return a field for words that are always there."""
        return Sealed(label, FieldType.TEXT)

    @classmethod
    def day(cls, label: str) -> "Sealed[date | None]":
        """Return a field for a day."""
        return Sealed(label, FieldType.DATE)

    @classmethod
    def json(cls, label: str) -> "Sealed[Any]":
        """Return a field for a list or mapping, which is replaced and never changed in place."""
        return Sealed(label, FieldType.JSON)

    def __set_name__(self, owner: type["SealedRow"], name: str) -> None:
        """Give the row its column, which the database checks too."""
        self.column = f"_{name}"
        LABELS[self.field.label] = owner.__name__
        check = CheckConstraint(LooksSealed(name), name=f"{name}_is_sealed")
        setattr(owner, self.column, mapped_column(name, SealedBytes, check, nullable=True))

    @overload
    def __get__(self, row: None, owner: type[object]) -> Self: ...

    @overload
    def __get__(self, row: "SealedRow", owner: type[object]) -> T: ...

    def __get__(self, row: "SealedRow | None", owner: type[object]) -> Self | T:
        """Return the opened value, or None where nothing was recorded."""
        if row is None:
            return self
        kept = getattr(row, self.column)
        if kept is None:
            return cast("T", None)
        if isinstance(kept, Unsealed):
            return cast("T", kept.value)
        # A refreshed token is another object, so what is remembered can never be stale.
        opened = row.__dict__.get(f"_opened{self.column}")
        if opened is None or opened[0] is not kept:
            opened = (kept, self._open(row, kept))
            row.__dict__[f"_opened{self.column}"] = opened
        return cast("T", opened[1])

    def __set__(self, row: "SealedRow", value: T) -> None:
        """Mark *value* to be sealed; writing what stands there already changes nothing."""
        if value is None:
            setattr(row, self.column, None)
        elif getattr(row, self.column) is None or self.__get__(row, type(row)) != value:
            setattr(row, self.column, Unsealed(value))

    def __eq__(self, other: object) -> bool:
        """Refuse to be compared, or a query would silently find nothing."""
        raise TypeError(f"{self.field.label} is sealed: the database cannot compare it.")

    def __hash__(self) -> int:
        """Return the hash of the label."""
        return hash(self.field.label)

    def _open(self, row: "SealedRow", token: bytes) -> Any:  # noqa: ANN401 - any field's value
        return self.open_token(cipher_of(row), token, case_uid=row.case_uid, row_uid=row.uid)

    def open_token(
        self, cipher: CaseCipher, token: bytes, *, case_uid: bytes, row_uid: bytes
    ) -> Any:  # noqa: ANN401 - any field's value
        """Return what *token*, read as a plain row, says; for lists that build no objects."""
        return cipher.open(token, self.field, case_uid, row_uid)

    def seal_into(self, row: "SealedRow", cipher: CaseCipher) -> None:
        """Replace what waits in *row* by its sealed value."""
        waiting = getattr(row, self.column)
        if isinstance(waiting, Unsealed):
            token = cipher.seal(waiting.value, self.field, row.case_uid, row.uid)
            setattr(row, self.column, token)
            row.__dict__[f"_opened{self.column}"] = (token, waiting.value)


class SealedRow(Base):
    """A row with sealed fields. It has its number from the first: the fields are bound to it."""

    __abstract__ = True

    uid: Mapped[bytes] = mapped_column(Uid, primary_key=True)
    case_uid: Mapped[bytes] = mapped_column(Uid, index=True)

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - each column's own type
        uid = values.pop("uid", None) or new_uid()
        super().__init__(uid=uid, case_uid=values.pop("case_uid"))
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no field called {name}.")
            setattr(self, name, value)

    def __repr__(self) -> str:
        """Return the kind of row and nothing that it holds."""
        return f"<{type(self).__name__}>"

    @classmethod
    def as_plain(cls, cipher: CaseCipher, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - each column's own type
        """Return the columns of a new row, sealed, for whoever writes many without objects."""
        uid, case_uid = values.setdefault("uid", new_uid()), values["case_uid"]
        for one in cls.sealed_fields():
            name = one.column.removeprefix("_")
            if values.setdefault(name, None) is not None:
                values[name] = cipher.seal(values[name], one.field, case_uid, uid)
        return values | ({"version": 1} if issubclass(cls, Versioned) else {})

    @classmethod
    def sealed_fields(cls) -> tuple[Sealed[Any], ...]:
        """Return the sealed fields of this kind of row."""
        return tuple(field for field in vars(cls).values() if isinstance(field, Sealed))


class SystemRow(SealedRow):
    """A row with sealed fields that hangs on no case, and so is sealed under the system's key."""

    __abstract__ = True

    case_uid = NOBODY  # no column: it is the same of all

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - each column's own type
        super().__init__(case_uid=NOBODY, **values)


def cipher_of(row: SealedRow) -> CaseCipher:
    """Return the cipher of *row*'s case, fetching those of all rows in sight in one query."""
    session = object_session(row)
    if session is None:
        raise RuntimeError("A sealed field opens only in the session that read it.")
    vault = vault_of(session)
    if not vault.holds(row.case_uid):
        seen = session.identity_map.values()
        in_sight = {other.case_uid for other in seen if isinstance(other, SealedRow)}
        vault.ciphers(session, in_sight | {row.case_uid})
    return vault.cipher(session, row.case_uid)


@event.listens_for(SealedRow, "before_insert", propagate=True)
@event.listens_for(SealedRow, "before_update", propagate=True)
def _seal(_mapper: Mapper[Any], _connection: Connection, row: SealedRow) -> None:
    """Seal what waits in *row*: parents are written by now, so every key is known."""
    fields = type(row).sealed_fields()
    if any(isinstance(getattr(row, field.column), Unsealed) for field in fields):
        cipher = vault_of(cast("Session", object_session(row))).cipher(
            cast("Session", object_session(row)), row.case_uid
        )
        for field in fields:
            field.seal_into(row, cipher)
