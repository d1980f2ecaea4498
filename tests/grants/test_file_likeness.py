"""A file that was used before is noticed, in a bounded number of queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, func, insert, select, text

from services.grants import files
from services.grants.likeness import Likeness
from services.grants.models import Attachment, Blob, PhotoBand
from services.grants.rules import images
from shared.database import Database
from tests.grants import file_makers as make
from tests.grants.attaching import NOW, attached


def likenesses(database: Database, attachment: Attachment) -> list[Likeness]:
    with database.read() as session:
        return files.likenesses(session, attachment)


def test_the_same_file_of_another_year_or_group_is_noticed(database: Database) -> None:
    mine = attached(database, make.pdf(), subject_id=1)
    attached(database, make.pdf(), subject_id=1, field="bill")  # the same expense: nothing to notice
    attached(database, make.pdf("other"), subject_id=2)
    before = attached(database, make.pdf(), subject_id=3, year=2024)
    twice = attached(database, make.pdf(), subject_id=4)
    theirs = attached(database, make.pdf(), subject_kind="application", subject_id=1, group_id=2, year=2025)
    found = likenesses(database, mine)
    assert [(each.attachment.id, each.same, each.other_group, each.other_year) for each in found] == [
        (theirs.id, True, True, True),
        (twice.id, True, False, False),
        (before.id, True, False, True),
    ]
    assert theirs.id in {each.attachment.id for each in likenesses(database, before)}


def test_the_same_photo_saved_again_is_noticed_and_another_is_not(database: Database) -> None:
    photo = make.photo(4)
    first = attached(database, make.saved(photo, quality=92), year=2025, group_id=7)
    smaller = make.saved(photo.resize((640, 480)), "PNG")
    again = attached(database, smaller, name="정산.png", subject_id=2)
    attached(database, make.jpeg(5), subject_id=3)
    found = likenesses(database, again)
    assert [(each.attachment.id, each.same, each.other_group) for each in found] == [(first.id, False, True)]
    assert 0 <= found[0].bits <= images.ALIKE_BITS


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def many(database: Database, number: int) -> None:
    """So many photos of as many expenses, none like another."""
    import random

    dice = random.Random(11)  # noqa: S311
    with database.write() as session:
        start = session.scalar(select(func.max(Attachment.id))) or 0
        blobs, rows, bands = [], [], []
        for each in range(start + 1, start + number + 1):
            digest, name = f"{dice.getrandbits(64):016x}", f"{each:064x}"
            blobs.append({"sha256": name, "size": 1, "content": None})
            rows.append(
                {
                    "id": each,
                    "subject_kind": "expense",
                    "subject_id": 1000 + each,
                    "field": "evidence",
                    "name": "a.jpg",
                    "content_type": "image/jpeg",
                    "size": 1,
                    "sha256": name,
                    "perceptual_hash": digest,
                    "district": "11290",
                    "group_id": each % 500 + 10,
                    "call_id": 1,
                    "year": 2020 + each % 6,
                    "uploaded_by": 1,
                    "uploaded_at": NOW,
                    "idempotency_key": "many",
                }
            )
            bands += [{"band": band, "attachment_id": each} for band in images.bands(digest)]
        session.execute(insert(Blob), blobs)
        session.execute(insert(Attachment), rows)
        session.execute(insert(PhotoBand), bands)
    if not database.is_sqlite:
        with database.write() as session:  # the rows above named their numbers themselves
            session.execute(text("SELECT setval(pg_get_serial_sequence('attachment', 'id'), max(id)) FROM attachment"))
    with database.alter() as connection:
        connection.exec_driver_sql("ANALYZE")


def test_likenesses_among_20000_photos_cost_three_queries_by_index(database: Database) -> None:
    photo = make.photo(9)
    old = attached(database, make.saved(photo, quality=90), group_id=3)
    many(database, 20_000)
    new = [attached(database, make.saved(photo.resize((500, 375)), quality=70), subject_id=2)]
    new += [attached(database, make.jpeg(20 + each, (300, 225)), subject_id=50 + each) for each in range(9)]
    with database.read() as session, statements(database) as seen:
        found = files.likenesses_of(session, new)
    assert len(seen) == 3
    assert [each.attachment.id for each in found[new[0].id]] == [old.id]
    assert set(found) == {each.id for each in new}
    with database.read() as session:
        query = str(
            select(Attachment.id)
            .join(PhotoBand, PhotoBand.attachment_id == Attachment.id)
            .where(PhotoBand.band.in_(images.near_bands(old.perceptual_hash or "")))
            .limit(5000)
            .compile(database.engine, compile_kwargs={"literal_binds": True})
        )
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plan = "\n".join(str(row) for row in session.execute(text(explain + query)))
        near = session.execute(text(query)).all()
    assert "SCAN photo_band" not in plan
    assert "Seq Scan on photo_band" not in plan
    assert len(near) < 200  # of 20,000: about one in a thousand is compared at all
