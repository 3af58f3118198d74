"""Column types: what stands in the clear, and the one that takes sealed values only."""

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from sqlalchemy import DateTime, Dialect, LargeBinary, String
from sqlalchemy.types import TypeDecorator

from transition.security.fields import is_token
from transition.security.keyring import BadToken

UID_LENGTH: Final = 16
"""Bytes of a row's own number, drawn at random: it is part of what seals the row's fields."""

Code = TypeVar("Code", bound=StrEnum)


def new_uid() -> bytes:
    """Return sixteen random bytes that name a row for ever."""
    return secrets.token_bytes(UID_LENGTH)


class Uid(LargeBinary):
    """The number of a row: sixteen random bytes."""

    def __init__(self) -> None:
        super().__init__(UID_LENGTH)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. It goes in with its time zone and comes out in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return *value* in UTC; SQLite keeps no zone, so it is left out there."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a time zone.")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the kept instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Coded(TypeDecorator[Any]):
    """A code of *kind*: kept as its word, read back as the code. Nothing else can be written."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:  # noqa: ANN401 - the driver's values
        """Return the word of the code.

        Raises:
            ValueError: *value* is no such code.
        """
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> StrEnum | None:
        """Return the code that *value* is the word of."""
        return None if value is None else self.kind(value)


class SealedBytes(TypeDecorator[bytes]):
    """A sealed value. The column refuses whatever is not one, so nothing is kept in the clear."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> bytes | None:  # noqa: ANN401 - the driver's values
        """Return *value* if it is sealed.

        Raises:
            BadToken: *value* is not sealed. It does not appear in the message.
        """
        if value is None:
            return None
        if not isinstance(value, bytes) or not is_token(value):
            raise BadToken("A sealed column takes sealed values only.")
        return value
