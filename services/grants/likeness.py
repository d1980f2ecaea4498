"""Noticing that a file was used before: the same content, or a photo that shows the same, of another year or group."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, literal, not_, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from services.grants.models import Attachment, PhotoBand
from services.grants.rules import images

FOUND = 20
"""The most likenesses of a file that are told."""
CANDIDATES = 5_000
"""The most photos with a near band that are compared; 100,000 photos have about a hundred for each."""
AT_ONCE = 100
"""The most files that one query looks for likenesses of."""


@dataclass(frozen=True)
class Likeness:
    """Another file with the same content (`same`), or a photo that shows the same but for `bits` of 64; whose it is."""

    attachment: Attachment
    same: bool
    bits: int
    other_group: bool
    other_year: bool


def likenesses(session: Session, attachment: Attachment) -> list[Likeness]:
    """Where a file was used before; see `likenesses_of`."""
    return likenesses_of(session, [attachment])[attachment.id]


def likenesses_of(
    session: Session, attachments: Iterable[Attachment], *, earlier: bool = False
) -> dict[int, list[Likeness]]:
    """For each file the files of OTHER subjects with the same content, and the photos that show the same (`earlier`:
    those alone that were there before it): those of other groups first, then the nearest, at most FOUND each. Three
    queries for up to AT_ONCE files, each by an index, however many files there are."""
    files = list(attachments)
    found: dict[int, list[Likeness]] = {}
    for at in range(0, len(files), AT_ONCE):
        found |= _likenesses(session, files[at : at + AT_ONCE], earlier)
    return found


def _likenesses(session: Session, files: Sequence[Attachment], earlier: bool) -> dict[int, list[Likeness]]:
    alike: dict[int, dict[int, int]] = {file.id: {} for file in files}  # the file -> the other -> how many bits
    equal = union_all(*(select(_equal(file, earlier).subquery()) for file in files))
    for own, other in session.execute(equal):
        alike[own][other] = 0
    photos = {file.id: file.perceptual_hash for file in files if file.perceptual_hash}
    if photos:
        near = union_all(*(select(_near(file, earlier).subquery()) for file in files if file.id in photos))
        details = {file.id: file.detail_hash for file in files}
        for own, other, digest, detail in session.execute(near):
            bits = images.distance(photos[own], digest)
            if bits <= images.ALIKE_BITS and images.same_details(details[own], detail):
                alike[own].setdefault(other, bits)
    wanted = {other for others in alike.values() for other in sorted(others, key=others.__getitem__)[: 5 * FOUND]}
    rows = {row.id: row for row in session.scalars(select(Attachment).where(Attachment.id.in_(wanted)))}
    return {
        file.id: sorted(
            (_likeness(file, rows[other], bits) for other, bits in alike[file.id].items() if other in rows),
            key=lambda each: (not each.other_group, not each.same, each.bits, -each.attachment.id),
        )[:FOUND]
        for file in files
    }


def _equal(file: Attachment, earlier: bool) -> Select[int, int]:
    return (
        select(literal(file.id).label("own"), Attachment.id.label("other"))
        .where(Attachment.sha256 == file.sha256, *_elsewhere(file, earlier))
        .order_by(Attachment.id.desc())
        .limit(5 * FOUND)
    )


def _near(file: Attachment, earlier: bool) -> Select[int, int, str | None, str | None]:
    other = Attachment.id.label("other")
    return (
        select(literal(file.id).label("own"), other, Attachment.perceptual_hash, Attachment.detail_hash)
        .join(PhotoBand, PhotoBand.attachment_id == Attachment.id)
        .where(PhotoBand.band.in_(images.near_bands(file.perceptual_hash or "")), *_elsewhere(file, earlier))
        .limit(CANDIDATES)
    )


def _elsewhere(file: Attachment, earlier: bool) -> list[ColumnElement[bool]]:
    here = (Attachment.subject_kind == file.subject_kind) & (Attachment.subject_id == file.subject_id)
    before = [Attachment.id < file.id] if earlier else []
    return [Attachment.removed_at.is_(None), not_(here), *before]


def _likeness(file: Attachment, other: Attachment, bits: int) -> Likeness:
    return Likeness(
        attachment=other,
        same=other.sha256 == file.sha256,
        bits=bits,
        other_group=other.group_id != file.group_id,
        other_year=other.year != file.year,
    )
