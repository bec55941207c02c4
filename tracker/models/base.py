"""What all tables share: named constraints, aware UTC times, and the organisation a row belongs to."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    MetaData,
    TypeDecorator,
    literal_column,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.operators import OperatorType

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite keeps no zone, so it is put back on reading; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must be aware")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(Enum):
    """An enumeration whose words stand in statements themselves, not among their values.

    A plan that PostgreSQL keeps for a statement can use an index of some rows only if the statement says
    that it is about those (§ 11.8); and the words are the program's own.
    """

    cache_ok = True

    class Comparator(Enum.Comparator):
        """Compares with a word."""

        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            return super().operate(op, *(self._said(one) for one in other), **kwargs)

        def _said(self, other: Any) -> Any:
            if isinstance(other, StrEnum):
                return literal_column(f"'{other.value}'", self.type)
            if isinstance(other, list | tuple | set | frozenset):
                return [self._said(one) for one in (sorted(other) if isinstance(other, set) else other)]
            return other

    comparator_factory = Comparator


def words(kind: type[StrEnum], name: str) -> Words:
    """A column that holds one of the words of `kind`, as text with a named check (both engines alike)."""
    return Words(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """The register's tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UTCDateTime()}  # noqa: RUF012 - SQLAlchemy reads it from the class


Key = Annotated[int, mapped_column(primary_key=True)]


class Owned:
    """A row that belongs to an organisation; every query of a request filters by it."""

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)


Json = dict[str, Any]
