"""Programmes: everyone reads their rules; a district's staff and the city's copy, release and retire their own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from services.grants import policy, programmes
from services.grants.guards import GUARDS
from services.grants.models import ProgrammeVersion
from services.grants.pages.acting import NONE, Refused
from services.grants.pages.programme_words import VIEW, compared, limits, problem_lines
from services.grants.pages.reading import chosen_district, page_number, pages_of
from services.grants.pages.words import told
from services.grants.programmes import building, reading
from services.grants.programmes.checking import problems_of
from services.grants.rules.comparison import differences
from services.grants.rules.definition import Definition, Words
from services.grants.rules.diagram import draw
from services.grants.wording import programmes as wording
from shared import clock
from shared.districts import name_of
from shared.identity.access import current_actor
from shared.identity.actor import Role
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """The programmes, the city's first."""
    district, page = chosen_district(), page_number()
    programmes.ensure(database(), clock.now())
    with database().read() as session:
        found, total = reading.listed(
            session, current_actor(), district=district, offset=(page - 1) * reading.PAGE_SIZE
        )
    return render_template(
        "grants/programmes.html",
        listed=found,
        total=total,
        page=page,
        pages=pages_of(total, reading.PAGE_SIZE),
        district=district,
        builds=_builds(),
    )


def show(programme_id: int) -> ResponseReturnValue:
    """A programme as it is in force."""
    return _show(programme_id, None)


def version(programme_id: int, number: int) -> ResponseReturnValue:
    """One version of a programme."""
    return _show(programme_id, number)


def preview(programme_id: int, number: int) -> ResponseReturnValue:
    """The form as applicants will see it; nothing in it is sent."""
    with database().read() as session:
        found = reading.shown(session, current_actor(), programme_id, number)
    return render_template(
        "grants/programme_preview.html",
        found=found,
        rules=found.rules,
        options_of=lambda rows: [(row.key, told(row.label)) for row in rows],
    )


def new() -> ResponseReturnValue:
    """The form for a copy."""
    typed = {
        "version_id": request.args.get("from", ""),
        "district": current_actor().district or "",
        "key": secrets.token_urlsafe(16),
    }
    return _form(typed)


def create() -> ResponseReturnValue:
    """Copy a programme."""
    form = request.form
    chosen = form.get("version_id", "")
    try:
        if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 10):
            raise Refusal("invalid_input", 422, fields={"version_id": ["programme_unknown"]})
        made = building.copy(
            database(),
            current_actor(),
            clock.now(),
            version_id=int(chosen),
            district=form.get("district") or None,
            name=Words(form.get("name", "").strip(), form.get("name_en", "").strip()),
            key=form.get("key", ""),
        )
    except Refusal as refusal:
        if refusal.status == 404:
            refusal = Refusal("invalid_input", 422, fields={"version_id": ["programme_unknown"]})
        return _form(form, refusal), refusal.status
    flash(_("사업을 복사했습니다. 규칙을 고친 뒤 쓰기 시작해 주세요."), "success")
    return _to(made)


def next_version(programme_id: int) -> ResponseReturnValue:
    """Begin the next version, or go on with it."""
    return _to(building.next_version(database(), current_actor(), clock.now(), programme_id=programme_id))


def release(programme_id: int, number: int) -> ResponseReturnValue:
    """Let calls run this version."""
    with database().read() as session:
        found = reading.shown(session, current_actor(), programme_id, number)
    try:
        building.release(
            database(),
            current_actor(),
            clock.now(),
            version_id=found.version.id,
            seen=request.form.get("seen", ""),
            note=request.form.get("note", ""),
        )
    except Refusal as refusal:
        if refusal.code not in ("programme_inconsistent", "rules_changed_meanwhile", "invalid_input"):
            raise
        if refusal.code != "invalid_input":  # what is wrong with the rules stands in a list of its own
            refusal = Refusal(refusal.code, refusal.status, None, **refusal.params)
        return _show(programme_id, number, Refused("release", "form", refusal, request.form)), refusal.status
    flash(_("이 판을 쓰기 시작했습니다. 이제부터 게시하는 공고가 이 규칙을 따릅니다."), "success")
    return redirect(url_for("programmes.show", programme_id=programme_id))


