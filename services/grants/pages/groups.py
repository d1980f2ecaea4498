"""Groups: one's own, one with its people and past projects, joining by an invitation."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import group_members, groups
from services.grants.pages.reading import Reader
from services.grants.wording.applying import PHASE_LABELS
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.navigation import service_url
from shared.web.pages import database
from shared.web.wording import GROUP_KINDS


def index() -> ResponseReturnValue:
    """The groups that I belong to, and a form for a new one."""
    return _index({"key": secrets.token_urlsafe(16), "kind": "residents"})


def make() -> ResponseReturnValue:
    """Make a group; from a call, go on to apply to it."""
    details, unread = _details()
    try:
        made = groups.make(
            database(), current_actor(), clock.now(), details, key=request.form.get("key", ""), unread=unread
        )
    except Refusal as refusal:
        return _index(request.form, refusal)
    flash(_("모임을 만들었습니다. 초대 주소를 보내 함께해 보세요."), "success")
    call_id = request.form.get("call", type=int)
    if call_id:
        return redirect(url_for("drafts.begin_form", call_id=call_id))
    return redirect(url_for("groups.show", group_id=made.id))


def show(group_id: int) -> ResponseReturnValue:
    """A group: for its people all of it, for the staff of a district where it applied what they need."""
    return _show(group_id)


def change(group_id: int) -> ResponseReturnValue:
    """Change what a group says of itself."""
    details, unread = _details()
    try:
        groups.change(database(), current_actor(), clock.now(), group_id, details, unread=unread)
    except Refusal as refusal:
        return _again(group_id, refusal)
    return _done(group_id, _("저장했습니다."))


def add_member(group_id: int) -> ResponseReturnValue:
    """Name somebody of the group."""
    details, unread = _member()
    try:
        group_members.add(database(), current_actor(), clock.now(), group_id, details, unread=unread)
    except Refusal as refusal:
        return _again(group_id, refusal, member=request.form)
    return _done(group_id, _("더했습니다."))


def member_form(group_id: int, member_id: int) -> ResponseReturnValue:
    """What is known of somebody, to be changed."""
    return _member_page(group_id, member_id)


def change_member(group_id: int, member_id: int) -> ResponseReturnValue:
    """Change what is known of somebody."""
    details, unread = _member()
    try:
        group_members.change(database(), current_actor(), clock.now(), group_id, member_id, details, unread=unread)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _member_page(group_id, member_id, refusal), refusal.status
    return _done(group_id, _("저장했습니다."))


def appoint(group_id: int, member_id: int) -> ResponseReturnValue:
    """Make somebody a leader too."""
    return _act(group_id, group_members.appoint, _("대표를 더했습니다."), member_id)


def dismiss(group_id: int, member_id: int) -> ResponseReturnValue:
    """Take somebody out."""
    return _act(group_id, group_members.dismiss, _("모임에서 뺐습니다."), member_id)


def leave(group_id: int) -> ResponseReturnValue:
    """Leave a group."""
    try:
        group_members.leave(database(), current_actor(), clock.now(), group_id)
    except Refusal as refusal:
        return _again(group_id, refusal)
    flash(_("모임에서 나왔습니다."), "success")
    return redirect(url_for("groups.index"))


def renew_code(group_id: int) -> ResponseReturnValue:
    """A new invitation in place of the old one."""
    groups.renew_code(database(), current_actor(), clock.now(), group_id)
    return _done(group_id, _("새 초대 주소를 만들었습니다. 예전 주소는 이제 쓸 수 없습니다."))


def join_form(code: str) -> ResponseReturnValue:
    """An invitation: what it is for, and the button that joins."""
    with database().read() as session:
        group = group_members.invited(session, code)
    return render_template("grants/group_join.html", group=group, code=code)


def join(code: str) -> ResponseReturnValue:
    """Join by invitation."""
    group = group_members.join(database(), current_actor(), clock.now(), code)
    return _done(group.id, _("이제 함께하는 모임입니다: %(name)s", name=group.name))


def _details() -> tuple[groups.Details, dict[str, list[str]]]:
    typed = Reader(request.form)
    texts = {each.name: typed.text(each.name) for each in fields(groups.Details) if each.name != "founded_on"}
    founded_on = typed.day("founded_on") if typed.text("founded_on") else None
    return groups.Details(**texts, founded_on=founded_on), typed.unread


def _member() -> tuple[group_members.Details, dict[str, list[str]]]:
    typed = Reader(request.form)
    year = typed.number("birth_year") if typed.text("birth_year") else None
    unread = {name: ["year_unclear"] for name in typed.unread}
    return group_members.Details(typed.text("name"), year, typed.text("phone"), typed.text("address")), unread


def _act(group_id: int, use_case: Any, said: str, member_id: int) -> ResponseReturnValue:
    try:
        use_case(database(), current_actor(), clock.now(), group_id, member_id)
    except Refusal as refusal:
        return _again(group_id, refusal)
    return _done(group_id, said)


def _done(group_id: int, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("groups.show", group_id=group_id))


def _again(group_id: int, refusal: Refusal, member: Mapping[str, Any] | None = None) -> ResponseReturnValue:
    if refusal.status in (403, 404):
        raise refusal
    return _show(group_id, None if member is not None else request.form, refusal, member)


def _index(typed: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    with database().read() as session:
        mine = groups.mine(session, current_actor())
    call = request.values.get("call", type=int)
    return _page("grants/groups.html", typed, refusal, mine=mine, call=call)


def _show(
    group_id: int,
    typed: Mapping[str, Any] | None = None,
    refusal: Refusal | None = None,
    member: Mapping[str, Any] | None = None,
) -> ResponseReturnValue:
    view = groups.read(database(), current_actor(), clock.now(), group_id)
    group = view.group
    if not typed:
        typed = {each.name: getattr(group, each.name) or "" for each in fields(groups.Details)}
    invitation = request.host_url.rstrip("/") + service_url("grants", f"/groups/join/{group.invite_code}")
    return _page(
        "grants/group.html",
        typed,
        refusal,
        view=view,
        group=group,
        me=current_actor().account_id,
        invitation=invitation,
        member=member or {},
        phase_labels=PHASE_LABELS,
    )


def _member_page(group_id: int, member_id: int, refusal: Refusal | None = None) -> str:
    view = groups.read(database(), current_actor(), clock.now(), group_id)
    member = next((each for each in view.members if each.id == member_id), None)
    if member is None or not (view.leads or (view.member is not None and view.member.id == member_id)):
        raise Refusal("not_found", 404)
    known = {name: getattr(member, name) or "" for name in ("name", "birth_year", "phone", "address")}
    return render_template(
        "grants/group_member.html",
        group=view.group,
        member=member,
        typed=request.form if refusal else known,
        **said(refusal),
    )


def _page(template: str, typed: Mapping[str, Any], refusal: Refusal | None, **more: Any) -> ResponseReturnValue:
    page = render_template(
        template,
        typed=typed,
        **said(refusal),
        kinds=list(GROUP_KINDS.items()),
        **more,
    )
    return page, refusal.status if refusal else 200
