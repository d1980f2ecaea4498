"""My groups: make one, invite others, leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import groups
from services.booking.schemas.equipment import GroupRequest
from services.booking.schemas.units import row_id
from shared.clock import now
from shared.districts import DISTRICTS, name_of
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database
from shared.web.wording import GROUP_KINDS


def index() -> ResponseReturnValue:
    """The groups that I belong to, and a form for a new one."""
    return _index({"kind": "residents"})


def make() -> ResponseReturnValue:
    """Make a group."""
    try:
        made = groups.make(database(), current_actor(), now(), **GroupRequest().load(request.form))
    except ValidationError as error:
        return _index(request.form, refusal_of_validation(error))
    except Refusal as refusal:
        return _index(request.form, refusal)
    flash(_("모임을 만들었습니다. 초대 주소를 보내 함께해 보세요."), "success")
    return redirect(service_url("booking", f"/groups/{made.id}"))


def show(group_id: int) -> ResponseReturnValue:
    """A group of mine with its members and, for its leaders, its invitation."""
    return _show(group_id)


def change(group_id: int) -> ResponseReturnValue:
    """Rename a group or ask for another kind."""
    groups.read(database(), current_actor(), group_id)
    try:
        groups.change(database(), current_actor(), now(), group_id, **GroupRequest().load(request.form))
    except ValidationError as error:
        return _show(group_id, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        return _show(group_id, request.form, refusal)
    flash(_("저장했습니다."), "success")
    return _back(group_id)


def join_form(code: str) -> ResponseReturnValue:
    """An invitation: what it is for, and the button that joins."""
    group = groups.invited(database(), code)
    return render_template("booking/group_join.html", group=group, code=code)


def join(code: str) -> ResponseReturnValue:
    """Join by invitation."""
    group = groups.join(database(), current_actor(), now(), code)
    flash(_("이제 함께하는 모임입니다: %(name)s", name=group.name), "success")
    return _back(group.id)


def leave(group_id: int) -> ResponseReturnValue:
    """Leave a group."""
    try:
        groups.leave(database(), current_actor(), now(), group_id)
    except Refusal as refusal:
        if refusal.code != "group_needs_leader":
            raise
        return _show(group_id, None, refusal)
    flash(_("모임에서 나왔습니다."), "success")
    return redirect(service_url("booking", "/groups"))


def appoint(group_id: int) -> ResponseReturnValue:
    """Make a member a leader too."""
    groups.appoint(database(), current_actor(), now(), group_id, _member())
    flash(_("대표를 더했습니다."), "success")
    return _back(group_id)


def dismiss(group_id: int) -> ResponseReturnValue:
    """Take a member out."""
    groups.dismiss(database(), current_actor(), now(), group_id, _member())
    flash(_("모임에서 뺐습니다."), "success")
    return _back(group_id)


def renew_code(group_id: int) -> ResponseReturnValue:
    """A new invitation in place of the old one."""
    groups.renew_code(database(), current_actor(), now(), group_id)
    flash(_("새 초대 주소를 만들었습니다. 예전 주소는 이제 쓸 수 없습니다."), "success")
    return _back(group_id)


def district_choices() -> list[tuple[str, str]]:
    """The districts to choose from, in the reader's language."""
    return [(each.code, name_of(each.code, str(get_locale()))) for each in DISTRICTS]


def _member() -> int:
    account_id = request.form.get("account_id", type=row_id)
    if account_id is None:
        raise Refusal("member_not_found", 404)
    return account_id


def _back(group_id: int) -> ResponseReturnValue:
    return redirect(service_url("booking", f"/groups/{group_id}"))


def _index(typed: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    return _page("booking/groups.html", typed, refusal, mine=groups.mine(database(), current_actor()))


def _show(group_id: int, typed: Mapping[str, Any] | None = None, refusal: Refusal | None = None) -> ResponseReturnValue:
    own = groups.read(database(), current_actor(), group_id)
    if typed is None:
        typed = {"name": own.group.name, "kind": own.group.kind, "district": own.group.district or ""}
    invitation = request.host_url.rstrip("/") + service_url("booking", f"/groups/join/{own.group.invite_code}")
    return _page("booking/group.html", typed, refusal, own=own, invitation=invitation)


def _page(template: str, typed: Mapping[str, Any], refusal: Refusal | None, **more: Any) -> ResponseReturnValue:
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        template,
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        kinds=list(GROUP_KINDS.items()),
        districts=district_choices(),
        **more,
    )
    return page, refusal.status if refusal else 200
