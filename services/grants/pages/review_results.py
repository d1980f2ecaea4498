"""An application's reviews as the staff sees them: who has one, who stepped back, and the scores once they are open."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.grants import policy
from services.grants.pages.acting import NONE, Again, Refused, acted
from services.grants.pages.reading import Reader
from services.grants.reviewing import overview, reassigning
from shared import clock
from shared.identity.access import current_actor
from shared.web.pages import database

STATE_WORDS: dict[str, Any] = {
    "assigned": lazy_gettext("심사 중"),
    "submitted": lazy_gettext("제출함"),
    "recused": lazy_gettext("회피"),
}
STATE_TONES = {"assigned": "info", "submitted": "success", "recused": "neutral"}
INTEREST_WORDS: dict[str, Any] = {
    "declared": lazy_gettext("스스로 알림"),
    "membership": lazy_gettext("모임의 구성원"),
    "address": lazy_gettext("같은 주소"),
    "joint_application": lazy_gettext("함께 신청한 적 있음"),
}


def show(application_id: int) -> ResponseReturnValue:
    """All rounds, the interests, and what can be done."""
    return page(application_id)


def again(application_id: int) -> ResponseReturnValue:
    """Ask for a re-review."""
    typed = Reader(request.form)
    return acted(
        reassigning.again,
        url_for("review_results.show", application_id=application_id),
        _("재심사를 부탁했습니다. 앞선 심사는 기록에 남습니다."),
        Again("again", "reason", lambda refused: page(application_id, refused)),
        application_id=application_id,
        reason=typed.text("reason"),
        same_people=typed.text("who") == "same",
        round_asked=typed.number("round") or 0,
    )


def page(application_id: int, refused: Refused = NONE) -> str:
    """The reviews of an application, with the form that was refused."""
    told = overview.of_application(database(), current_actor(), clock.now(), application_id=application_id)
    held = told.held
    dated: Any = {}
    if held is not None:
        dated = {"held_at": held.held_at.astimezone(policy.SEOUL), "place": held.place, "note": held.note}
    return render_template(
        "grants/review_results.html",
        told=told,
        application=told.application,
        call=told.call,
        state=told.rules.state(told.application.state),
        state_words=STATE_WORDS,
        state_tones=STATE_TONES,
        interest_words=INTEREST_WORDS,
        dated=dated,
        others=[
            (each.account_id, f"{each.name} · {each.affiliation}" if each.affiliation else each.name)
            for each in told.others
        ],
        refused=refused,
    )
