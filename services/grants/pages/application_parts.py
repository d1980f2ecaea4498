"""The parts of an application's page that applying itself knows: answers, filings, requirements, timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from services.grants import applications, files
from services.grants.applying import facts
from services.grants.models import ApplicationStep, Filing, StageDate
from services.grants.pages import files as file_pages
from services.grants.pages import next_for_group
from services.grants.pages.look import Look
from services.grants.pages.next_for_group import thing
from services.grants.pages.words import day, deadline, moment, told
from services.grants.policy import city_date
from services.grants.rules import forms
from services.grants.rules.definition import Definition
from services.grants.selection import embargo
from services.grants.wording.applying import CHECK_TONES, CHECK_WORDS
from shared.web.errors import sentence


def answers(look: Look) -> Mapping[str, Any] | None:
    """What was filed last, or in the filing that the address asks for."""
    application = look.application
    if application.number is None:
        return None
    wanted = request.args.get("filing", "")
    filing = next(
        (each for each in applications.filings_of(look.session, application.id) if str(each.number) == wanted), None
    )
    content = filing.answers if filing else application.answers
    attached = files.of_subject(look.session, "application", application.id)
    filed_files = filing.files if filing else None
    return {
        "questions": asked(look),
        "answers": content or _of_old(look),
        "categories": items_of(look.rules),
        "files": file_pages.rows(look.session, look.actor, attached) if filed_files is None else None,
        "filed_files": filed_files,
        "filing": filing,
    }


def filings(look: Look) -> Mapping[str, Any] | None:
    """Each time something was filed, where it was more than once."""
    found: Sequence[Filing] = applications.filings_of(look.session, look.application.id)
    return {"filings": found} if len(found) > 1 else None


def requirements(look: Look) -> Mapping[str, Any] | None:
    """How the group stands to what the programme requires, for the staff."""
    if look.application.phase not in ("intake", "review", "decision"):
        return None
    checks, limits = facts.of_application(look.session, look.application, look.call, look.now)
    if not checks and not limits:
        return None
    sentences = [sentence(code) for code in limits]
    return {"checks": checks, "limits": sentences, "words": CHECK_WORDS, "tones": CHECK_TONES}


def asked(look: Look) -> tuple[Any, ...]:
    """The questions of the application's form."""
    terms = forms.Terms(look.call.ceiling_won, tuple(look.call.strands), look.call.district)
    return forms.questions(look.rules, terms)


def items_of(rules: Definition) -> dict[str, str]:
    """ "category/item" -> its words."""
    return {
        f"{category.key}/{item.key}": f"{told(category.label)} · {told(item.label)}"
        for category in rules.settlement.categories
        for item in category.items
    }


def choices_of(rules: Definition) -> dict[str, str]:
    """The same for who plans a budget: with the share of the grant that an item, or else its category, may take."""
    words = items_of(rules)
    for category in rules.settlement.categories:
        for item in category.items:
            key, percent = f"{category.key}/{item.key}", item.ceiling_percent
            if percent is not None:
                words[key] += " " + _("(신청 금액의 %(percent)s%%까지)", percent=percent)
            elif category.ceiling_percent is not None:
                share = {"category": told(category.label), "percent": category.ceiling_percent}
                words[key] += " " + _("(%(category)s 모두 %(percent)s%%까지)", **share)
    return words


def timeline(look: Look) -> list[dict[str, Any]]:
    """Where it stands, in public words for the group and in the staff's for them; then what comes next."""
    steps = applications.steps_of(look.session, look.application.id)
    if look.own:
        steps = embargo.known_steps(look.rules, look.application, steps, look.now)
    shown: list[dict[str, Any]] = []
    for step in steps:
        entry = _entry(look, step)
        if shown and shown[-1]["label"] == entry["label"] and not entry["note"]:
            continue
        shown.append(entry)
    if not shown and look.application.submitted_at is not None:
        shown.append({"label": _("접수"), "state": "done", "date": moment(look.application.submitted_at), "note": None})
    if shown and look.known.state.phase in ("intake", "review", "decision"):
        shown[-1]["state"] = "current"
        if (held := _held(look)) is not None:
            shown.append(
                {"label": _stage(look, held), "state": "next", "date": moment(held.held_at), "note": held.place}
            )
        if look.known.announced_at is None:
            expected, late = _expected(look)
            when = _("발표가 늦어지고 있습니다") if late else _("%(when)s 발표 예정", when=day(expected))
            shown.append({"label": _("결과"), "state": "next", "date": when, "note": None})
    return shown


