"""Applications: one with everything that belongs to it, its receipt, and one's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from services.grants import applications, process, programmes, standing, ways
from services.grants.models import ApplicantGroup, Application, StageDate
from services.grants.pages import application_parts, next_for_group, next_for_staff, sections
from services.grants.pages.look import Look
from services.grants.reviewing import stages
from services.grants.selection import embargo
from shared import clock
from shared.identity.access import current_actor
from shared.web.pages import database

DEEP = 10
"""Of so many funded projects the list of one's own says what is next: each asks a few queries."""


def show(application_id: int) -> ResponseReturnValue:
    """Where an application stands and all that belongs to it, for its group and for those who run the call."""
    actor, now = current_actor(), clock.now()
    application = applications.view(database(), actor, now, application_id=application_id)
    call = application.call
    with database().read() as session:
        rules = programmes.rules_of_application(session, application)
        own = standing.belongs(session, actor.account_id, application)
        known = embargo.known(rules, application, call, now)
        stage = rules.state(application.state).stage if application.phase == "review" else None
        held = stages.present_dates(session, {application.id: stage}).get(application.id)
        look = Look(session, application, call, rules, actor, now, own, known, held)
        following = application_parts.next_thing(look) if own else next_for_staff.next_thing(look)
        shown = {"submit", "correct", "terminate"}
        buttons = [
            each
            for each in sections.buttons(session, rules, application, call, actor, now)
            if each["event"] not in shown and not (following and each["href"] == following["href"])
        ]
        return render_template(
            "grants/application.html",
            application=application,
            call=call,
            own=own,
            known=known,
            state=known.state if own else rules.state(application.state),
            steps=application_parts.timeline(look),
            next=following,
            sections=sections.loaded(look),
            buttons=buttons,
            may_withdraw=own and process.can(session, application, call, "withdraw", now),
            group_id=application.group_id,
            now=now,
        )


def receipt(application_id: int) -> ResponseReturnValue:
    """The receipt, to be printed."""
    actor, now = current_actor(), clock.now()
    application = applications.view(database(), actor, now, application_id=application_id)
    with database().read() as session:
        filings = applications.filings_of(session, application_id)
        group = session.get(ApplicantGroup, application.group_id) if application.group_id else None
    return render_template(
        "grants/receipt.html", application=application, call=application.call, filings=filings, group=group
    )


def withdraw(application_id: int) -> ResponseReturnValue:
    """Take one's own application back, or give a draft up."""
    application = applications.withdraw(database(), current_actor(), clock.now(), application_id=application_id)
    flash(_("작성을 그만두었습니다.") if application.number is None else _("신청을 철회했습니다."), "success")
    if application.number is None:
        return redirect(url_for("applications.mine"))
    return redirect(url_for("applications.show", application_id=application_id))


def mine() -> ResponseReturnValue:
    """The applications of one's groups, each with what to do next."""
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        found = applications.mine(session, actor)
        deep = [each.id for each in found if each.phase in next_for_group.PHASES][:DEEP]
        held = stages.present_dates(
            session,
            {
                each.id: programmes.rules_of_application(session, each).state(each.state).stage
                for each in found
                if each.phase == "review"
            },
        )
        shown = [_own(session, each, now, each.id in deep, held.get(each.id)) for each in found]
    waiting = [each for each in shown if each["next"] and each["next"]["todo"]]
    return render_template(
        "grants/mine.html",
        waiting=waiting,
        others=[each for each in shown if each not in waiting],
        ways=ways.links(ways.MINE, actor),
    )


def _own(
    session: Session, application: Application, now: datetime, deep: bool, held: StageDate | None
) -> dict[str, Any]:
    rules = programmes.rules_of_application(session, application)
    known = embargo.known(rules, application, application.call, now)
    look = Look(session, application, application.call, rules, current_actor(), now, True, known, held)
    known_next = deep or application.phase not in next_for_group.PHASES
    return {
        "application": application,
        "known": known,
        "next": application_parts.next_thing(look) if known_next else None,
    }
