"""Migrations make what the models describe, for the bus and every service, and are quick when nothing is to do."""

import threading
import time
from importlib import import_module

import pytest
from sqlalchemy import inspect

from shared.bus.tables import bus_tables
from shared.database import Database, metadata
from shared.migrations import check, draft, upgrade


def test_the_bus_has_the_tables_it_describes(db: Database) -> None:
    described = metadata()
    bus_tables(described)
    assert check(db, "shared.bus", described) == []
    assert set(inspect(db.engine).get_table_names()) == {*described.tables, "alembic_version"}


@pytest.mark.parametrize("package", ["services.maps", "services.booking", "services.grants", "shared.identity"])
def test_a_package_has_the_tables_it_describes(db: Database, package: str) -> None:
    described = import_module(f"{package}.models").Base.metadata
    assert check(db, package, described) == []
    assert ("outbox" in described.tables) == package.startswith("services.")


def test_a_second_upgrade_does_nothing_and_is_quick(db: Database) -> None:
    assert upgrade(db, "services.maps")
    started = time.monotonic()
    assert not upgrade(db, "services.maps")
    assert time.monotonic() - started < 1


def test_two_processes_may_migrate_at_once(db: Database) -> None:
    other = Database(db.url.render_as_string(hide_password=False))
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda each=each: results.append(upgrade(each, "shared.bus"))) for each in (db, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.dispose()
    assert len(results) == 2
    assert not upgrade(db, "shared.bus")


def test_a_draft_names_what_the_models_have_and_the_database_has_not(db: Database) -> None:
    described = metadata()
    bus_tables(described)
    lines = draft(db, described)
    assert "create_table('outbox'" in lines
    upgrade(db, "shared.bus")
    assert "create_table" not in draft(db, described)


def test_a_package_without_migrations_is_refused(db: Database) -> None:
    with pytest.raises(ValueError, match="no package"):
        upgrade(db, "services.nowhere")
