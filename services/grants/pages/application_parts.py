"""The parts of an application's page that applying itself knows: answers, filings, requirements, timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from services.grants import applications, files
from services.grants.applying import facts
from services.grants.models import ApplicationStep, Filing
from services.grants.pages import files as file_pages
from services.grants.pages.look import Look
from services.grants.pages.words import day, moment, told
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
        expected = look.call.announce_at or look.call.results_on
        shown.append(
            {"label": _("결과"), "state": "next", "date": _("%(when)s 발표 예정", when=day(expected)), "note": None}
        )
    return shown


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
            return {
                "text": _("접수가 끝나 낼 수 없습니다. 쓴 것은 그대로 있고, 다음 공고에 옮겨 쓸 수 있습니다."),
                "href": draft,
                "label": _("쓴 것 보기"),
            }
        text = _("%(when)s까지 내 주세요. 쓴 것은 저절로 저장됩니다.", when=moment(call.closes_at))
        return {"text": text, "href": draft, "label": _("이어 쓰기")}
    if phase == "intake" and look.rules.transition("correct", application.state):
        until = application.correct_by
        if until is not None and look.now >= until:
            return {"text": _("보완 기한이 지났습니다. 담당자에게 연락해 주세요."), "href": None, "label": None}
        text = _("%(when)s까지 고쳐서 다시 내 주세요.", when=moment(until)) if until else _("고쳐서 다시 내 주세요.")
        return {"text": text, "href": draft, "label": _("신청서 고치기")}
    return _waiting(look, phase)


def _waiting(look: Look, phase: str) -> dict[str, Any] | None:
    call = look.call
    words = {
        "selected": _("선정되었습니다. 협약을 맺고 지급 조건을 갖추면 보조금을 받습니다."),
        "running": _("쓸 때마다 지출과 증빙을 올려 두면 마지막 날 정산이 끝나 있습니다."),
        "settling": _("정산을 확인하고 있습니다. 돌려줄 돈이 있으면 기한 안에 돌려주세요."),
    }
    if phase in ("intake", "review", "decision"):
        if look.now < call.closes_at and not call.rolling:
            text = _("%(when)s에 접수를 마감한 뒤 심사합니다.", when=moment(call.closes_at))
        else:
            text = _("%(when)s에 결과를 알려 드립니다.", when=day(call.announce_at or call.results_on))
    elif phase in words:
        text = words[phase]
    else:
        return None
    return {"text": text, "href": None, "label": None}


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
