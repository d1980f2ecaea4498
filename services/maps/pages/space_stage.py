"""Staff move a space to another stage."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.maps.details import space_details
from services.maps.pages.space import stage_steps
from services.maps.spaces import NOTE_LIMIT, change_stage
from services.maps.wording import STAGES
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.pages import database


def show(space_id: int) -> ResponseReturnValue:
    """The form."""
    return _form(space_id)


def save(space_id: int) -> ResponseReturnValue:
    """Move it, or show the form again with what was typed."""
    try:
        change_stage(
            database(),
            current_actor(),
            now(),
            space_id=space_id,
            stage=request.form.get("stage", ""),
            seen_stage=request.form.get("seen_stage"),
            note=request.form.get("note", ""),
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _form(space_id, refusal)
    flash(_("단계를 바꾸었습니다."), "success")
    return redirect(url_for("space.show", space_id=space_id))


def _form(space_id: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    with database().read() as session:
        space = space_details(session, now(), space_id).space
    if not current_actor().runs_district(space.district):
        raise Refusal("not_your_district", 403)
    page = render_template(
        "maps/space_stage.html",
        space=space,
        steps=stage_steps(space),
        options=[(stage, label) for stage, label in STAGES.items()],
        typed=request.form or {"stage": space.stage},
        note_limit=NOTE_LIMIT,
        message=sentence(refusal.code, refusal.params) if refusal else None,
        errors=field_sentences(refusal) if refusal else {},
    )
    return page, refusal.status if refusal else 200
