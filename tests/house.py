"""The product as tests drive it: databases that are copied for each test, and a browser over all services."""

import os
import re
import shutil
import uuid
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask
from kombu import Connection
from sqlalchemy import Engine, create_engine, text
from werkzeug.test import Client, TestResponse

from deploy.bus import pump_all
from deploy.house import PACKAGES, House
from shared.clock import now
from shared.database import Database, new_engine
from shared.identity import demo as identity_demo
from shared.identity.actor import Actor
from shared.identity.models import Account
from shared.settings import DATABASES, SERVICES, Settings

for _package in PACKAGES.values():  # a module that is first imported while a test holds the clock keeps that hour
    import_module(f"{_package}.app")

SECRET = "a secret for tests only, long enough to be accepted"
COOKIE = "maru"
SESSIONS: dict[str, str] = {}
"""Login -> the cookie of whoever signed in."""

TOKENS: dict[str, str] = {}
"""The cookie of a session -> a token of its forms."""

APPS: dict[Settings, dict[str, Flask]] = {}
"""The applications of houses with the same settings but for where their data are: made once in a run, since making all
of them takes half a second. Each test's are given its own databases."""


ENGINES: dict[str, Engine] = {}
"""Of every database of this run, by URL."""


class Prepared(House):
    """A house whose databases know from earlier tests how statements are written, which took a fifth of the time."""

    def database(self, name: str) -> Database:
        """As of any house. What a test listens for it hears of this house only."""
        if name not in self._databases:
            url = self.settings.database_url(name)
            if url not in ENGINES:
                ENGINES[url] = new_engine(url)
            self._databases[name] = Database(url, ENGINES[url].execution_options())
        return self._databases[name]


class TestHouse:
    """The product as a test drives it."""

    __test__ = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.house = Prepared(settings)
        self.databases: dict[str, Database] = {name: self.house.database(name) for name in DATABASES}
        self._wsgi: Any = None

    @property
    def wsgi(self) -> Any:
        """The whole product as one WSGI application."""
        if self._wsgi is None:
            alike = replace(self.house.settings, data=Path(), database="")
            if alike not in APPS:
                APPS[alike] = self.house.apps
            self.house.apps = APPS[alike]
            for name, app in self.house.apps.items():
                app.testing = True
                app.extensions["maru.database"] = self.databases[name]
                app.extensions["maru.settings"] = self.house.settings
            self._wsgi = self.house.wsgi()
        return self._wsgi

    def client(self, login: str | None = None) -> "Browser":
        """A browser, signed in with a demonstration account when `login` names one.

        Who has signed in once in this run comes with the same cookie again: every house has the same key and accounts,
        and to check a password takes long on purpose.
        """
        browser = Browser(self.wsgi)
        if not login:
            return browser
        if login in SESSIONS:
            browser.set_cookie(COOKIE, SESSIONS[login])
            return browser
        page = browser.post_form("/auth/sign-in", {"login": login, "password": identity_demo.PASSWORD})
        assert page.status_code == 302, page.text
        cookie = browser.get_cookie(COOKIE)
        assert cookie, "signing in gave no cookie"
        SESSIONS[login] = cookie.value
        return browser

    def actor(self, login: str) -> Actor:
        """The actor behind a demonstration account."""
        with self.databases["identity"].read() as session:
            return session.query(Account).filter_by(login=login).one().actor()

    def pump(self) -> None:
        """Run every relay and consumer until nothing is left to do."""
        pump_all(self.house)


class Browser(Client):
    """A client that fills in the token of forms as a browser does."""

    def post_form(self, path: str, data: dict[str, Any], **kwargs: Any) -> TestResponse:
        """Post a form with the token of this browser's session."""
        return self.post(path, data={"csrf_token": self._token(), **data}, **kwargs)

    def _token(self) -> str:
        cookie = self.get_cookie(COOKIE)
        if cookie is None or cookie.value not in TOKENS:
            page = self.get("/auth/sign-in")
            token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
            assert token, "the sign-in page has no token"
            cookie = self.get_cookie(COOKIE)
            assert cookie, "the sign-in page began no session"
            TOKENS[cookie.value] = token[1]
        return TOKENS[cookie.value]


