"""Alembic run from the program: no alembic.ini, no env.py; a package's `migrations/versions/*.py` is all there is.

Every service stands on the bus, so a service's database also gets the bus's own revisions (shared/bus/migrations). A
service's revisions therefore say nothing about outbox and inbox; its models.py calls `bus_tables(Base.metadata)`.
A revision file names itself `revision = "maps_0001"`, `down_revision = None`, and has `upgrade()` using `alembic.op`.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep, StampStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from shared.database import Database

_ONE_AT_A_TIME = 0x6D617275
"""The advisory lock that keeps two processes from migrating one PostgreSQL database at once."""


def upgrade(db: Database, package: str) -> bool:
    """Bring the database of `package` ("services.maps") to its newest revision, in one transaction.

    True when something was done. Raises DatabaseUnavailable, and whatever a revision raises.
    """
    scripts = _scripts(package)
    with db.read() as session:
        if set(_context(session.connection()).get_current_heads()) == set(scripts.get_heads()):
            return False
    with db.alter() as connection:
        if not db.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})

        def steps(current: Any, context: MigrationContext) -> Iterable[StampStep | RevisionStep]:
            return cast("Iterable[StampStep | RevisionStep]", scripts._upgrade_revs("heads", current))

        with EnvironmentContext(Config(), scripts, fn=steps) as environment:
            environment.configure(connection=connection, render_as_batch=db.is_sqlite)
            environment.run_migrations()
    return True


def check(db: Database, package: str, metadata: MetaData) -> list[Any]:
    """What differs between the models of `package` and its migrated database; empty when they agree."""
    upgrade(db, package)
    with db.read() as session:
        return compare_metadata(_context(session.connection()), metadata)


def draft(db: Database, metadata: MetaData) -> str:
    """The Python lines of a revision that would bring this database to the models: a start for a developer to edit."""
    with db.read() as session:
        operations = produce_migrations(_context(session.connection()), metadata).upgrade_ops
    if operations is None:
        return ""
    return render_python_code(operations, render_as_batch=db.is_sqlite)


def _context(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"compare_type": True})


def _scripts(package: str) -> ScriptDirectory:
    packages = (package, "shared.bus") if package.startswith("services.") else (package,)
    folders = [str(_folder(each) / "versions") for each in packages]
    return ScriptDirectory(str(_folder(package)), version_locations=folders)


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"{package} is no package")
    return Path(spec.submodule_search_locations[0]) / "migrations"
