"""The words of an agreement (협약서): in Korean always, since they are what both sign. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.grants.rules.agreed_budget import Line
from services.grants.rules.definition import SettlementRules
from services.grants.rules.tranches import Planned


@dataclass(frozen=True)
class Parts:
    """What an agreement is about. `district` is the party that grants, `group` the one that receives."""

    programme: str
    call: str
    receipt: str
    title: str
    district: str
    group: str
    representative: str
    amount_won: int
    self_contribution_won: int
    starts_on: date
    ends_on: date
    lines: Sequence[Line]
    tranches: Sequence[Planned]
    conditions: str
    rules: SettlementRules


def won(amount: int) -> str:
    return f"{amount:,}원"


def day(on: date) -> str:
    return f"{on.year}년 {on.month}월 {on.day}일"


def draft(parts: Parts) -> str:
    """A whole agreement to begin with; it may be edited until somebody signs."""
    rules = parts.rules
    articles = (
        (
            "목적",
            f"이 협약은 「{parts.call}」에서 선정된 사업 「{parts.title}」(접수번호 {parts.receipt})에 "
            "보조금을 주고 쓰고 정산하는 데 필요한 사항을 정한다.",
        ),
        ("사업 기간", f"사업 기간은 {day(parts.starts_on)}부터 {day(parts.ends_on)}까지로 한다."),
        (
            "보조금과 자부담",
            f"보조금은 {won(parts.amount_won)}, 자부담은 {won(parts.self_contribution_won)}으로 한다.\n"
            "비목별 예산은 다음과 같다.\n" + budget_words(parts.lines, rules),
        ),
        (
            "교부",
            "보조금은 다음과 같이 나누어 교부한다. 교부 조건이 모두 갖추어지기 전에는 교부하지 아니한다.\n"
            + "\n".join(f"- {each.number}차: {won(each.amount_won)}" for each in parts.tranches),
        ),
        (
            "집행과 증빙",
            "“을”은 보조금을 사업 기간 안에 승인된 예산에 따라 사업에만 쓰고, 쓸 때마다 증빙을 갖추어 기록한다. "
            "보조금과 자부담은 사업 계좌에서 관리한다. 현금으로 쓰는 것은 한 건에 "
            f"{won(rules.cash_most_won)}을 넘지 못한다.",
        ),
        (
            "변경",
            "사업의 내용, 기간, 예산 또는 참여자를 바꾸려면 “갑”의 승인을 받아야 한다. 다만 비목 사이의 변경이 "
            f"그 비목 예산의 {rules.reallocation_percent}퍼센트 이내이면 승인 없이 바꾸고 기록한다. "
            "승인되거나 이 조에 따라 바뀐 내용은 이 협약의 일부가 된다.",
        ),
        (
            "정산과 반납",
            f"“을”은 사업이 끝난 날부터 {rules.report_days}일 안에 정산보고서를 내고, 집행잔액, 발생이자와 "
            f"인정되지 않은 지출을 반납 통지를 받은 날부터 {rules.return_days}일 안에 반납한다. "
            f"기한이 지나면 연 {_tenths(rules)}퍼센트의 이자를 더한다.",
        ),
        (
            "해지와 환수",
            "“을”이 거짓으로 보조금을 받거나 다른 용도로 쓰거나 이 협약을 어기면 “갑”은 협약을 해지하고 교부를 "
            f"멈추며 보조금의 전부 또는 일부를 환수하고, {rules.sanction_years}년의 범위에서 참여를 제한할 수 있다.",
        ),
        (
            "관계 법령",
            "이 협약에서 정하지 아니한 사항은 「지방자치단체 보조금 관리에 관한 법률」과 관계 법령, 조례 및 "
            "공고를 따른다.",
        ),
    )
    numbered = [f"제{at}조({name})\n{words}" for at, (name, words) in enumerate(articles, 1)]
    if parts.conditions.strip():
        numbered.append(f"붙임 선정 조건\n{parts.conditions.strip()}")
    heading = (
        f"{parts.programme} 협약서\n\n"
        f"{parts.district}(이하 “갑”이라 한다)와 {parts.group} 대표 {parts.representative}"
        "(이하 “을”이라 한다)는 다음과 같이 협약을 맺는다."
    )
    return "\n\n".join([heading, *numbered])


def amended(body: str, parts: Parts, version: int, on: date, why: str) -> str:
    """The words of an agreement with what was changed by its own article on changes; the words that were signed stay
    above it."""
    changed = (
        f"변경 내용(제{version}판, {day(on)})\n{why}\n"
        f"사업 기간: {day(parts.starts_on)}부터 {day(parts.ends_on)}까지\n"
        f"보조금: {won(parts.amount_won)}, 자부담: {won(parts.self_contribution_won)}\n"
        "비목별 예산:\n" + budget_words(parts.lines, parts.rules)
    )
    return f"{body}\n\n{changed}"


def budget_words(lines: Iterable[Line], rules: SettlementRules) -> str:
    """The budget, a line for each item."""
    return "\n".join(
        f"- {item_words(line, rules)}: 보조금 {won(line.grant_won)}"
        + (f", 자부담 {won(line.self_won)}" if line.self_won else "")
        + (f" ({line.note})" if line.note else "")
        for line in lines
        if line.grant_won or line.self_won
    )


def item_words(line: Line, rules: SettlementRules) -> str:
    """비목 · 세목."""
    category = next((each for each in rules.categories if each.key == line.category), None)
    item = rules.item(line.category, line.item)
    return f"{category.label.ko if category else line.category} · {item.label.ko if item else line.item}"


def missing(body: str, amount_won: int, starts_on: date | None, ends_on: date | None) -> list[str]:
    """What an edited text no longer says, though it is agreed: the amount, the first and the last day."""
    days = [day(each) for each in (starts_on, ends_on) if each is not None]
    return [words for words in (won(amount_won), *days) if words not in body]


def _tenths(rules: SettlementRules) -> str:
    whole, tenths = divmod(rules.late_tenths, 10)
    return f"{whole}.{tenths}" if tenths else f"{whole}"
