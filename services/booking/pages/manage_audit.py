"""The trail of a space: who did what."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import audit_trail
from services.booking.schemas.managing import AuditQuery
from services.booking.wording.audit import KINDS, action_text, details_text, subject_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.errors import field_sentences, refusal_of_validation
from shared.web.navigation import service_url
from shared.web.pages import database


def show(space_id: int) -> ResponseReturnValue:
    """The newest rows, filtered; what can't be read of the filter is told and left out."""
    given = {name: value for name, value in request.args.items() if value != ""}
    errors: dict[str, list[str]] = {}
    try:
        query = AuditQuery().load(given)
    except ValidationError as error:
        errors = field_sentences(refusal_of_validation(error))
        query = AuditQuery().load(
            {name: value for name, value in given.items() if name not in error.normalized_messages()}
        )
    before = query.pop("before")
    trail = audit_trail.read(database(), current_actor(), now(), space_id, audit_trail.Filter(**query), before)
    here = service_url("booking", f"/manage/spaces/{space_id}/audit")
    kept = {name: value for name, value in given.items() if name in query}
    return render_template(
        "booking/manage_audit.html",
        space=trail.space,
        zone=ZoneInfo(trail.space.zone),
        lines=[_line(line) for line in trail.lines],
        older=f"{here}?{urlencode({**kept, 'before': trail.older})}" if trail.older else None,
        newest=f"{here}?{urlencode(kept)}" if before else None,
        typed=given,
        errors=errors,
        kinds=list(KINDS.items()),
    )


def _line(line: audit_trail.Line) -> dict[str, Any]:
    kind, _separator, number = line.subject.partition(":")
    links = {"reservation": "/reservations/", "unit": "/units/", "closure": "/manage/closures/"}
    return {
        "at": line.at,
        "who": _person(line.account_id, line.who),
        "for_whom": _person(line.on_behalf_of, line.for_whom) if line.on_behalf_of is not None else "",
        "action": action_text(line.action),
        "subject": subject_text(line.subject),
        "href": service_url("booking", links[kind] + number) if kind in links else None,
        "details": details_text(line.details),
    }


def _person(account_id: int | None, name: str | None) -> str:
    if account_id == 0:
        return _("시스템")
    if account_id is None:
        return _("알 수 없음")
    return _("%(name)s (계정 %(id)s)", name=name, id=account_id) if name else _("계정 %(id)s", id=account_id)
