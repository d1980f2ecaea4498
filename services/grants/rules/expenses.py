"""What is right and wrong with an expense of a funded project, as a checklist. Pure: no Flask, no database.

The same checklist answers before the money is spent ("미리 확인"), when the expense is recorded, and when it is
decided. Sources: the signed agreement (period, agreed lines), the programme's settlement rules (ceilings, cash) and
what public audits keep finding (`rules.findings`). Each line yields a code. What blocks cannot be recognised beyond
`up_to_won`; what flags is for people to look at. The sentences of the codes stand in `wording.expenses`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.grants import policy
from services.grants.rules import business_numbers, findings
from services.grants.rules.agreed_budget import part_of
from services.grants.rules.definition import EFFECTS, SettlementRules

SOURCES = ("grant", "self")
METHODS = ("card", "transfer", "cash")
PAYEE, PURPOSE = 120, 500

DEFAULTS: Mapping[str, str] = {
    "not_agreed": "block",
    "over_item_ceiling": "block",
    "over_item_percent": "block",
    "over_category_percent": "block",
    "over_agreed_category": "block",
    "over_agreed_line": "flag",
    "over_paid": "flag",
    "payee_is_group": "block",
    "payee_is_member": "flag",
    "payee_number_wrong": "block",
    "payee_barred": "block",
    "cash_over": "block",
    "photo_alike": "flag",  # a likeness is a guess: two honest receipts of one shop may look the same
    "evidence_shared": "flag",
}
"""What each finding does unless the programme says otherwise; those that audits name stand in `rules.findings`.

