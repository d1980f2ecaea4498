"""What can we apply for? For a group of one's own, or for what one tells of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.grants import discovering, groups, offers
from services.grants.models import ApplicantGroup
from services.grants.offers import APPLIED, BLOCKED, LOOK, READY, Offer
from services.grants.pages.discover import views
from services.grants.pages.reading import page_number, pages_of
from services.grants.pages.words import programme, programme_choices
from services.grants.rules.eligibility import Check
from services.grants.schemas.discovering import AnswersQuery
from services.grants.wording.discovering import CHECK_ICONS, CHECK_TONES, CHECKS, STANDING_TONES, STANDINGS, left
from services.grants.wording.programmes import GROUP_KINDS
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database

PAGE_SIZE = 20
SHOWN = {"can": (READY, LOOK), "applied": (APPLIED,), "cannot": (BLOCKED,)}
OF_GROUP = frozenset(
    {
        "members_too_few",
        "outside_district",
        "kind_not_allowed",
        "registration_missing",
        "group_too_young",
        "account_missing",
    }
)
"""What a group can put right on its own page."""
OF_MINE = frozenset({"return_overdue"})
QUESTIONS = ("district", "members", "kind", "registered", "awarded", "founded_on")


def show() -> ResponseReturnValue:
    """Every call that is open or comes, with what is met and what is not."""
    now, actor = clock.now(), current_actor()
    call_id = request.args.get("call", type=_number)
    told = any(request.args.get(name) for name in QUESTIONS)
    errors: dict[str, list[str]] = {}
    found: list[Offer] | None = None
    with database().read() as session:
        mine = [group for group, _role in groups.mine(session, actor)]
        group = None if told or request.args.get("as") == "answers" else _chosen(mine)
        programmes = discovering.open_programmes(session, now)
        if group is not None:
            found = offers.of_group(session, actor, group.id, now, call_id=call_id)
        elif told:
            try:
                answers = AnswersQuery().load({name: value for name in QUESTIONS if (value := _given(name))})
            except ValidationError as error:
                errors = field_sentences(refusal_of_validation(error))
            else:
                found = offers.of_answers(session, answers, now, call_id=call_id)
    page = page_number()
    counts = Counter(each.standing for each in found or ())
    shown = request.args.get("show", "")
    kept = [each for each in found or () if shown not in SHOWN or each.standing in SHOWN[shown]]
    html = render_template(
        "grants/eligible.html",
        views=views("eligible.show"),
        mine=[(each.id, each.name) for each in mine],
        group=group,
        found=found,
        offers=kept[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        page=page,
        pages=pages_of(len(kept), PAGE_SIZE),
        shown=_tabs(shown if shown in SHOWN else "", counts),
        can=counts[READY] + counts[LOOK],
        call_id=call_id,
        typed=request.args,
        errors=errors,
        kinds=[(key, str(word)) for key, word in GROUP_KINDS.items()],
        awarded=_awarded(programmes),
        left=lambda call: left(call, now),
        lines=lambda offer: _lines(offer, group),
        standing_words=STANDINGS,
        standing_tones=STANDING_TONES,
        check_words=CHECKS,
        check_tones=CHECK_TONES,
        check_icons=CHECK_ICONS,
    )
    return html, 422 if errors else 200


def _chosen(mine: list[ApplicantGroup]) -> ApplicantGroup | None:
    """The group that the address names, else one's first. Raises Refusal not_found for a group of others."""
    asked = request.args.get("group")
    if not asked:
        return mine[0] if mine else None
    found = next((each for each in mine if str(each.id) == asked), None)
    if found is None:
        raise Refusal("not_found", 404)
    return found


def _lines(offer: Offer, group: ApplicantGroup | None) -> list[dict[str, Any]]:
    """What is asked, how it stands, why, and where it is put right: what is not met first."""
    lines = [_line(each, group) for each in offer.checks]
    lines += [
        {"label": _("사업이 정한 한도"), "state": "unmet", "why": sentence(code), "fix": None} for code in offer.limits
    ]
    lines += [_line(each, group) | {"state": "unsure", "later": True} for each in offer.later]
    return sorted(lines, key=lambda line: ("unmet", "unsure", "met").index(line["state"]))


def _line(check: Check, group: ApplicantGroup | None) -> dict[str, Any]:
    why = ""
    if check.state == "unmet":
        why = sentence(check.kind.code, check.params)
    elif check.state == "unsure":
        why = _("적은 것만으로는 알 수 없습니다. 신청할 때 확인합니다.")
    return {
        "label": _label(check),
        "state": check.state,
        "why": why,
        "fix": _fix(check.kind.code, group) if check.state == "unmet" else None,
        "told_only": check.state == "unmet" and not check.kind.blocks,
    }


def _label(check: Check) -> str:
    """What is asked; of the kinds of groups, which."""
    if check.kind.value == "kinds" and check.value:
        return f"{check.label} ({', '.join(str(GROUP_KINDS.get(key, key)) for key in check.value)})"
    return check.label


def _fix(code: str, group: ApplicantGroup | None) -> tuple[str, str] | None:
    if group is None:
        return None
    if code in OF_GROUP:
        return _("모임 정보 고치기"), service_url("grants", f"/groups/{group.id}")
    return (_("내 신청에서 반납하기"), url_for("applications.mine")) if code in OF_MINE else None


def _tabs(shown: str, counts: Counter[str]) -> list[dict[str, Any]]:
    """All, what one can apply for, what one has applied for, what one can't."""
    words = {"": _("모두"), "can": _("신청할 수 있음"), "applied": _("이미 신청함"), "cannot": _("신청할 수 없음")}
    kept: dict[str, Any] = {name: value for name in (*QUESTIONS, "group", "call", "as") if (value := _given(name))}
    return [
        {
            "label": word,
            "href": url_for("eligible.show", **(kept | ({"show": key} if key else {}))),
            "current": key == shown,
            "count": sum(counts[each] for each in SHOWN[key]) if key else counts.total(),
        }
        for key, word in words.items()
    ]


def _awarded(programmes: list[str]) -> list[tuple[str, str]]:
    """The programmes that may have selected somebody this year: what is asked for now, and any other."""
    told = dict(programme_choices()) | {key: programme(key) for key in programmes}
    return [*told.items(), ("other", _("다른 사업"))]


def _given(name: str) -> str:
    return request.args.get(name, "").strip()


def _number(text: str) -> int:
    """Raises ValueError for what is no row's number."""
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError(text)
    return number
