"""What the pages of expenses share: reading the form, the choices, and how an expense is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from services.grants.expenses import reading
from services.grants.models import Expense
from services.grants.pages.reading import Reader
from services.grants.rules import business_numbers
from services.grants.rules.definition import SettlementRules
from services.grants.rules.expenses import Spent
from services.grants.settlement import figures
from services.grants.wording import expenses as wording

FIELDS = ("item", "spent_on", "payee", "payee_number", "amount_won", "source", "method", "purpose")


def read(typed: Reader) -> Spent:
    """What was typed of an expense. The item comes as "category.item"."""
    category, _dot, item = typed.text("item").partition(".")
    return Spent(
        category=category,
        item=item,
        spent_on=typed.day("spent_on"),
        payee=typed.text("payee"),
        amount_won=typed.won("amount_won"),
        purpose=typed.text("purpose"),
        payee_number=typed.text("payee_number"),
        source=typed.text("source") or "grant",
        method=typed.text("method") or "card",
    )


def typed_of(expense: Expense) -> dict[str, Any]:
    """An expense as its form shows it."""
    return {
        "item": f"{expense.category}.{expense.item}",
        "spent_on": expense.spent_on,
        "payee": expense.payee,
        "payee_number": business_numbers.shown(expense.payee_number),
        "amount_won": expense.amount_won,
        "source": expense.source,
        "method": expense.method,
        "purpose": expense.purpose,
    }


def item_options(rules: SettlementRules) -> list[tuple[str, str]]:
    """Category and item for a select, with the ceiling of one expense where there is one."""
    found = []
    for category in rules.categories:
        for item in category.items:
            label = f"{wording.category_name(rules, category.key)} · {wording.item_name(rules, category.key, item.key)}"
            if item.ceiling_won is not None:
                label += " " + _("(한 건에 %(won)s까지)", won=wording.won(item.ceiling_won))
            found.append((f"{category.key}.{item.key}", label))
    return found


def rows(expenses: Iterable[Expense], rules: SettlementRules, receipts: Mapping[int, Any]) -> list[dict[str, Any]]:
    """What a list shows of each expense."""
    return [
        {
            "id": each.id,
            "href": url_for("expenses.show", expense_id=each.id),
            "spent_on": each.spent_on,
            "payee": each.payee,
            "purpose": each.purpose,
            "category": wording.category_name(rules, each.category),
            "item": wording.item_name(rules, each.category, each.item),
            "amount_won": each.amount_won,
            "accepted_won": each.accepted_won,
            "source": wording.SOURCES[each.source],
            "state": wording.state_of(each),
            "worst": each.worst if each.state == "filed" else "clean",
            "findings": wording.told(each.findings) if each.state == "filed" else [],
            "receipts": len(receipts.get(each.id, ())),
        }
        for each in expenses
    ]


def lines(account: figures.Account) -> list[dict[str, Any]]:
    """What is agreed, recorded and left, by category."""
    rules = account.rules.settlement
    return [
        {
            "name": wording.category_name(rules, each.category),
            "agreed_won": each.agreed_won,
            "recorded_won": each.recorded_won,
            "accepted_won": each.accepted_won,
            "refused_won": each.refused_won,
            "left_won": each.left_won,
            "used_won": each.recorded_won - each.refused_won,
        }
        for each in account.lines
    ]


def spendable(session: Session, account: figures.Account) -> bool:
    return reading.spendable(session, account.application)


WORDS: Mapping[str, Any] = {
    "state_words": wording.STATES,
    "state_tones": wording.STATE_TONES,
    "effect_words": wording.EFFECTS,
    "effect_tones": wording.EFFECT_TONES,
    "source_words": wording.SOURCES,
    "method_words": wording.METHODS,
}
"""The tables of words that the templates look up."""
