"""Likely duplicates: the pairs of a call, and two applications side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import files, groups
from services.grants.intake import duplicates
from services.grants.models import AUDIT, Application, Call
from services.grants.pages.reading import page_number, pages_of
from services.grants.pages.words import strand, won
from services.grants.rules.duplicates import Pair
from services.grants.rules.findings import BY_CODE
from services.grants.rules.likeness import differences
from shared import clock
from shared.audit import record
from shared.identity.access import current_actor
from shared.web.pages import database

PAGE_SIZE = 50


def index(call_id: int) -> ResponseReturnValue:
    """The pairs, what speaks most for it first; of one application where the address names it."""
    only = request.args.get("application", "")
    number = int(only) if re.fullmatch(r"\d{1,9}", only, re.ASCII) else None
    with database().read() as session:
        found = duplicates.of_call(session, current_actor(), call_id=call_id, only=number)
    page = page_number()
    shown = found.pairs[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return render_template(
        "grants/duplicates.html",
        call=found.call,
        only=found.applications.get(number) if number else None,
        pairs=[
            {
                "one": found.applications[each.one],
                "other": found.applications[each.other],
                "reasons": reasons(each),
                "codes": each.codes,
                "href": url_for("duplicates.beside", one=each.one, other=each.other),
            }
            for each in shown
        ],
        total=len(found.pairs),
        findings=BY_CODE,
        page=page,
        pages=pages_of(len(found.pairs), PAGE_SIZE),
    )


def beside(one: int, other: int) -> ResponseReturnValue:
    """Two applications, and what is alike and different in them; that they were read is recorded."""
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        call, first, second, pair = duplicates.beside(session, actor, one=one, other=other)
        attached = files.of_subjects(session, "application", [first.id, second.id])
        elsewhere = session.get_one(Call, second.call_id)
        leaders = [groups.leader_name(session, each) for each in (first, second)]
    with database().write() as session:
        for each in (first, second):
            record(session, AUDIT, actor, now, "application.viewed", f"application:{each.id}")
    named = [{"label": _("공고"), "first": call.title, "second": elsewhere.title, "same": False}]
    hashes = [{each.sha256 for each in attached.get(number, [])} for number in (first.id, second.id)]
    return render_template(
        "grants/beside.html",
        call=call,
        first=first,
        second=second,
        pair=pair,
        reasons=reasons(pair),
        findings=BY_CODE,
        rows=[*(named if elsewhere.id != call.id else ()), *_rows(first, second, leaders)],
        titles=differences(first.title, second.title),
        plans=differences(first.plan, second.plan),
        files=[attached.get(number, []) for number in (first.id, second.id)],
        same_files=hashes[0] & hashes[1],
    )


def reasons(pair: Pair) -> list[str]:
    """What two applications share, in words."""
    found = []
    if pair.leader:
        found.append(_("대표가 같은 사람"))
    if pair.members:
        found.append(_("구성원 %(number)s명이 같음", number=pair.members))
    if pair.account:
        found.append(_("계좌가 같음"))
    if pair.address:
        found.append(_("주소가 같음"))
    if pair.files:
        found.append(_("파일 %(number)s개가 같음", number=pair.files))
    if pair.text:
        found.append(_("글이 %(percent)s%% 비슷함", percent=round(pair.text * 100)))
    return found


def _rows(first: Application, second: Application, leaders: Sequence[str]) -> list[dict[str, Any]]:
    both: list[tuple[str, Any, Any]] = [
        (_("접수번호"), first.receipt, second.receipt),
        (_("모임·단체"), first.group_name, second.group_name),
        (_("대표"), *leaders),
        (_("동"), first.dong, second.dong),
        (_("분야"), strand(first.strand), strand(second.strand)),
        (_("참여 인원"), first.members, second.members),
        (_("신청 금액"), won(first.requested_won), won(second.requested_won)),
        (_("자부담"), won(first.self_contribution_won), won(second.self_contribution_won)),
    ]
    return [{"label": label, "first": a, "second": b, "same": a == b} for label, a, b in both]