def retire(programme_id: int) -> ResponseReturnValue:
    """No new calls run it any more; or take it up again."""
    back = request.form.get("back") == "on"
    building.retire(database(), current_actor(), clock.now(), programme_id=programme_id, back=back)
    told_ = _("사업을 다시 씁니다.") if back else _("사업을 더 쓰지 않습니다. 진행 중인 공고는 그대로 이어집니다.")
    flash(told_, "success")
    return redirect(url_for("programmes.show", programme_id=programme_id))


def compare(programme_id: int) -> ResponseReturnValue:
    """What differs between two versions: two of this programme, or this one and another programme's."""
    actor = current_actor()
    with database().read() as session:
        found = reading.shown(session, actor, programme_id)
        others = [(each.id, _("%(number)s판", number=each.number)) for each in found.versions]
        if found.programme.copied_from:
            try:
                source, _programme = building.readable(session, actor, found.programme.copied_from)
                name = _("복사한 원래 판: %(name)s", name=told(Words(**source.definition["label"])))
                others.append((source.id, name))
            except Refusal:
                pass
        first, second = _pair(others)
        one, _programme = building.readable(session, actor, first)
        two, _programme = building.readable(session, actor, second)
    return render_template(
        "grants/programme_compare.html",
        found=found,
        others=others,
        first=first,
        second=second,
        lines=compared(differences(one.definition, two.definition)),
    )


def _pair(others: list[tuple[int, str]]) -> tuple[int, int]:
    """The two versions that are compared: those asked for, else the newest and the one before it."""
    known = {str(each): each for each, _name in others}
    newest = others[0][0]
    before = others[1][0] if len(others) > 1 else newest
    return known.get(request.args.get("from", ""), before), known.get(request.args.get("to", ""), newest)


def _show(programme_id: int, number: int | None, refused: Refused = NONE) -> str:
    with database().read() as session:
        found = reading.shown(session, current_actor(), programme_id, number)
    newest = found.versions[0]
    return render_template(
        "grants/programme.html",
        found=found,
        rules=found.rules,
        newest=newest,
        problems=problem_lines(problems_of(found.rules), found.rules) if found.owns else [],
        changeable=found.owns and found.version.frozen_at is None and found.programme.retired_at is None,
        diagram=drawn(found.rules),
        lines=[{"number": number, "row": row} for number, row in enumerate(found.rules.transitions, 1)],
        limits=limits(found.rules),
        builds=_builds(),
        refused=refused,
        **VIEW,
    )


def drawn(rules: Definition) -> dict[str, Any]:
    """The diagram of a process with its words in the reader's language."""
    return {
        "plan": draw(rules, lambda row: told(row.label)),
        "columns": wording.COLUMNS,
        "guards": {key: guard.label for key, guard in GUARDS.items()},
    }


def _builds() -> bool:
    return current_actor().has(Role.DISTRICT_STAFF, Role.CITY_STAFF)


def _to(made: ProgrammeVersion) -> ResponseReturnValue:
    return redirect(url_for("programmes.version", programme_id=made.programme_id, number=made.number))


def _form(typed: Mapping[str, Any], refusal: Refusal | None = None) -> str:
    actor = current_actor()
    with database().read() as session:
        sources = [
            (version_id, f"{told(rules.label)} ({_owner(programme.district)})")
            for version_id, programme, rules in reading.sources(session, actor)
        ]
    return render_template(
        "grants/programme_new.html",
        typed=typed,
        sources=sources,
        whole_city=policy.runs_call(actor, None),
        **said(refusal),
    )


def _owner(district: str | None) -> str:
    return name_of(district, get_locale()) if district else _("서울시")
