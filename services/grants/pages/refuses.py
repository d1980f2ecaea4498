"""What Maru refuses: for everyone, made from the rules themselves."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import refuses
from services.grants.pages.words import programme_rules, told
from services.grants.refuses import Place, Rule
from services.grants.wording.refuses import (
    EFFECT_TONES,
    EFFECT_WORDS,
    KIND_WORDS,
    PLACE_WORDS,
    expense_words,
    general,
)
from shared.web.errors import sentence


def show() -> ResponseReturnValue:
    """Every rule that says no."""
    programmes = programme_rules()
    lines = [_line(each, len(programmes)) for each in refuses.rules(programmes)]
    parts = [
        {
            "key": kind,
            "title": title,
            "about": about,
            "rules": [line for line in lines if line["kind"] == kind],
        }
        for kind, (title, about) in KIND_WORDS.items()
    ]
    return render_template("grants/refuses.html", parts=parts)


def _line(rule: Rule, programmes: int) -> dict[str, Any]:
    if rule.kind == "expenses":
        fault, how = expense_words(rule.code)
    else:
        fault, how = general(str(rule.fault)), str(rule.how) if rule.how else general(sentence(rule.code))
    return {
        "kind": rule.kind,
        "code": rule.code,
        "said_as": refuses.SAID_AS.get(rule.code, ()),
        "fault": fault,
        "how": how,
        "effects": _effects(rule, programmes),
        "places": list(dict.fromkeys(map(_place, rule.places))),
    }


def _effects(rule: Rule, programmes: int) -> list[dict[str, str]]:
    """What the rule does, where programmes differ with the names of those it is true of."""
    by_effect: dict[str, list[str]] = {}
    for key, effect in rule.effects.items():
        by_effect.setdefault(effect, []).append(told(programme_rules()[key].label))
    everywhere = len(by_effect) == 1 and len(rule.effects) == programmes
    return [
        {
            "label": str(EFFECT_WORDS[effect]),
            "tone": EFFECT_TONES[effect],
            "where": "" if everywhere else ", ".join(names),
        }
        for effect, names in by_effect.items()
    ] or [{"label": _("지금 묻는 사업 없음"), "tone": "neutral", "where": ""}]


def _place(place: Place) -> str:
    return told(place.label) if place.label else str(PLACE_WORDS[place.kind])