def _held(look: Look) -> StageDate | None:
    """When it is heard or visited, as long as that is to come."""
    ahead = look.held is not None and look.held.held_at > look.now and look.known.state.phase == "review"
    return look.held if ahead else None


def _stage(look: Look, held: StageDate) -> str:
    stage = look.rules.stage(held.stage)
    return told(stage.label) if stage else held.stage


def _expected(look: Look) -> tuple[date, bool]:
    """The day on which the result is told, and whether it has passed without it."""
    at = look.call.announce_at
    on = city_date(at) if at else look.call.results_on
    return on, on < city_date(look.now)


def _entry(look: Look, step: ApplicationStep) -> dict[str, Any]:
    try:
        state = look.rules.state(step.to_state)
    except KeyError:
        return {"label": step.to_state, "state": "done", "date": moment(step.at), "note": step.reason or None}
    failed = state.phase in ("rejected", "withdrawn")
    note = step.reason or None
    if step.event == "submit":
        note = _("접수번호 %(receipt)s", receipt=look.application.receipt)
    at = step.at
    if look.own and state.embargo is not None and look.known.announced_at is not None:
        at = max(at, look.known.announced_at)
    return {
        "label": told(state.public if look.own else state.label),
        "state": "failed" if failed else "done",
        "date": moment(at),
        "note": note,
    }


def next_thing(look: Look) -> dict[str, Any] | None:
    """What the group does next: a sentence, and where it is done."""
    application, call, phase = look.application, look.call, look.known.state.phase
    draft = url_for("drafts.show", application_id=application.id)
    if phase == "draft":
        if look.now >= call.closes_at:
            text = _("접수가 끝나 낼 수 없습니다. 쓴 것은 그대로 있고, 다음 공고에 옮겨 쓸 수 있습니다.")
            return thing(text, draft, _("쓴 것 보기"))
        text = _("%(when)s까지 내 주세요. 쓴 것은 저절로 저장됩니다.", when=moment(call.closes_at))
        return thing(text, draft, _("이어 쓰기"), todo=True)
    if phase == "intake" and look.rules.transition("correct", application.state):
        until = application.correct_by
        if until is not None and look.now >= until:
            return thing(_("보완 기한이 지났습니다. 담당자에게 연락해 주세요."))
        text = _("%(when)s까지 고쳐서 다시 내 주세요.", when=deadline(until)) if until else _("고쳐서 다시 내 주세요.")
        return thing(text, draft, _("신청서 고치기"), todo=True)
    if phase in next_for_group.PHASES:
        return next_for_group.next_thing(look)
    return _waiting(look) if phase in ("intake", "review", "decision") else None


def _waiting(look: Look) -> dict[str, Any]:
    call = look.call
    if look.known.announced_at is not None:
        return thing(_("예비로 선정되었습니다. 자리가 나면 순서대로 알려 드립니다."))
    if (held := _held(look)) is not None:
        text = _(
            "%(stage)s: %(when)s, %(place)s. 시간이 맞지 않으면 담당자에게 미리 알려 주세요.",
            stage=_stage(look, held),
            when=moment(held.held_at),
            place=held.place,
        )
        return thing(f"{text} {held.note}".strip())
    if look.now < call.closes_at and not call.rolling:
        return thing(_("%(when)s에 접수를 마감한 뒤 심사합니다.", when=moment(call.closes_at)))
    expected, late = _expected(look)
    if late:
        return thing(_("심사가 예정보다 늦어지고 있습니다. 결과가 나오는 대로 알려 드립니다."))
    return thing(_("%(when)s에 결과를 알려 드립니다.", when=day(expected)))


def _of_old(look: Look) -> dict[str, Any]:
    """What an application from before there were forms says, from its columns."""
    it = look.application
    return {
        "title": it.title,
        "plan": it.plan,
        "strand": it.strand,
        "requested_won": it.requested_won,
        "self_contribution_won": it.self_contribution_won,
    }
