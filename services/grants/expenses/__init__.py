"""Expenses of funded projects: recorded as they are spent, checked at once, recognised or not with a reason."""

from services.grants.expenses.checking import Checked, checked, plan
from services.grants.expenses.deciding import accept_clean, decide, reopen
from services.grants.expenses.reading import PAGE_SIZE, Shown, of_application, queue, spendable, view
from services.grants.expenses.recording import add_evidence, correct, record, remove_evidence, withdraw

__all__ = [
    "PAGE_SIZE",
    "Checked",
    "Shown",
    "accept_clean",
    "add_evidence",
    "checked",
    "correct",
    "decide",
    "of_application",
    "plan",
    "queue",
    "record",
    "remove_evidence",
    "reopen",
    "spendable",
    "view",
    "withdraw",
]
