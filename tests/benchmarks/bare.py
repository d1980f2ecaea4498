"""The least that a Flask endpoint can do to reserve: parse, one INSERT under the EXCLUDE constraint, commit, answer.

No rules, no accounts, no audit, no events: what booking is measured against. Served like booking, on the same database.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import psycopg
from flask import Flask, jsonify, request
from granian import Granian
from granian.constants import Interfaces

from shared.settings import Settings

TABLE = """CREATE TABLE IF NOT EXISTS bare (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room_id int NOT NULL, start_at timestamptz NOT NULL,
    end_at timestamptz NOT NULL, people int NOT NULL, purpose text NOT NULL,
    CONSTRAINT ex_bare EXCLUDE USING gist (room_id WITH =, tstzrange(start_at, end_at, '[)') WITH &&))"""
INSERT = "INSERT INTO bare (room_id, start_at, end_at, people, purpose) VALUES (%s, %s, %s, %s, %s) RETURNING id"


def create_app(address: str) -> Flask:
    """The one endpoint; each thread keeps a connection."""
    app = Flask("bare")
    kept = threading.local()

    @app.get("/ready")
    def ready() -> str:
        return "ready"

    @app.post("/reserve")
    def reserve() -> Any:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(address)
        wish = request.get_json()
        values = (wish["unit_id"], wish["start"], wish["end"], wish["people"], wish["purpose"])
        try:
            with kept.connection.transaction():
                (made,) = kept.connection.execute(INSERT, values).fetchone()
        except psycopg.errors.ExclusionViolation:
            return jsonify(code="slot_taken"), 409
        return jsonify(id=made, **wish), 201

    return app


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(name)
    return create_app(Settings.from_environment().database_url("booking").replace("postgresql+psycopg", "postgresql"))


if __name__ == "__main__":
    settings = Settings.from_environment()
    Granian(
        "tests.benchmarks.bare:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=2,
        log_access=False,
    ).serve()
    sys.exit(0)
