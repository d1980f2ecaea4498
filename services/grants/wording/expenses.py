"""What the checklist of expenses says to people, and the names of what is spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import format_date, format_decimal, lazy_gettext
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from services.grants.rules.definition import SettlementRules
from services.grants.wording.programmes import told as words_of

FINDINGS: dict[str, tuple[Any, Any]] = {
    "spent_before_agreement": (
        lazy_gettext("승인 전에 쓴 돈"),
        lazy_gettext("%(starts_on)s부터 쓸 수 있습니다. 그 전에 쓴 돈은 인정하지 않습니다."),
    ),
    "spent_after_period": (
        lazy_gettext("기간이 끝난 뒤에 쓴 돈"),
        lazy_gettext("사업 기간은 %(ends_on)s까지입니다. 기간을 늘리려면 쓰기 전에 변경을 신청해 주세요."),
    ),
    "evidence_missing": (
        lazy_gettext("증빙 없음"),
        lazy_gettext("영수증 사진이나 PDF를 올려 주세요. 증빙이 없으면 인정할 수 없습니다."),
    ),
    "photo_reused": (
        lazy_gettext("전에 낸 증빙"),
        lazy_gettext("%(year)s년에 다른 사업에서 낸 것과 똑같은 파일입니다. 이 지출의 영수증을 올려 주세요."),
    ),
    "photo_alike": (
        lazy_gettext("비슷한 사진"),
        lazy_gettext(
            "%(year)s년에 다른 사업에서 낸 사진과 모양이 같아 보입니다. 이 지출의 영수증을 새로 찍어 올려 주세요."
        ),
    ),
    "evidence_shared": (
        lazy_gettext("영수증을 함께 씀"),
        lazy_gettext("이 사업의 다른 지출 %(count)s건과 같은 영수증입니다. 영수증의 합을 넘지 않는지 살펴봅니다."),
    ),
    "expense_repeated": (
        lazy_gettext("두 번 적은 지출"),
        lazy_gettext("날짜, 거래처, 금액이 같은 지출이 이미 있습니다. 두 번 적었다면 하나를 거두어 주세요."),
    ),
    "not_agreed": (
        lazy_gettext("협약 예산에 없는 세목"),
        lazy_gettext("협약한 예산에 이 세목이 없습니다. 쓰기 전에 예산 변경을 신청해 주세요."),
    ),
    "over_item_ceiling": (
        lazy_gettext("한 건의 한도를 넘음"),
        lazy_gettext("이 세목은 하루에 한 거래처에서 %(ceiling_won)s까지 인정합니다. 나누어 결제해도 더해서 봅니다."),
    ),
    "over_item_percent": (
        lazy_gettext("세목의 비율을 넘음"),
        lazy_gettext("이 세목은 보조금의 %(percent)s%%(%(ceiling_won)s)까지입니다. 남은 한도는 %(left_won)s입니다."),
    ),
    "over_category_percent": (
        lazy_gettext("비목의 비율을 넘음"),
        lazy_gettext("이 비목은 보조금의 %(percent)s%%(%(ceiling_won)s)까지입니다. 남은 한도는 %(left_won)s입니다."),
    ),
    "over_agreed_category": (
        lazy_gettext("협약한 비목의 예산을 넘음"),
        lazy_gettext("이 비목에 남은 예산은 %(left_won)s입니다. 다른 비목에서 옮기려면 예산 변경을 신청해 주세요."),
    ),
    "over_agreed_line": (
        lazy_gettext("협약한 세목의 예산을 넘음"),
        lazy_gettext("이 세목에 남은 예산은 %(left_won)s입니다. 같은 비목 안에서 넘은 만큼은 담당자가 살펴봅니다."),
    ),
    "over_paid": (
        lazy_gettext("받은 보조금보다 많이 씀"),
        lazy_gettext(
            "받은 보조금에서 %(left_won)s이 남았습니다. 넘는 만큼은 다음 보조금을 받기 전까지 모임의 돈입니다."
        ),
    ),
    "payee_is_group": (
        lazy_gettext("모임 자신에게 지급"),
        lazy_gettext("모임 자신에게는 보조금을 줄 수 없습니다. 물건이나 일을 판 곳을 적어 주세요."),
    ),
    "payee_is_member": (
        lazy_gettext("구성원에게 지급"),
        lazy_gettext("받는 사람이 모임의 구성원과 이름이 같습니다. 구성원이라면 인정되지 않을 수 있습니다."),
    ),
    "payee_number_wrong": (
        lazy_gettext("틀린 사업자번호"),
        lazy_gettext("있을 수 없는 사업자번호입니다. 영수증의 번호를 다시 확인해 주세요."),
    ),
    "payee_barred": (
        lazy_gettext("참여 제한을 받은 거래처"),
        lazy_gettext("보조사업 참여 제한을 받고 있는 곳입니다. 다른 거래처를 이용해 주세요."),
    ),
    "cash_over": (
        lazy_gettext("현금 한도를 넘음"),
        lazy_gettext("현금은 한 건에 %(most_won)s까지입니다. 카드나 계좌이체로 내 주세요."),
    ),
}
"""Code -> (what it is called, what it means and what to do)."""
NO_AGREEMENT = lazy_gettext("협약을 맺기 전에는 보조금을 쓸 수 없습니다. 먼저 협약에 서명해 주세요.")
OTHER_GROUP = lazy_gettext("%(year)s년에 다른 모임이 낸 것입니다.")

EFFECTS: dict[str, Any] = {
    "clean": lazy_gettext("문제없음"),
    "flag": lazy_gettext("살펴볼 것 있음"),
    "block": lazy_gettext("인정되지 않음"),
}
EFFECT_TONES = {"clean": "success", "flag": "warning", "block": "danger"}
STATES: dict[str, Any] = {
    "filed": lazy_gettext("확인 중"),
    "accepted": lazy_gettext("인정"),
    "partly": lazy_gettext("일부 인정"),
    "refused": lazy_gettext("불인정"),
    "withdrawn": lazy_gettext("거둠"),
}
STATE_TONES = {
    "filed": "info",
    "accepted": "success",
    "partly": "warning",
    "refused": "danger",
    "withdrawn": "neutral",
}
SOURCES: dict[str, Any] = {"grant": lazy_gettext("보조금"), "self": lazy_gettext("자부담")}
METHODS: dict[str, Any] = {
    "card": lazy_gettext("카드"),
    "transfer": lazy_gettext("계좌이체"),
    "cash": lazy_gettext("현금"),
}


def told(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Stored findings in the language of the moment: {"code", "blocking", "title", "text"}."""
    found = []
    for row in rows:
        title, text = FINDINGS[row["code"]]
        params = dict(row["params"])
        if row["code"] == "spent_before_agreement" and "starts_on" not in params:
            text = NO_AGREEMENT
        shown = {name: _written(name, value) for name, value in params.items()}
        sentences = [str(text) % shown]
        if params.get("other_group"):
            sentences.append(str(OTHER_GROUP) % shown)
        found.append(
            {
                "code": row["code"],
                "blocking": row["blocking"],
                "title": str(title),
                "text": " ".join(sentences),
            }
        )
    return found


def state_of(expense: Any) -> str:
    """filed, accepted, partly, refused or withdrawn."""
    partly = expense.state == "accepted" and expense.accepted_won < expense.amount_won
    return "partly" if partly else str(expense.state)


def won(amount: int) -> str:
    return _("%(amount)s원", amount=format_decimal(amount))


def later(write: Any, *what: Any) -> Any:
    """What `write` makes of these when somebody reads it, in their language."""
    return LazyString(write, *what)


def category_name(rules: SettlementRules, key: str) -> str:
    """A 비목 in the reader's language; its key where the rules do not know it."""
    found = next((each for each in rules.categories if each.key == key), None)
    return words_of(found.label) if found else key


def item_name(rules: SettlementRules, category: str, key: str) -> str:
    """A 세목 in the reader's language."""
    found = rules.item(category, key)
    return words_of(found.label) if found else key or category_name(rules, category)


def _written(name: str, value: Any) -> str:
    if name.endswith("_won"):
        return won(int(value))
    if name.endswith("_on"):
        return format_date(date.fromisoformat(value), _("yyyy년 M월 d일 (EEE)"))
    return str(value)
