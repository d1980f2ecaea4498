"""Units of work, instants, and what an operator reads when the database is not there. The same on both databases."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, event, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from shared.database import Database, DatabaseUnavailable, UtcDateTime, metadata, on_commit

METADATA = metadata()
counter = Table("counter", METADATA, Column("id", Integer, primary_key=True), Column("value", Integer, nullable=False))
moment = Table("moment", METADATA, Column("id", Integer, primary_key=True), Column("at", UtcDateTime, nullable=False))
part = Table("part", METADATA, Column("id", Integer, primary_key=True), Column("whole", ForeignKey("counter.id")))


@pytest.fixture
def tables(db: Database) -> Database:
    METADATA.create_all(db.engine)
    with db.write() as session:
        session.execute(insert(counter).values(id=1, value=0))
    return db


def value(db: Database) -> int:
    with db.read() as session:
        return session.scalars(select(counter.c.value)).one()


def test_a_unit_of_work_is_all_or_nothing(tables: Database) -> None:
    def fail() -> None:
        with tables.write() as session:
            session.execute(update(counter).values(value=5))
            raise KeyError("no")

    with pytest.raises(KeyError):
        fail()
    assert value(tables) == 0
    with tables.write() as session:
        session.execute(update(counter).values(value=6))
    assert value(tables) == 6


def test_a_reader_sees_one_snapshot_while_a_writer_commits(tables: Database) -> None:
    with tables.read() as session:
        before = session.scalars(select(counter.c.value)).one()
        with tables.write() as other:
            other.execute(update(counter).values(value=7))
        assert session.scalars(select(counter.c.value)).one() == before
    assert value(tables) == 7


def test_a_reader_cannot_write(tables: Database) -> None:
    with pytest.raises(DBAPIError), tables.read() as session:
        session.execute(update(counter).values(value=8))
    assert value(tables) == 0
    with tables.write() as session:  # the connection that refused may write again
        session.execute(update(counter).values(value=9))
    assert value(tables) == 9


def test_a_look_between_leaves_units_of_work_what_they_are(tables: Database) -> None:
    """They use the same connections, one after the other."""

    def fail() -> None:
        with tables.write() as session:
            session.execute(update(counter).values(value=5))
            raise KeyError("no")

    for _time in range(2):
        with tables.look() as session:
            assert session.scalars(select(counter.c.value)).one() == 0
        with pytest.raises(KeyError):
            fail()
        with tables.read() as session:
            before = session.scalars(select(counter.c.value)).one()
            with Session(tables.engine) as other, other.begin():
                other.execute(update(counter).values(value=0))
            assert session.scalars(select(counter.c.value)).one() == before == 0


def test_a_unit_of_work_inside_another_is_a_mistake_that_shows_at_once(tables: Database) -> None:
    with tables.write(), pytest.raises(RuntimeError, match="pass its session on"), tables.write():
        pass
    with tables.write() as session:
        session.execute(update(counter).values(value=1))


def test_concurrent_writers_lose_no_update(tables: Database) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(25):
                with tables.write() as session:
                    seen = session.scalars(select(counter.c.value).with_for_update()).one()
                    session.execute(update(counter).values(value=seen + 1))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert value(tables) == 150


def test_callbacks_run_after_the_commit_and_only_then(tables: Database) -> None:
    seen: list[int] = []

    def fail() -> None:
        with tables.write() as session:
            on_commit(session, lambda: seen.append(-1))
            raise KeyError("no")

    with tables.write() as session:
        session.execute(update(counter).values(value=3))
        on_commit(session, lambda: seen.append(value(tables)))
        assert seen == []
    with pytest.raises(KeyError):
        fail()
    assert seen == [3]


def test_a_callback_that_fails_does_not_make_the_commit_look_failed(tables: Database) -> None:
    seen: list[int] = []
    with tables.write() as session:
        session.execute(update(counter).values(value=4))
        on_commit(session, lambda: seen.append(1 // 0))
        on_commit(session, lambda: seen.append(value(tables)))
    assert seen == [4]


def test_instants_are_aware_and_come_back_as_utc(tables: Database) -> None:
    seoul = datetime(2026, 5, 1, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    with tables.write() as session:
        session.execute(insert(moment).values(id=1, at=seoul))
    with tables.read() as session:
        back = session.scalars(select(moment.c.at).where(moment.c.at <= seoul)).one()
        assert session.scalar(select(func.max(moment.c.at))) == seoul
    assert back == seoul
    assert back.tzinfo is UTC
    with pytest.raises(StatementError, match="without a zone"), tables.write() as session:
        session.execute(insert(moment).values(id=2, at=datetime(2026, 5, 1)))  # noqa: DTZ001


def test_a_row_cannot_point_nowhere(tables: Database) -> None:
    with pytest.raises(IntegrityError), tables.write() as session:
        session.execute(insert(part).values(id=1, whole=99))


def test_every_constraint_has_a_name(db: Database) -> None:
    assert {str(each.name) for table in METADATA.tables.values() for each in table.constraints} == {
        "pk_counter",
        "pk_moment",
        "pk_part",
        "fk_part_whole",
    }


def test_a_table_can_be_rebuilt_without_losing_what_points_at_it(tables: Database) -> None:
    with tables.write() as session:
        session.execute(insert(part).values(id=1, whole=1))
    if tables.is_sqlite:  # PostgreSQL alters in place
        with tables.alter() as connection:
            connection.exec_driver_sql("CREATE TABLE other (id INTEGER PRIMARY KEY, value INTEGER NOT NULL, more TEXT)")
            connection.exec_driver_sql("INSERT INTO other (id, value) SELECT id, value FROM counter")
            connection.exec_driver_sql("DROP TABLE counter")
            connection.exec_driver_sql("ALTER TABLE other RENAME TO counter")
    with tables.read() as session:
        assert session.scalar(select(func.count()).select_from(part)) == 1
    with pytest.raises(IntegrityError), tables.write() as session:
        session.execute(insert(part).values(id=2, whole=99))


def test_a_missing_folder_or_server_is_one_sentence(tmp_path: Path) -> None:
    nothing = {
        f"sqlite:///{tmp_path}/no/such/folder/maps.sqlite3": "check that its folder exists",
        "postgresql+psycopg://maru:hidden@127.0.0.1:1/maps": "check that it runs and that MARU_DATABASE is right",
    }
    for url, advice in nothing.items():
        db = Database(url)
        for unit_of_work in (db.read, db.write):
            with pytest.raises(DatabaseUnavailable, match=advice) as told, unit_of_work() as session:
                session.execute(select(1))
            assert "hidden" not in str(told.value)
            assert "\n" not in str(told.value)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "maps.sqlite3").write_text("잘못 놓인 파일입니다. " * 100)
    db = Database(f"sqlite:///{tmp_path}/maps.sqlite3")
    with pytest.raises(DatabaseUnavailable, match="is no database"):
        db.ping()
    db.dispose()


def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/maps.sqlite3")

    @event.listens_for(db.engine, "connect")
    def small(connection: Any, record: object) -> None:
        connection.execute("PRAGMA max_page_count = 20")

    log = Table("log", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime))
    log.create(db.engine)

    def fill(session: Session) -> None:
        session.execute(insert(log), [{"at": datetime.now(UTC)} for _ in range(400)])

    written = 0
    with pytest.raises(DatabaseUnavailable, match="is full; free some space"):  # noqa: PT012
        for _ in range(50):
            with db.write() as session:
                fill(session)
            written += 400
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(log)) == written > 0
    db.dispose()
