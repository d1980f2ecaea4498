"""The trail of an application: who did what."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import audit_trail
from services.grants.rules.definition import Definition
from services.grants.wording.audit import KINDS, action_text, details_text, subject_text
from shared import clock
from shared.identity.access import current_actor
from shared.web.navigation import service_url
from shared.web.pages import database


def show(application_id: int) -> ResponseReturnValue:
    """The newest rows, or the older ones that a link leads to."""
    kind, before = request.args.get("kind", ""), request.args.get("before", "")
    trail = audit_trail.read(
        database(),
        current_actor(),
        clock.now(),
        application_id,
        kind=kind if kind in KINDS else None,
        before=int(before) if re.fullmatch(r"\d{1,15}", before, re.ASCII) else None,
    )
    here = service_url("grants", f"/applications/{application_id}/audit")
    kept = {"kind": kind} if kind in KINDS else {}
    return render_template(
        "grants/audit.html",
        application=trail.application,
        call=trail.call,
        lines=[_line(line, trail.rules) for line in trail.lines],
        older=f"{here}?{urlencode({**kept, 'before': trail.older})}" if trail.older else None,
        newest=f"{here}?{urlencode(kept)}" if before else None,
        typed=request.args,
        kinds=list(KINDS.items()),
    )


def _line(line: audit_trail.Line, rules: Definition) -> dict[str, Any]:
    return {
        "at": line.at,
        "who": _person(line.account_id, line.who),
        "for_whom": _person(line.on_behalf_of, line.for_whom) if line.on_behalf_of is not None else "",
        "action": action_text(line.action, rules, str(line.details.get("from", ""))),
        "subject": subject_text(line.subject),
        "details": details_text(line.details, rules),
    }


def _person(account_id: int | None, name: str | None) -> str:
    if account_id == 0:
        return _("시스템")
    if account_id is None:
        return _("알 수 없음")
    return _("%(name)s (계정 %(id)s)", name=name, id=account_id) if name else _("계정 %(id)s", id=account_id)
