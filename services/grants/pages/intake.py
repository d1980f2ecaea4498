"""Intake as the staff sees it: a call's applications, the check of one, and many at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from services.grants import calls, many, policy, programmes
from services.grants.call_phases import call_phase
from services.grants.intake import checking, listing
from services.grants.intake.listing import Query
from services.grants.pages import words
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.rules.definition import Definition
from services.grants.rules.findings import BY_CODE
from shared import clock
from shared.districts import name_of
from shared.export import XLSX, Sheet, csv_lines, xlsx
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said, sentence
from shared.web.pages import database


def asked() -> Query:
    """What the address asks for; what is not known there is left out."""
    sort = request.args.get("sort", "number")
    return Query(
        state=request.args.get("state", "")[:40],
        phase=request.args.get("phase", "")[:12],
        strand=request.args.get("strand", "")[:40],
        dong=request.args.get("dong", "")[:40],
        text=request.args.get("q", "")[:100],
        sort=sort if sort in listing.SORTS else "number",
        descending=request.args.get("order") == "down",
    )


def index(call_id: int) -> ResponseReturnValue:
    """The applications of a call, for those who run it."""
    query, page = asked(), page_number()
    with database().read() as session:
        told = listing.listed(
            session,
            current_actor(),
            call_id=call_id,
            query=query,
            offset=(page - 1) * listing.PAGE_SIZE,
        )
    return render_template(
        "grants/intake.html",
        told=told,
        call=told.call,
        query=query,
        remaining_won=told.remaining_won,
        states={each.key: each for each in told.rules.states},
        tabs_of=_tabs(call_id, told.rules, told.counts, query),
        columns=_columns(query),
        strands=[(each.key, words.told(each.label)) for each in told.rules.strands],
        dongs=[(each, each) for each in told.dongs],
        phase=call_phase(told.call, clock.now()),
        ready=sum(
            told.counts.get(each.key, 0)
            for each in told.rules.states
            if each.phase == "intake" and told.rules.transition("advance", each.key)
        ),
        page=page,
        pages=pages_of(told.total, listing.PAGE_SIZE),
    )


def csv(call_id: int) -> ResponseReturnValue:
    """The filtered list as csv, sent while it is read."""
    query, actor = asked(), current_actor()
    with database().read() as session:
        call = calls.get(session, actor, call_id)
        policy.check_runs(actor, call.district)
        rules = programmes.rules_of_call(session, call)

    def lines() -> Iterator[str]:
        with database().read() as session:
            yield from csv_lines(_header(), _cells(listing.all_rows(session, actor, call, rules, query), rules))

    name = listing.file_name(call, policy.city_date(clock.now()), "csv")
    return Response(
        stream_with_context(lines()),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def workbook(call_id: int) -> ResponseReturnValue:
    """The filtered list as xlsx."""
    query, actor = asked(), current_actor()
    with database().read() as session:
        call = calls.get(session, actor, call_id)
        policy.check_runs(actor, call.district)
        rules = programmes.rules_of_call(session, call)
        rows = listing.all_rows(session, actor, call, rules, query)
        file = xlsx([Sheet(_("신청 목록"), _header(), _cells(rows, rules))])
    name = listing.file_name(call, policy.city_date(clock.now()), "xlsx")
    return Response(file, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def accept_many(call_id: int) -> ResponseReturnValue:
    """Confirm the chosen ones, or all that are received."""
    actor, now = current_actor(), clock.now()
    chosen = [int(each) for each in request.form.getlist("application") if re.fullmatch(r"\d{1,9}", each, re.ASCII)]
    if request.form.get("which") == "all":
        with database().read() as session:
            policy.check_runs(actor, calls.get(session, actor, call_id).district)
            chosen = listing.ids(session, call_id, "submitted", many.AT_ONCE)
    outcome = checking.accept_many(database(), actor, now, call_id=call_id, application_ids=chosen)
    report(outcome.moved, outcome.refused, _("자격을 확인했습니다"))
    return redirect(url_for("intake.index", call_id=call_id, state="submitted" if outcome.refused else None))


def report(moved: list[int], refused: Counter[str], done: str) -> None:
    """What came of many steps at once."""
    if moved:
        number = len(moved)
        flash(ngettext("%(done)s: %(num)s건.", "%(done)s: %(num)s건.", number, done=done), "success")
    for code, number in sorted(refused.items()):
        flash(_("%(number)s건은 그대로입니다. %(why)s", number=number, why=sentence(code)), "warning")
    if not moved and not refused:
        flash(_("고른 신청이 없습니다. 목록에서 하나 이상 골라 주세요."), "warning")


def show(application_id: int) -> ResponseReturnValue:
    """Each requirement with its answer, and what stands against it."""
    return _sheet(application_id, {})


def decide(application_id: int) -> ResponseReturnValue:
    """Accept, refuse or ask for a correction."""
    actor, now = current_actor(), clock.now()
    typed = Reader(request.form)
    decision, reason = typed.text("decision"), typed.text("reason")
    try:
        if decision == "accept":
            checking.accept(database(), actor, now, application_id=application_id, reason=reason)
            flash(_("자격을 확인했습니다. 모임에 알렸습니다."), "success")
        elif decision == "refuse":
            checking.refuse(database(), actor, now, application_id=application_id, reason=reason)
            flash(_("자격 미달로 결정했습니다. 이유와 이의신청 방법을 모임에 알렸습니다."), "success")
        elif decision == "request_correction":
            until = typed.moment("correct_by") if typed.text("correct_by") else None
            if typed.unread:
                raise Refusal("invalid_input", 422, fields=typed.unread)
            checking.request_correction(
                database(), actor, now, application_id=application_id, reason=reason, correct_by=until
            )
            flash(_("보완을 요청했습니다. 고칠 것과 기한을 모임에 알렸습니다."), "success")
        else:
            raise Refusal("invalid_input", 422, fields={"decision": ["decision_needed"]})
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _sheet(application_id, request.form, refusal), refusal.status
    return redirect(url_for("intake.show", application_id=application_id))


def _sheet(application_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    told = checking.sheet(database(), current_actor(), clock.now(), application_id=application_id)
    return render_template(
        "grants/eligibility.html",
        told=told,
        application=told.application,
        call=told.call,
        state=told.rules.state(told.application.state),
        choices=[
            (event, label)
            for event, label in (
                ("accept", _("자격이 있습니다")),
                ("request_correction", _("보완이 필요합니다")),
                ("refuse", _("자격이 없습니다")),
            )
            if told.may(event)
        ],
        findings=BY_CODE,
        why=sentence,
        district_name=lambda code: name_of(code, get_locale()) if code else _("서울시"),
        until=told.correct_until.astimezone(policy.SEOUL),
        typed=typed,
        **said(refusal),
    )


def _tabs(call_id: int, rules: Definition, counts: dict[str, int], query: Query) -> list[dict[str, Any]]:
    shown = [("", _("전체"), sum(counts.values()))]
    shown += [(each.key, words.told(each.label), counts[each.key]) for each in rules.states if counts.get(each.key)]
    return [
        {
            "label": label,
            "count": count,
            "href": url_for("intake.index", call_id=call_id, state=key or None),
            "current": key == query.state and not query.phase,
        }
        for key, label, count in shown
    ]


def _columns(query: Query) -> list[dict[str, Any]]:
    def by(sort: str, first: str = "up") -> dict[str, Any]:
        here = query.sort == sort
        order = ("up" if query.descending else "down") if here else first
        arguments = {name: value for name, value in request.args.items() if name not in ("page", "sort", "order")}
        sorted_ = ("descending" if query.descending else "ascending") if here else None
        return {"href": f"?{urlencode(arguments | {'sort': sort, 'order': order})}", "sorted": sorted_}

    return [
        {"key": "title", "label": _("사업명"), **by("title")},
        {"key": "number", "label": _("접수번호"), **by("number")},
        {"key": "group", "label": _("모임·단체")},
        {"key": "strand", "label": _("분야")},
        {"key": "dong", "label": _("동")},
        {"key": "amount", "label": _("신청 금액"), "numeric": True, **by("amount", "down")},
        {"key": "score", "label": _("평균 점수"), "numeric": True, **by("score", "down")},
        {"key": "state", "label": _("상태")},
        {"key": "todo", "label": _("할 일")},
    ]


def _header() -> list[str]:
    return [
        _("접수번호"),
        _("사업명"),
        _("모임·단체"),
        _("자치구"),
        _("동"),
        _("분야"),
        _("참여 인원"),
        _("신청 금액(원)"),
        _("자부담(원)"),
        _("상태"),
        _("들어온 심사"),
        _("평균 점수"),
        _("선정 금액(원)"),
        _("접수 시각"),
    ]


def _cells(rows: Iterator[listing.Row], rules: Definition) -> Iterator[list[Any]]:
    states = {each.key: words.told(each.label) for each in rules.states}
    strands = {each.key: words.told(each.label) for each in rules.strands}
    districts = dict(words.district_choices())
    for row in rows:
        one = row.application
        yield [
            one.receipt,
            one.title,
            one.group_name,
            districts.get(one.district, one.district),
            one.dong,
            strands.get(one.strand, one.strand),
            one.members,
            one.requested_won,
            one.self_contribution_won,
            states.get(one.state, one.state),
            row.submitted,
            row.average_tenths / 10 if row.average_tenths is not None else None,
            one.awarded_won,
            one.submitted_at.astimezone(policy.SEOUL).isoformat(timespec="minutes") if one.submitted_at else None,
        ]