The very same file again blocks (`photo_reused`). A photo that only looks the same is shown to a person with the earlier
one, and is never recognised in passing; it blocks only where a programme says so, for a likeness is a guess, and what
blocks can be recognised by nobody."""
AUDITED = ("spent_before_agreement", "spent_after_period", "evidence_missing", "photo_reused", "expense_repeated")
CODES = (*AUDITED, *DEFAULTS)


@dataclass(frozen=True)
class Spent:
    """An expense as somebody typed it; amounts in whole won, None where nothing or no value was typed."""

    category: str
    item: str
    spent_on: date | None
    payee: str
    amount_won: int | None
    purpose: str
    payee_number: str = ""
    source: str = "grant"
    method: str = "card"


@dataclass(frozen=True)
class Agreed:
    """What counts of the agreement in force. `starts_on` is the first day on which money may be spent: that of the
    period, and not before both had signed. `lines`: (category, item) -> won of the grant; none where nothing was agreed
    line by line."""

    starts_on: date
    ends_on: date
    grant_won: int
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def of_category(self, category: str) -> int:
        return sum(won for (key, _), won in self.lines.items() if key == category)


@dataclass(frozen=True)
class Purchase:
    """What counts before an expense: of which item, on which day, from whom (`payee` as `folded` makes it, `number`
    ten digits or nothing), and how many won of the grant."""

    category: str
    item: str
    spent_on: date
    payee: str
    number: str
    won: int


@dataclass(frozen=True)
class Setting:
    """What an expense is held against. `spent`: (category, item) -> won of the grant that counts before it, and
    `purchases` the same one by one; names are as `folded` makes them, numbers ten digits. `agreed` None: no agreement
    is signed."""

    agreed: Agreed | None
    paid_won: int = 0
    spent: Mapping[tuple[str, str], int] = field(default_factory=dict)
    purchases: tuple[Purchase, ...] = ()
    group_names: frozenset[str] = frozenset()
    group_number: str = ""
    member_names: frozenset[str] = frozenset()
    barred_names: frozenset[str] = frozenset()
    barred_numbers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Earlier:
    """Where a receipt was used before: in which year, and whether by another group."""

    year: int
    other_group: bool


@dataclass(frozen=True)
class Evidence:
    """The receipts of an expense. `reused`: the very same file in another project; `alike`: a photo that shows the
    same; `shared`: other expenses of this project with the same file."""

    files: int = 0
    reused: tuple[Earlier, ...] = ()
    alike: tuple[Earlier, ...] = ()
    shared: int = 0


@dataclass(frozen=True)
class Finding:
    """One line of the checklist that is not in order. Of a blocking one no more than `up_to_won` can be recognised."""

    code: str
    blocking: bool
    up_to_won: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_row(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "blocking": self.blocking,
            "up_to_won": self.up_to_won,
            "params": dict(self.params),
        }


_Raw = tuple[str, int, dict[str, Any]]  # code, up to how much, what the sentence needs


def problems(spent: Spent, rules: SettlementRules, today: date, *, planned: bool = False) -> policy.Problems:
    """What cannot be an expense at all: (field, code). A planned one may lie in the future."""
    if not spent.item:
        yield "item", "expense_item_missing"
    elif rules.item(spent.category, spent.item) is None:
        yield "item", "expense_item_unknown"
    if spent.spent_on is None:
        yield "spent_on", "date_missing"
    elif spent.spent_on > today and not planned:
        yield "spent_on", "spent_in_future"
    yield from policy.text_problems("payee", spent.payee, PAYEE)
    if spent.payee_number and business_numbers.digits(spent.payee_number) is None:
        yield "payee_number", "payee_number_unclear"
    if spent.amount_won is None:
        yield "amount_won", "won_missing"
    elif spent.amount_won <= 0:
        yield "amount_won", "won_not_positive"
    if spent.source not in SOURCES:
        yield "source", "source_unknown"
    if spent.method not in METHODS:
        yield "method", "method_unknown"
    yield from policy.text_problems("purpose", spent.purpose, PURPOSE)


def check(
    spent: Spent,
    rules: SettlementRules,
    setting: Setting,
    evidence: Evidence | None = None,
    repeated: Iterable[Earlier] = (),
) -> list[Finding]:
    """What the rules say of an expense that has no `problems`; `evidence` None is one that is only planned. `repeated`:
    earlier expenses with the same day, payee and amount."""
    raw = [
        *_in_time(spent, setting),
        *_in_budget(spent, rules, setting),
        *_payee(spent, setting),
        *_method(spent, rules),
        *(_proof(evidence) if evidence is not None else ()),
        *_again(repeated),
    ]
    found = []
    for code, up_to_won, params in raw:
        effect = effect_of(code, rules.findings)
        if effect != "off":
            found.append(Finding(code, effect == "block", max(up_to_won, 0), params))
    return found


def effect_of(code: str, chosen: Mapping[str, str]) -> str:
    """block, flag or off: as the programme chose, as far as the finding leaves a choice."""
    if code in findings.BY_CODE:
        return findings.effect_of(code, chosen)
    wanted = chosen.get(code, DEFAULTS[code])
    return wanted if wanted in EFFECTS else DEFAULTS[code]


def worst(found: Iterable[Finding]) -> str:
    """clean, flag or block."""
    blocking = [each.blocking for each in found]
    return "block" if any(blocking) else "flag" if blocking else "clean"


def most_won(amount_won: int, found: Iterable[Finding]) -> int:
    """How much of an expense can be recognised at most, in won."""
    return min([amount_won, *(each.up_to_won for each in found if each.blocking)])


def folded(name: str) -> str:
    """A payee's name as it is compared: without the form of the company, spaces, points and case."""
    plain = re.sub(r"\((?:주|유|재|사|합)\)|㈜|주식회사|유한회사|협동조합", "", name.casefold())
    return re.sub(r"[\s.,·ㆍ()\-]", "", plain)[:PAYEE] or name.casefold().strip()[:PAYEE]


def _in_time(spent: Spent, setting: Setting) -> Iterator[_Raw]:
    agreed, on = setting.agreed, spent.spent_on
    if agreed is None:
        yield "spent_before_agreement", 0, {}
    elif on is not None and on < agreed.starts_on:
        yield "spent_before_agreement", 0, {"starts_on": agreed.starts_on.isoformat()}
    elif on is not None and on > agreed.ends_on:
        yield "spent_after_period", 0, {"ends_on": agreed.ends_on.isoformat()}


