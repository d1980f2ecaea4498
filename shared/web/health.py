"""Liveness and readiness: is the process up, and can it do its work."""

from collections.abc import Callable, Mapping

import structlog
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from shared.database import DatabaseUnavailable
from shared.identity.access import ANYONE, allow
from shared.web.pages import database

log = structlog.get_logger(__name__)

Check = Callable[[], str | None]
"""Returns what is wrong, or None."""


def database_answers() -> str | None:
    """Whether the service's own database answers."""
    try:
        database().ping()
    except DatabaseUnavailable as error:
        return str(error)
    return None


def watch(app: Flask, checks: Mapping[str, Check]) -> None:
    """Add /health (the process answers) and /ready (each check passes, else 503).

    /ready names the checks that fail; why they do is logged, for it holds names of hosts and files.
    """

    @allow(ANYONE)
    def health() -> ResponseReturnValue:
        return jsonify(status="ok")

    @allow(ANYONE)
    def ready() -> ResponseReturnValue:
        wrong = {name: reason for name, check in checks.items() if (reason := check())}
        for name, reason in wrong.items():
            log.error("not ready", check=name, reason=reason)
        return jsonify(status="unavailable" if wrong else "ok", failing=sorted(wrong)), 503 if wrong else 200

    app.add_url_rule("/health", "health.health", health)
    app.add_url_rule("/ready", "health.ready", ready)
