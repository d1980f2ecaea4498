"""Where the staff begins: what waits, the calls and where they stand, and the way to everything else."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.grants import desk, programmes, ways
from services.grants.call_phases import PHASE_TONES, PHASE_WORDS, call_phase
from services.grants.models import Application
from services.grants.pages.reading import page_number, pages_of
from services.grants.rules.definition import State
from shared import clock
from shared.identity.access import current_actor
from shared.web.navigation import service_url
from shared.web.pages import database


def show() -> ResponseReturnValue:
    """My desk."""
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        needs, standing = desk.needs(session, actor, now), desk.calls(session, actor)
    return render_template(
        "grants/manage.html",
        needs=[{"label": each.label, "count": each.count, "href": service_url("grants", each.path)} for each in needs],
        standing=standing,
        phase_of=lambda call: call_phase(call, now),
        phase_words=PHASE_WORDS,
        phase_tones=PHASE_TONES,
        groups=ways.groups(ways.HOME, actor),
    )


def applications() -> ResponseReturnValue:
    """The applications behind a count of the desk, in all calls that the reader runs."""
    actor, page = current_actor(), page_number()
    which = request.args.get("which", "")
    which = which if which in desk.WAITING else next(iter(desk.WAITING))
    with database().read() as session:
        found, total = desk.applications(session, actor, which, offset=(page - 1) * desk.PAGE_SIZE)
        rows = [(each, _state(session, each)) for each in found]
    return render_template(
        "grants/manage_applications.html",
        rows=rows,
        title=desk.WAITING[which][0],
        total=total,
        tabs_of=[
            {"label": label, "href": url_for("manage.applications", which=key), "current": key == which}
            for key, (label, _condition) in desk.WAITING.items()
        ],
        page=page,
        pages=pages_of(total, desk.PAGE_SIZE),
    )


def _state(session: Session, application: Application) -> State | None:
    rules = programmes.rules_of_application(session, application)
    return next((each for each in rules.states if each.key == application.state), None)
