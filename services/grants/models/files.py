"""Attached files: what they hold, what they belong to, and what photos are known again by."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.base import KEY_LENGTH, Base
from shared.database import UtcDateTime

_THERE = text("removed_at IS NULL")


class Blob(Base):
    """The bytes of a file, kept once however often it is attached: `sha256` is their name.

    They are in the database so that a file and what refers to it are committed together. `content` is None once nothing
    refers to it any more: what somebody took back, a wrong scan of an identity card, is gone and not only hidden.
    """

    __tablename__ = "blob"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class Attachment(Base):
    """A file attached to a subject (`subject_kind` 'application', 'expense', 'agreement', …, with its number), in a
    `field` of it. `size` is in bytes. `perceptual_hash` and `detail_hash` are of photos only, see `rules.images`.

    `district`, `group_id`, `call_id` and `year` are whose file it is, so that one used before is seen without asking
    each subject. The same content stands once in a field of a subject. `kept`: it was filed before it was removed, so
    its content stays on record.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_subject", "subject_kind", "subject_id"),
        Index("ix_attachment_sha256", "sha256"),
        Index(
            "uq_attachment_there",
            "subject_kind",
            "subject_id",
            "field",
            "sha256",
            unique=True,
            sqlite_where=_THERE,
            postgresql_where=_THERE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    perceptual_hash: Mapped[str | None] = mapped_column(String(16))
    detail_hash: Mapped[str | None] = mapped_column(String(64))
    district: Mapped[str | None] = mapped_column(String(5))
    group_id: Mapped[int | None] = mapped_column(Integer)
    call_id: Mapped[int | None] = mapped_column(Integer)
    year: Mapped[int] = mapped_column(Integer)
    uploaded_by: Mapped[int] = mapped_column(Integer)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kept: Mapped[bool] = mapped_column(default=False)
    idempotency_key: Mapped[str] = mapped_column(String(KEY_LENGTH))


class PhotoBand(Base):
    """A quarter of a photo's perceptual hash with its place (`rules.images.bands`), to look near ones up by."""

    __tablename__ = "photo_band"

    band: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