class Templates:
    """Gives each test migrated databases with the demonstration accounts and nothing else.

    SQLite files are copied, always to the same place, so that engines serve test after test. On PostgreSQL a run has
    one database per service, emptied between tests: making and dropping a database costs seconds there.
    """

    def __init__(self, folder: Path, server: str, broker: str) -> None:
        self.folder = folder
        self.current = folder.parent / "current"
        self.server = server
        self.broker = broker
        self.run = uuid.uuid4().hex[:8]
        self._engines: dict[str, Engine] = {}
        if server:
            for name in DATABASES:
                self._administer(f'CREATE DATABASE "{self._name(name)}"')
                url = server.replace("{service}", self._name(name))
                self._engines[name] = create_engine(url, isolation_level="AUTOCOMMIT")
        made = House(self._settings(folder, folder))
        made.migrate()
        identity_demo.load(made.database("identity"), now())
        made.close()
        for engine in self._engines.values():
            with engine.connect() as connection:
                for statement in KEEP:
                    connection.execute(text(statement))

    @classmethod
    def from_environment(cls, folder: Path) -> "Templates":
        """On the database and broker that the suite was told of, else on the embedded default."""
        folder.mkdir()
        return cls(folder, os.environ.get("MARU_TEST_DATABASE", ""), os.environ.get("MARU_TEST_BROKER", "memory://"))

    def settings(self, folder: Path) -> Settings:
        """Settings that point at fresh databases, and at a broker that knows nothing of earlier tests."""
        if not self.server:
            shutil.rmtree(self.current, ignore_errors=True)
            shutil.copytree(self.folder, self.current, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
        for engine in self._engines.values():
            with engine.connect() as connection:
                for statement in RESET:
                    connection.execute(text(statement))
        self._forget_queues()
        return self._settings(folder, self.current)

    def drop(self) -> None:
        """Leave nothing behind."""
        for name, engine in self._engines.items():
            engine.dispose()
            self._administer(f'DROP DATABASE "{self._name(name)}" WITH (FORCE)')
        self._forget_queues()

    def _settings(self, data: Path, files: Path) -> Settings:
        database = f"sqlite:///{files}/{{service}}.sqlite3"
        if self.server:
            database = self.server.replace("{service}", self._name("{service}"))
        return Settings(
            data=data, secret_key=SECRET, database=database, broker=self.broker, bus_prefix=self._prefix, port=0
        )

    def _name(self, service: str) -> str:
        return f"maru_test_{self.run}_{service}"

    @property
    def _prefix(self) -> str:
        return f"test.{self.run}"

    def _administer(self, statement: str) -> None:
        engine = create_engine(self.server.replace("{service}", "postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def _forget_queues(self) -> None:
        if self.broker.startswith("memory:"):
            return
        with Connection(self.broker) as connection, connection.channel() as channel:
            for name in (*SERVICES, "dead"):
                channel.queue_delete(f"{self._prefix}.{name}")


KEEP = (
    "CREATE SCHEMA kept",
    """DO $$ DECLARE it record; body text := ''; filled bool; BEGIN
    FOR it IN SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', it.name);
        EXECUTE format('SELECT EXISTS (SELECT FROM kept.%I)', it.name) INTO filled;
        EXECUTE format('ALTER TABLE public.%I SET (autovacuum_enabled = false)', it.name);
        body := body || format('DELETE FROM public.%I;', it.name);
        IF filled THEN body := body || format('INSERT INTO public.%1$I TABLE kept.%1$I;', it.name); END IF;
    END LOOP;
    FOR it IN SELECT s.oid::regclass AS sequence, t.relname AS owner, a.attname AS number
        FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
        WHERE t.relnamespace = 'public'::regnamespace LOOP
        body := body || format('IF (SELECT is_called FROM %1$s) THEN PERFORM setval(%1$L, '
            '(SELECT coalesce(max(%2$I), 0) + 1 FROM kept.%3$I), false); END IF;', it.sequence, it.number, it.owner);
    END LOOP;
    EXECUTE format('CREATE FUNCTION kept.again() RETURNS void LANGUAGE plpgsql AS %L', 'BEGIN ' || body || ' END');
    END $$""",
)
"""Remember what every table holds now, in a schema of its own, with a function that brings it back: its statements are
planned once in a connection. A sequence that nobody asked is where it was, the others start after what is kept. Left to
itself PostgreSQL would count the rows of a table between two tests and plan the next one's 5,000 rows by that."""

RESET = (
    """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()""",
    "SET session_replication_role = replica",
    "SELECT kept.again()",
    "SET session_replication_role = DEFAULT",
)
"""Bring every table and every sequence back to what was kept, past all triggers."""
