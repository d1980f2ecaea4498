"""The tables of identity: accounts and what was done to them."""

from datetime import datetime

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.audit import audit_table
from shared.database import UtcDateTime, metadata
from shared.identity.actor import Actor, Role


class Base(DeclarativeBase):
    metadata = metadata()


class Account(Base):
    """Somebody who signs in: with a password kept as an argon2 hash, or through the city's OpenID Connect."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("login"), UniqueConstraint("oidc_subject"))

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    oidc_subject: Mapped[str | None] = mapped_column(String(255))
    roles: Mapped[list[str]] = mapped_column(JSON)
    district: Mapped[str | None] = mapped_column(String(5))
    spaces: Mapped[list[int]] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(default=True)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def actor(self) -> Actor:
        """Who acts when this account is signed in."""
        return Actor(
            account_id=self.id,
            name=self.name,
            roles=frozenset(Role(role) for role in self.roles),
            district=self.district,
            spaces=tuple(self.spaces),
        )


AUDIT = audit_table(Base.metadata)
