"""The parts of a programme that are edited one by one, as shapes of forms; what may be chosen comes from the document
and from what the program knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from services.grants.guards import GUARDS
from services.grants.models.applications import PHASES
from services.grants.pages.shapes import Leaf, Options, Rows, Shape
from services.grants.pages.words import told
from services.grants.rules.consistency_course import EVENTS, OPTIONAL_EVENTS
from services.grants.rules.definition import FIELD_KINDS, QUORUMS, ROLES, Words
from services.grants.rules.eligibility import REQUIREMENTS
from services.grants.rules.expenses import effect_of
from services.grants.schemas.definition import FILE_KINDS
from services.grants.wording import programmes as wording
from services.grants.wording.findings import choices
from services.grants.wording.refuses import general

Document = Mapping[str, Any]
_KEY_HINT = _l("영어 소문자, 숫자, 밑줄. 한 번 정하면 그대로 두세요.")


def shape_of(part: str, document: Document) -> Shape:
    """The form of one part. Raises KeyError for a part that there is not."""
    return _SHAPES[part](document)


def _named(words: Mapping[str, Any], keys: tuple[str, ...]) -> Options:
    return [(key, words[key]) for key in keys]


def _rows_named(rows: list[Mapping[str, Any]]) -> Options:
    return [(row["key"], told(Words(**row["label"]))) for row in rows]


def _guards() -> Options:
    return [(key, guard.label) for key, guard in GUARDS.items()]


def _key() -> Leaf:
    return Leaf("key", "text", _l("영문 키"), _KEY_HINT)


def _name(kind: str = "words") -> Leaf:
    return Leaf("label", kind, _l("이름"))


def _basics(document: Document) -> Shape:
    return (
        Leaf("label", "words", _l("사업의 이름")),
        Leaf("about", "words_area", _l("소개"), _l("누구를 무엇으로 돕는지 한두 문장으로 적어 주세요.")),
        Rows(
            "strands",
            _l("분야"),
            _l("분야"),
            (_key(), _name(), Leaf("required", "tick", _l("모든 공고에 들어가는 필수 분야"))),
        ),
        Leaf("objection_days", "number", _l("이의신청 기간"), _l("발표한 날부터 며칠")),
        Leaf("correction_days", "number", _l("보완 기간"), _l("보완을 요청한 날부터 며칠")),
    )


def _form(document: Document) -> Shape:
    row = (
        _key(),
        Leaf("kind", "select", _l("종류"), options=_named(wording.FIELD_KINDS, FIELD_KINDS)),
        Leaf("label", "words", _l("질문")),
        Leaf("hint", "words", _l("도움말"), optional=True),
        Leaf("required", "tick", _l("반드시 적는 항목")),
        Leaf("longest", "number", _l("최대 글자 수"), _l("짧은 글과 긴 글"), optional=True),
        Leaf("least", "won", _l("최소"), _l("수, 금액, 사람, 파일의 개수"), optional=True),
        Leaf("most", "won", _l("최대"), _l("수, 금액, 사람, 파일의 개수"), optional=True),
        Leaf("choices", "lines", _l("선택지"), _l("한 줄에 하나: 영문 키 | 한국어 | English"), optional=True),
        Leaf("file_kinds", "many", _l("받는 파일의 종류"), options=[(kind, kind) for kind in FILE_KINDS]),
    )
    empty = {"kind": "text", "required": True}
    return (Rows("form.fields", _l("질문"), _l("질문"), row, empty),)


def _eligibility(document: Document) -> Shape:
    row = (
        Leaf(
            "rule",
            "select",
            _l("조건"),
            options=[(key, general(str(kind.label))) for key, kind in REQUIREMENTS.items()],
        ),
        Leaf("number", "number", _l("몇 이상"), _l("사람 수나 햇수를 묻는 조건에만"), optional=True),
        Leaf(
            "kinds",
            "many",
            _l("모임의 종류"),
            _l("종류를 묻는 조건에만"),
            options=_named(wording.GROUP_KINDS, tuple(wording.GROUP_KINDS)),
        ),
    )
    return (Rows("requirements", _l("자격 조건"), _l("조건"), row, title=("rule",)),)


def _states(document: Document) -> Shape:
    states = _rows_named(document["states"])
    row = (
        _key(),
        Leaf("phase", "select", _l("단계"), options=_named(wording.PHASES, PHASES)),
        Leaf("label", "words", _l("담당자가 보는 말")),
        Leaf("public", "words", _l("신청자와 시민이 보는 말")),
        Leaf("tone", "select", _l("색"), options=_named(wording.TONES, tuple(wording.TONES))),
        Leaf("stage", "select", _l("이 상태에서 하는 심사"), options=_rows_named(document["stages"]), optional=True),
        Leaf("embargo", "select", _l("발표 전에 대신 보여 줄 상태"), options=states, optional=True),
    )
    return (Rows("states", _l("상태"), _l("상태"), row, {"phase": "review", "tone": "info"}),)


def _transitions(document: Document) -> Shape:
    states = _rows_named(document["states"])
    events = sorted({*EVENTS, *OPTIONAL_EVENTS, *(row["event"] for row in document["transitions"])})
    row = (
        Leaf("event", "text", _l("일"), _l("쓰는 말: %(words)s") % {"words": ", ".join(events)}),
        Leaf("label", "words", _l("단추의 말")),
        Leaf("start", "many", _l("어디에서"), options=states),
        Leaf("end", "select", _l("어디로"), options=states),
        Leaf("role", "select", _l("누가"), options=_named(wording.ROLES, ROLES)),
        Leaf("guards", "many", _l("조건"), options=_guards()),
    )
    title = ("label", "event")
    return (Rows("transitions", _l("절차의 줄"), _l("줄"), row, {"role": "staff"}, title, more=("start", "end")),)


def _reviews(document: Document) -> Shape:
    rubric = (
        _key(),
        _name(),
        Leaf("hint", "words", _l("도움말"), optional=True),
        Leaf("most", "number", _l("배점")),
        Leaf("weight", "number", _l("가중치")),
    )
    criterion = {"most": 10, "weight": 1}
    row = (
        _key(),
        _name(),
        Leaf("reviewers", "number", _l("한 신청을 보는 심사위원 수")),
        Leaf("days", "number", _l("심사 기간(일)")),
        Leaf("pass_tenths", "tenths", _l("통과 점수"), _l("평균이 이 점수보다 낮으면 탈락입니다."), optional=True),
        Leaf("outlier_tenths", "tenths", _l("동떨어진 점수로 보는 차이"), _l("다른 점수의 가운데에서 몇 점")),
        Rows("rubric", _l("심사표"), _l("항목"), rubric, criterion),
    )
    stage = {"reviewers": 3, "days": 10, "outlier_tenths": 200, "rubric": [criterion]}
    return (
        Rows("stages", _l("심사"), _l("심사"), row, stage),
        Leaf("committee.seats", "number", _l("위원회의 위원 수")),
        Leaf("committee.quorum", "select", _l("정족수"), options=_named(wording.QUORUMS, QUORUMS)),
    )


def _limits(document: Document) -> Shape:
    return tuple(
        Leaf(
            f"limits.{name}",
            "number" if name == "group_awards" else "won",
            label,
            _l("비우면 한도가 없습니다."),
            (),
            True,
        )
        for name, label in wording.LIMITS.items()
    )


def _tranches(document: Document) -> Shape:
    row = (
        Leaf("percent", "number", _l("비율(%)"), _l("비율이나 금액 가운데 하나"), optional=True),
        Leaf("amount_won", "won", _l("금액"), _l("마지막 교부는 비우면 나머지를 줍니다."), optional=True),
        Leaf("gates", "many", _l("교부하기 전에 채워야 하는 조건"), options=_guards()),
    )
    gates = ["agreement_signed", "no_overdue_return", "earlier_tranches_paid", "interim_passed"]
    return (Rows("tranches", _l("교부"), _l("교부"), row, {"gates": gates}, ("percent", "amount_won")),)


def _costs(document: Document) -> Shape:
    item = (
        _key(),
        _name(),
        Leaf("ceiling_won", "won", _l("한 번의 한도"), _l("하루에 한 거래처에서 산 것을 더한 금액"), optional=True),
        Leaf("ceiling_percent", "number", _l("보조금 가운데 최대(%)"), optional=True),
    )
    row = (
        _key(),
        _name(),
        Leaf("ceiling_percent", "number", _l("보조금 가운데 최대(%)"), optional=True),
        Rows("items", _l("보조세목"), _l("세목"), item),
    )
    return (Rows("settlement.categories", _l("보조비목"), _l("비목"), row, {"items": [{}]}),)


def _settlement(document: Document) -> Shape:
    return (
        Leaf("settlement.self_percent", "number", _l("자부담"), _l("신청 금액의 몇 % 이상")),
        Leaf("settlement.reallocation_percent", "number", _l("승인 없이 비목을 옮길 수 있는 비율(%)")),
        Leaf("settlement.report_days", "number", _l("정산 보고 기한"), _l("사업이 끝난 뒤 며칠")),
        Leaf("settlement.return_days", "number", _l("반납 기한"), _l("알린 날부터 며칠")),
        Leaf("settlement.late_tenths", "tenths", _l("늦은 반납의 이자(연 %)")),
        Leaf("settlement.sanction_years", "number", _l("환수 뒤 참여를 제한하는 햇수")),
        Leaf("settlement.cash_most_won", "won", _l("현금으로 쓸 수 있는 최대")),
    )


def _findings(document: Document) -> Shape:
    return tuple(
        Leaf(
            f"settlement.findings.{each.code}",
            "select",
            each.what,
            each.how,
            [(effect, wording.EFFECTS[effect]) for effect in each.effects],
        )
        for each in choices()
    )


_SHAPES: dict[str, Callable[[Document], Shape]] = {
    "basics": _basics,
    "form": _form,
    "eligibility": _eligibility,
    "states": _states,
    "transitions": _transitions,
    "reviews": _reviews,
    "limits": _limits,
    "tranches": _tranches,
    "costs": _costs,
    "settlement": _settlement,
    "findings": _findings,
}


def shown(part: str, document: Document) -> dict[str, Any]:
    """The document as the form of a part takes it: a requirement's value by its kind, a finding's effect though it is
    the usual one."""
    if part == "eligibility":
        rows = [
            {"rule": row["rule"], "number": value if isinstance(value := row.get("value"), int) else None}
            | ({"kinds": value} if isinstance(value, list) else {})
            for row in document["requirements"]
        ]
        return dict(document) | {"requirements": rows}
    if part == "findings":
        chosen = document["settlement"].get("findings", {})
        effects = {each.code: effect_of(each.code, chosen) for each in choices()}
        return dict(document) | {"settlement": document["settlement"] | {"findings": effects}}
    return dict(document)


def stored(part: str, document: dict[str, Any]) -> dict[str, Any]:
    """The way back from `shown`."""
    if part == "eligibility":
        for row in document["requirements"]:
            number, kinds = row.pop("number", None), row.pop("kinds", None)
            kind = REQUIREMENTS[row["rule"]].value if row["rule"] in REQUIREMENTS else ""
            value = {"number": number, "kinds": kinds}.get(kind)
            if value is not None:
                row["value"] = value
    if part == "findings":
        chosen = document["settlement"]["findings"]
        document["settlement"]["findings"] = {
            code: effect for code, effect in chosen.items() if effect_of(code, {}) != effect
        }
    return document
