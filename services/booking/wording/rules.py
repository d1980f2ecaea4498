"""Sentences for a unit's own rules, tariffs and groups, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.booking.models import Unit
from services.booking.rules.policy import MINUTE, Policy
from services.booking.rules.settings import APPROVALS, AUDIENCES
from services.booking.rules.tariff import Charge
from shared.web.wording import (
    GROUP_KINDS,
    closures_text,
    fee_text,
    hours_text,
    length_text,
    tariff_text,
    tariff_who,
    won,
)

AUDIENCE_WORDS = dict(
    zip(
        AUDIENCES,
        (lazy_gettext("누구나"), lazy_gettext("같은 자치구 주민만"), lazy_gettext("모임으로만")),
        strict=True,
    )
)
APPROVAL_WORDS = dict(
    zip(
        APPROVALS,
        (lazy_gettext("바로 확정"), lazy_gettext("운영자가 승인"), lazy_gettext("믿는 모임은 바로, 나머지는 승인")),
        strict=True,
    )
)
QUOTA_WORDS = {
    ("person", "day"): lazy_gettext("한 사람 하루 %(n)s번"),
    ("person", "week"): lazy_gettext("한 사람 한 주 %(n)s번"),
    ("person", "month"): lazy_gettext("한 사람 한 달 %(n)s번"),
    ("group", "day"): lazy_gettext("한 모임 하루 %(n)s번"),
    ("group", "week"): lazy_gettext("한 모임 한 주 %(n)s번"),
    ("group", "month"): lazy_gettext("한 모임 한 달 %(n)s번"),
}
PAYMENT_WORDS = {
    "due": lazy_gettext("현장에서 냅니다"),
    "paid": lazy_gettext("냈습니다"),
    "waived": lazy_gettext("면제되었습니다"),
}


def charge_text(charge: Charge | Mapping[str, Any]) -> str:
    """One line of a price: "평일 2시간 × 5,000원", without its amount."""
    if not isinstance(charge, Charge):
        charge = Charge.from_json(charge)
    if charge.kind == "supported":
        return _("지원사업 모임은 무료")
    if charge.kind == "equipment":
        pieces = _("%(name)s %(n)s개", name=charge.label, n=charge.count)
        if not charge.minutes:
            return f"{pieces} × {won(charge.won)}"
        return f"{pieces} × {length_text(timedelta(hours=charge.times))} × {won(charge.won)}"
    told = {
        "label": charge.label,
        "days": [charge.day] if charge.day else [],
        "start": charge.start or "00:00",
        "end": charge.end or "24:00",
        "resident": charge.resident,
        "groups": [charge.group_kind] if charge.group_kind else [],
    }
    who = tariff_who(told)
    if charge.kind == "base":
        text = _("기본 %(time)s %(won)s", time=length_text(timedelta(minutes=charge.minutes)), won=won(charge.won))
    elif charge.minutes == 60:
        text = f"{length_text(timedelta(hours=charge.times))} × {won(charge.won)}"
    else:
        text = f"{length_text(timedelta(minutes=charge.minutes))} × {charge.times} × {won(charge.won)}"
    return f"{who} {text}" if who else text


def quote_text(amount: int | None) -> str:
    """A price in one sentence; None: unknown."""
    if amount is None:
        return _("사용료는 공간에 문의해 주세요")
    return _("사용료 %(won)s", won=won(amount)) if amount else _("무료로 쓸 수 있어요")


def unit_hours_text(unit: Unit) -> str | None:
    """The hours of ordinary days: the keeper's own, else those that maps told; None: unknown."""
    own = unit.rules.hours if unit.rules else None
    return hours_text(own or unit.hours)


def unit_closures_text(unit: Unit) -> str | None:
    """The regular closing days: the keeper's own, else those that maps told; None: there are none."""
    own = unit.rules.closures if unit.rules else None
    return closures_text(own) if own else closures_text(unit.closures) or unit.closure_text


def unit_fee_lines(unit: Unit) -> list[str]:
    """The price in lines: the keeper's tariff, else what maps told; nothing where it is unknown."""
    if unit.rules and unit.rules.tariff:
        return tariff_text(unit.rules.tariff)
    told = fee_text(unit.fee) or unit.fee_text
    return [told] if told else []


def unit_facts(unit: Unit) -> list[tuple[str, str]]:
    """What one compares of units: (icon, text) for a card."""
    facts = [("people", _("%(n)s명까지", n=unit.capacity))] if unit.capacity else []
    if hours := unit_hours_text(unit):
        facts.append(("clock", hours))
    if lines := unit_fee_lines(unit):  # the last line of a tariff is the ordinary price, the others go before it
        facts.append(("won", lines[0] if len(lines) == 1 else _("%(fee)s 등", fee=lines[-1])))
    return facts


def policy_lines(policy: Policy) -> list[tuple[str, str]]:
    """(what, how) of a unit's rules that a resident should know before reserving; ordinary ones are left out."""
    lines = [(_("한 번에"), _("%(shortest)s부터 %(longest)s까지", **_lengths(policy)))]
    lines.append((_("예약 열리는 때"), _("%(n)s일 전부터", n=policy.window.days)))
    if policy.residents_first:
        days = (policy.window - policy.residents_first).days
        lines.append((_("자치구 주민 먼저"), _("다른 자치구 주민은 %(n)s일 전부터", n=days)))
    if policy.notice:
        lines.append((_("늦어도"), _("시작 %(time)s 전까지 예약", time=length_text(policy.notice))))
    if policy.cancel_notice:
        lines.append((_("취소"), _("시작 %(time)s 전까지", time=length_text(policy.cancel_notice))))
    if policy.audience != "anyone":
        lines.append((_("예약할 수 있는 사람"), str(AUDIENCE_WORDS[policy.audience])))
    if policy.approval != "automatic":
        lines.append((_("확정"), str(APPROVAL_WORDS[policy.approval])))
    if policy.quotas:
        lines.append((_("횟수"), ", ".join(quota_text(each.per, each.period, each.limit) for each in policy.quotas)))
    if policy.check_in:
        grace = length_text(policy.grace)
        lines.append((_("이용 확인"), _("시작하고 %(time)s 안에 현장에서 확인하지 않으면 자리가 풀려요", time=grace)))
    if policy.check_in and policy.no_shows:
        rule = policy.no_shows
        text = _(
            "%(within)s일 안에 %(count)s번 오지 않으면 %(block)s일 동안 예약할 수 없어요",
            within=rule.within_days,
            count=rule.count,
            block=rule.block_days,
        )
        lines.append((_("오지 않으면"), text))
    return lines


def quota_text(per: str, period: str, limit: int) -> str:
    """ "한 사람 한 주 2번"."""
    return str(QUOTA_WORDS[per, period]) % {"n": limit}


def _lengths(policy: Policy) -> dict[str, str]:
    return {name: length_text(getattr(policy, name) // MINUTE * MINUTE) for name in ("shortest", "longest")}


GLOBALS = {
    "charge_text": charge_text,
    "quote_text": quote_text,
    "unit_hours_text": unit_hours_text,
    "unit_closures_text": unit_closures_text,
    "unit_fee_lines": unit_fee_lines,
    "unit_facts": unit_facts,
    "policy_lines": policy_lines,
    "quota_text": quota_text,
    "group_kinds": GROUP_KINDS,
    "payment_words": PAYMENT_WORDS,
}
"""What the templates of rules, groups and the reserve form use besides `wording.GLOBALS`."""
