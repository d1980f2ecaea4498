"""Where the staff begins: what waits, the calls and where they stand, and the way to everything else."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from services.grants import desk, ways
from services.grants.workflow import PHASE_TONES, PHASE_WORDS, call_phase
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
