"""The one catalogue of tables, and columns that every aggregate spells alike."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Text, Uuid, func

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key(name: str = "id") -> Column[object]:
    """A UUID primary key."""
    return Column(name, Uuid, primary_key=True)


def owner() -> Column[object]:
    """The account a row belongs to."""
    return Column("account_id", Uuid, nullable=False)


def moment(name: str, *, now: bool = False) -> Column[object]:
    """A point in time, UTC; NOT NULL with the database's clock when `now`."""
    return Column(name, DateTime(timezone=True), nullable=not now, server_default=func.now() if now else None)


def text(name: str, default: str | None = None, *, nullable: bool = False) -> Column[object]:
    """A text; JSON documents are texts too, so that they come back byte-equal."""
    return Column(name, Text, nullable=nullable, server_default=default)


def money(name: str) -> Column[object]:
    """Nano-USD."""
    return Column(name, BigInteger, nullable=False, server_default="0")
