"""Groups for staff: confirming their kind, and the groups that a space trusts."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.booking import group_standing
from services.booking.schemas.units import row_id
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import sentence
from shared.web.navigation import service_url
from shared.web.pages import database
from shared.web.wording import GROUP_KINDS


def index() -> ResponseReturnValue:
    """The groups of the district, those that wait for a confirmation first asked for by `?waiting=on`."""
    text, waiting = request.args.get("text", "")[:100], bool(request.args.get("waiting"))
    found = group_standing.find(
        database(), current_actor(), text, request.args.get("page", 1, type=int), waiting=waiting
    )
    kinds = list(GROUP_KINDS.items())
    return render_template("booking/manage_groups.html", found=found, text=text, waiting=waiting, kinds=kinds)


def confirm(group_id: int) -> ResponseReturnValue:
    """Say what kind of group it is."""
    kind = request.form.get("kind", "")
    group = group_standing.confirm_kind(database(), current_actor(), now(), group_id, kind)
    flash(_("%(name)s: %(kind)s(으)로 확인했습니다.", name=group.name, kind=GROUP_KINDS[group.kind]), "success")
    return redirect(service_url("booking", "/manage/groups?waiting=on"))


def trusted(space_id: int) -> ResponseReturnValue:
    """The groups that a space trusts."""
    return _trusted(space_id)


def trust(space_id: int) -> ResponseReturnValue:
    """Trust a group: one of the list, or one by its code."""
    group_id, code = request.form.get("group_id", type=row_id), request.form.get("code", "")
    try:
        group = group_standing.trust(database(), current_actor(), now(), space_id, group_id, code)
    except Refusal as refusal:
        if refusal.code != "invitation_unknown":
            raise
        return _trusted(space_id, code, refusal)
    flash(_("이제 승인 없이 예약할 수 있는 모임입니다: %(name)s", name=group.name), "success")
    return redirect(service_url("booking", f"/manage/spaces/{space_id}/groups"))


def distrust(space_id: int) -> ResponseReturnValue:
    """Ask a group for approval again."""
    group_standing.distrust(database(), current_actor(), now(), space_id, request.form.get("group_id", 0, type=row_id))
    flash(_("믿는 모임에서 뺐습니다."), "success")
    return redirect(service_url("booking", f"/manage/spaces/{space_id}/groups"))


def _trusted(space_id: int, code: str = "", refusal: Refusal | None = None) -> ResponseReturnValue:
    kept = group_standing.trusted(database(), current_actor(), space_id)
    errors = {"code": [sentence(refusal.code, refusal.params)]} if refusal else {}
    page = render_template("booking/keep_groups.html", kept=kept, code=code, errors=errors)
    return page, refusal.status if refusal else 200