def _in_budget(spent: Spent, rules: SettlementRules, setting: Setting) -> Iterator[_Raw]:
    key, agreed, amount = (spent.category, spent.item), setting.agreed, spent.amount_won or 0
    if agreed is not None and agreed.lines and key not in agreed.lines and (spent.category, "") not in agreed.lines:
        yield "not_agreed", 0, {}
    if spent.source != "grant":
        return
    item = rules.item(*key)
    category = next((each for each in rules.categories if each.key == spent.category), None)
    of_item = setting.spent.get(key, 0)
    of_category = sum(won for (each, _), won in setting.spent.items() if each == spent.category)
    if item and item.ceiling_won is not None:
        so_far = _at_once(spent, setting)
        if so_far + amount > item.ceiling_won:
            yield "over_item_ceiling", item.ceiling_won - so_far, {"ceiling_won": item.ceiling_won}
    granted = agreed.grant_won if agreed else 0
    for code, percent, so_far in (
        ("over_item_percent", item.ceiling_percent if item else None, of_item),
        ("over_category_percent", category.ceiling_percent if category else None, of_category),
    ):
        if percent is not None and agreed is not None:
            ceiling = part_of(percent, granted)
            if so_far + amount > ceiling:
                params = {"percent": percent, "ceiling_won": ceiling, "left_won": max(ceiling - so_far, 0)}
                yield code, ceiling - so_far, params
    if agreed is not None and agreed.lines:
        left = agreed.of_category(spent.category) - of_category
        line = agreed.lines.get(key)
        if amount > left and agreed.of_category(spent.category):
            yield "over_agreed_category", left, {"left_won": max(left, 0)}
        elif line is not None and of_item + amount > line:
            yield "over_agreed_line", 0, {"left_won": max(line - of_item, 0)}
    left = setting.paid_won - sum(setting.spent.values())
    if amount > left:
        yield "over_paid", left, {"left_won": max(left, 0), "paid_won": setting.paid_won}


def _at_once(spent: Spent, setting: Setting) -> int:
    """What was bought of this item on the same day from the same payee before: several receipts are one purchase."""
    name, number = folded(spent.payee), business_numbers.digits(spent.payee_number)
    return sum(
        each.won
        for each in setting.purchases
        if (each.category, each.item, each.spent_on) == (spent.category, spent.item, spent.spent_on)
        and (each.payee == name or (number and each.number == number))
    )


def _payee(spent: Spent, setting: Setting) -> Iterator[_Raw]:
    name, number = folded(spent.payee), business_numbers.digits(spent.payee_number) or ""
    if name in setting.group_names or (number and number == setting.group_number):
        yield "payee_is_group", 0, {}
    elif name in setting.member_names:
        yield "payee_is_member", 0, {}
    if number and not business_numbers.right(number):
        yield "payee_number_wrong", 0, {}
    if name in setting.barred_names or (number and number in setting.barred_numbers):
        yield "payee_barred", 0, {}


def _method(spent: Spent, rules: SettlementRules) -> Iterator[_Raw]:
    if spent.method == "cash" and (spent.amount_won or 0) > rules.cash_most_won:
        yield "cash_over", 0, {"most_won": rules.cash_most_won}


def _proof(evidence: Evidence) -> Iterator[_Raw]:
    if not evidence.files:
        yield "evidence_missing", 0, {}
    for code, earlier in (("photo_reused", evidence.reused), ("photo_alike", evidence.alike)):
        if earlier:
            yield code, 0, _where(earlier)
    if evidence.shared:
        yield "evidence_shared", 0, {"count": evidence.shared}


def _again(repeated: Iterable[Earlier]) -> Iterator[_Raw]:
    earlier = tuple(repeated)
    if earlier:
        yield "expense_repeated", 0, _where(earlier)


def _where(earlier: tuple[Earlier, ...]) -> dict[str, Any]:
    """The heaviest of them first: another group's, then the oldest."""
    first = min(earlier, key=lambda each: (not each.other_group, each.year))
    return {"year": first.year, "other_group": first.other_group, "count": len(earlier)}
