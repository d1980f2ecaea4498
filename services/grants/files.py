"""Attached files: taking one, taking it away, and reading it. `likeness` notices that one was used before.

Whoever attaches or removes decides first whether the subject may be changed, and holds its row locked: the files' rows
are locked after it. What costs time (unpacking, decoding) is done before the transaction: `examined`, then `attach`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, undefer

from services.grants import calls
from services.grants.likeness import Likeness, likenesses, likenesses_of
from services.grants.models import AUDIT, Application, Attachment, Blob, Call, PhotoBand
from services.grants.policy import city_date
from services.grants.rules import images
from services.grants.rules.file_kinds import Kind
from services.grants.rules.file_problem import FileProblem
from services.grants.rules.files import Examined, examine
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

__all__ = [
    "Likeness",
    "Reader",
    "attach",
    "attach_one",
    "examined",
    "get",
    "likenesses",
    "likenesses_of",
    "look",
    "of_subject",
    "of_subjects",
    "read",
    "refusal",
    "remove",
]

PER_SUBJECT = 100
"""The most files of one subject."""

Reader = Callable[[Session, Actor, Attachment], bool]
"""Whether an actor may read a subject's file: raises Refusal (not_found, other_district) when not; True when it is of
the actor's own side, so that reading it is nothing to record."""


def examined(field: str, name: str, content: bytes, allowed: Collection[Kind]) -> Examined:
    """Look into a file that was given for `field`. Raises Refusal invalid_input (422) with the code of what is wrong
    with it, see `rules.files.examine`."""
    try:
        return examine(name, content, allowed)
    except FileProblem as problem:
        raise refusal(field, problem) from problem


def refusal(field: str, problem: FileProblem) -> Refusal:
    """A problem of a file as the refusal of its field."""
    return Refusal("invalid_input", 422, fields={field: [problem.code]}, **problem.params)


def attach(
    session: Session,
    actor: Actor,
    now: datetime,
    found: Sequence[Examined],
    application: Application,
    call: Call,
    *,
    subject_kind: str,
    subject_id: int,
    field: str,
    key: str,
) -> list[Attachment]:
    """Attach what was looked into to something of an application, within the caller's transaction. Raises as
    `attach_one`. The contents are kept and locked in one order for everybody: two groups that bring the same photos in
    another order would wait for each other else."""
    for file in sorted(found, key=lambda each: each.sha256):
        _keep(session, file)
    return [
        attach_one(
            session,
            actor,
            now,
            file,
            subject_kind=subject_kind,
            subject_id=subject_id,
            field=field,
            key=key,
            district=call.district or application.district,
            group_id=application.group_id,
            call_id=call.id,
            year=city_date(now).year,
        )
        for file in found
    ]


def attach_one(
    session: Session,
    actor: Actor,
    now: datetime,
    file: Examined,
    *,
    subject_kind: str,
    subject_id: int,
    field: str,
    key: str,
    district: str | None,
    group_id: int | None,
    call_id: int | None,
    year: int,
) -> Attachment:
    """Attach a file that was looked into. The same content again in the same field of the same subject, be it a second
    click or a second thought, is the same attachment. One key serves all files of a form.

    Raises Refusal: key_missing, invalid_input (files_too_many for the field).
    """
    calls.check_key(key)
    _keep(session, file)
    here = [
        Attachment.subject_kind == subject_kind,
        Attachment.subject_id == subject_id,
        Attachment.removed_at.is_(None),
    ]
    earlier = session.scalar(
        select(Attachment).where(*here, Attachment.field == field, Attachment.sha256 == file.sha256)
    )  # under the lock of the content: nobody else can be adding it
    if earlier is not None:
        return earlier
    if (session.scalar(select(func.count()).select_from(Attachment).where(*here)) or 0) >= PER_SUBJECT:
        raise Refusal("invalid_input", 422, fields={field: ["files_too_many"]}, file_most=PER_SUBJECT)
    attachment = Attachment(
        subject_kind=subject_kind,
        subject_id=subject_id,
        field=field,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        perceptual_hash=file.looks.perceptual_hash if file.looks else None,
        detail_hash=file.looks.detail_hash if file.looks else None,
        district=district,
        group_id=group_id,
        call_id=call_id,
        year=year,
        uploaded_by=actor.account_id,
        uploaded_at=now,
        idempotency_key=key,
    )
    session.add(attachment)
    session.flush()
    if file.looks:
        bands = images.bands(file.looks.perceptual_hash)
        session.add_all(PhotoBand(band=band, attachment_id=attachment.id) for band in bands)
    _record(session, actor, now, "file.attached", attachment)
    session.flush()
    return attachment


