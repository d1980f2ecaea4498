"""The sandbox of a past call: what a changed cut-off, number of awards or ceiling would have changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants.models import Call
from services.grants.pages.reading import page_number, pages_of
from services.grants.pages.words import told
from services.grants.programmes import sandbox
from services.grants.rules.definition import Definition
from services.grants.rules.replay import Changes
from services.grants.won import UnclearWon, read_won
from services.grants.wording import programmes as wording
from shared import clock
from shared.districts import name_of
from shared.export import csv_lines
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database

PAGE_SIZE = 100
AMOUNTS = ("project_won", "group_won", "dong_won", "district_won", "budget_won")


def show(call_id: int) -> ResponseReturnValue:
    """The form, and the result when something is tried out."""
    now, actor, page = clock.now(), current_actor(), page_number()
    with database().read() as session:
        call, rules = sandbox.past(session, actor, now, call_id)
        if not request.args:
            return _page(call, rules, {})
        try:
            found = sandbox.run(session, actor, now, call_id=call_id, changes=_changes(request.args, rules))
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            return _page(call, rules, request.args, refusal), 422
    every = request.args.get("all") == "on"
    outcomes = [each for each in found.outcomes if every or each.change != "same"]
    return _page(
        call,
        rules,
        request.args,
        found=found,
        outcomes=outcomes[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        shown=len(outcomes),
        page=page,
        pages=pages_of(len(outcomes), PAGE_SIZE),
    )


def export(call_id: int) -> ResponseReturnValue:
    """The result of all applications as csv."""
    with database().read() as session:
        now, actor = clock.now(), current_actor()
        _call, rules = sandbox.past(session, actor, now, call_id)
        found = sandbox.run(session, actor, now, call_id=call_id, changes=_changes(request.args, rules))
    header = [
        _("순위"),
        _("접수 번호"),
        _("모임·단체"),
        _("사업명"),
        _("자치구"),
        _("행정동"),
        *(told(stage.label) for stage in rules.stages),
        _("신청 금액"),
        _("선정 금액"),
        _("다시 해 본 금액"),
        _("달라진 것"),
        _("까닭"),
    ]
    lines = (_worded(row) for row in sandbox.rows(found))
    answer = Response(csv_lines(header, lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="sandbox-{call_id}.csv"'
    return answer


def _worded(row: tuple[Any, ...]) -> list[object]:
    *facts, change, why = row
    facts[4] = name_of(facts[4], "ko")
    return [*facts, str(wording.CHANGES[change]), str(wording.REASONS.get(why, ""))]


def _changes(typed: Mapping[str, str], rules: Definition) -> Changes:
    """What is tried out; an empty field is no change. Raises Refusal invalid_input with each field that is unclear."""
    wrong: dict[str, list[str]] = {}
    cuts: dict[str, int] = {}
    for stage in rules.stages:
        name = f"cut_{stage.key}"
        text = typed.get(name, "").strip()
        hit = re.fullmatch(r"(\d{1,4})(?:\.(\d))?", text, re.ASCII)
        if hit:
            cuts[stage.key] = int(hit[1]) * 10 + int(hit[2] or 0)
        elif text:
            wrong[name] = ["points_unclear"]
    quota = typed.get("quota", "").strip()
    if quota and not re.fullmatch(r"\d{1,6}", quota, re.ASCII):
        wrong["quota"] = ["number_unclear"]
    amounts: dict[str, int] = {}
    for name in AMOUNTS:
        try:
            if typed.get(name, "").strip():
                amounts[name] = read_won(typed[name])
        except UnclearWon as error:
            wrong[name] = [error.code]
    if wrong:
        raise Refusal("invalid_input", 422, fields=wrong)
    return Changes(cuts=cuts, quota=int(quota) if quota else None, **amounts)


def _page(
    call: Call, rules: Definition, typed: Mapping[str, Any], refusal: Refusal | None = None, **result: Any
) -> str:
    return render_template(
        "grants/sandbox.html",
        call=call,
        rules=rules,
        typed=typed,
        wording=wording,
        points=_points,
        **said(refusal),
        asked=[(name, value) for name, value in typed.items() if value and name != "page"],
        **{"found": None, **result},
    )


def _points(total: Fraction | None) -> str:
    found = sandbox.points(total)
    return "–" if found is None else f"{found:.1f}"