def remove(session: Session, actor: Actor, now: datetime, attachment: Attachment, *, keep: bool = False) -> None:
    """Take a file away; again changes nothing. Its content is erased once nothing else refers to it, unless `keep`:
    what was filed already stays on record and can be opened from there."""
    session.execute(select(Blob.sha256).where(Blob.sha256 == attachment.sha256).with_for_update())
    session.refresh(attachment)
    if attachment.removed_at is not None:
        return
    attachment.removed_at, attachment.kept = now, keep
    if attachment.perceptual_hash and not keep:
        bands = images.bands(attachment.perceptual_hash)
        session.execute(delete(PhotoBand).where(PhotoBand.band.in_(bands), PhotoBand.attachment_id == attachment.id))
    session.flush()
    others = select(Attachment.id).where(
        Attachment.sha256 == attachment.sha256, or_(Attachment.removed_at.is_(None), Attachment.kept)
    )
    if not session.scalar(select(exists(others))):
        session.get_one(Blob, attachment.sha256).content = None
    _record(session, actor, now, "file.removed", attachment)
    session.flush()


def of_subject(session: Session, kind: str, subject_id: int, field: str | None = None) -> Sequence[Attachment]:
    """The files of a subject (of one field), in the order in which they were attached."""
    return of_subjects(session, kind, [subject_id], field).get(subject_id, [])


def of_subjects(
    session: Session, kind: str, subject_ids: Collection[int], field: str | None = None
) -> dict[int, list[Attachment]]:
    """The files of several subjects of a kind by their numbers, in one query; at most PER_SUBJECT each."""
    wanted = [
        Attachment.subject_kind == kind,
        Attachment.subject_id.in_(subject_ids),
        Attachment.removed_at.is_(None),
    ]
    if field is not None:
        wanted.append(Attachment.field == field)
    found: dict[int, list[Attachment]] = {}
    for attachment in session.scalars(select(Attachment).where(*wanted).order_by(Attachment.id)):
        found.setdefault(attachment.subject_id, []).append(attachment)
    return found


def get(session: Session, attachment_id: int) -> Attachment:
    """A file that is there, whoever asks. Raises Refusal not_found."""
    attachment = session.get(Attachment, attachment_id)
    if attachment is None or (attachment.removed_at is not None and not attachment.kept):
        raise Refusal("not_found", 404)
    return attachment


def look(session: Session, actor: Actor, attachment_id: int, readers: Mapping[str, Reader]) -> tuple[Attachment, bool]:
    """What is known of a file, for those who may read it, and whether they are of its own side. Raises Refusal:
    not_found, other_district, and what the subject's reader raises."""
    attachment = get(session, attachment_id)
    reader = readers.get(attachment.subject_kind)
    if reader is None:
        raise Refusal("not_found", 404)
    own = reader(session, actor, attachment)
    return attachment, own or attachment.uploaded_by == actor.account_id


def read(
    database: Database, actor: Actor, now: datetime, *, attachment_id: int, readers: Mapping[str, Reader]
) -> tuple[Attachment, bytes]:
    """A file with its content; that somebody of another side read it is recorded (invariant 14). Raises as `look`."""
    with database.read() as session:
        attachment, own = look(session, actor, attachment_id, readers)
        blob = session.get_one(Blob, attachment.sha256, options=[undefer(Blob.content)])
    if blob.content is None:
        raise Refusal("not_found", 404)
    if not own:
        with database.write() as session:
            _record(session, actor, now, "file.viewed", attachment)
    return attachment, blob.content


def _keep(session: Session, file: Examined) -> None:
    """Keep the content, and its row locked to the end of the transaction: who removes the last file with it waits."""
    erased = select(Blob.content.is_(None)).where(Blob.sha256 == file.sha256).with_for_update()
    known = session.execute(erased).scalar_one_or_none()
    if known is None:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        values = {"sha256": file.sha256, "size": file.size, "content": file.content}
        session.execute(dialect.insert(Blob).values(**values).on_conflict_do_nothing())
        known = session.execute(erased).scalar_one()
    if known:
        session.get_one(Blob, file.sha256).content = file.content
        session.flush()


def _record(session: Session, actor: Actor, now: datetime, action: str, attachment: Attachment) -> None:
    details = {"file": attachment.id, "field": attachment.field, "sha256": attachment.sha256}
    record(session, AUDIT, actor, now, action, f"{attachment.subject_kind}:{attachment.subject_id}", details)
