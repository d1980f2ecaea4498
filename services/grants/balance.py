"""What a budget line's postings add up to, and the rule they must keep at the end of every day. Pure.

예산현액 = 예산액 + 이월 ± 전용·이체; 지출 ≤ 원인행위 ≤ 예산현액 (invariant 8).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from services.grants.rates import rate
from shared.refusal import Refusal

KINDS = ("appropriation", "transfer", "carryover", "commitment", "decommitment", "expenditure", "return")


class Entry(Protocol):
    """What counts of a posting. Amounts in won."""

    @property
    def kind(self) -> str: ...
    @property
    def amount_won(self) -> int: ...
    @property
    def posted_on(self) -> date: ...


@dataclass(frozen=True)
class Balance:
    """Sums in won: what was budgeted at first, budgeted now (예산현액), committed and spent."""

    original_won: int = 0
    adjusted_won: int = 0
    commitment_won: int = 0
    expenditure_won: int = 0

    @property
    def commitment_rate(self) -> Decimal | None:
        return rate(self.commitment_won, self.adjusted_won)

    @property
    def expenditure_rate(self) -> Decimal | None:
        return rate(self.expenditure_won, self.adjusted_won)

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(
            self.original_won + other.original_won,
            self.adjusted_won + other.adjusted_won,
            self.commitment_won + other.commitment_won,
            self.expenditure_won + other.expenditure_won,
        )

    @classmethod
    def of(cls, sums: dict[str, int]) -> "Balance":
        """From the sum of each kind of posting."""
        total = {kind: int(sums.get(kind) or 0) for kind in KINDS}
        return cls(
            original_won=total["appropriation"],
            adjusted_won=total["appropriation"] + total["transfer"] + total["carryover"],
            commitment_won=total["commitment"] - total["decommitment"],
            expenditure_won=total["expenditure"] - total["return"],
        )


def check(entries: Iterable[Entry]) -> Balance:
    """The balance of all entries of one line. Raises Refusal (budget_exceeded, commitment_exceeded, nothing_returned)
    when the rule would be broken at the end of any day: the figures can be asked for as of each of them."""
    balance = Balance()
    by_day = attrgetter("posted_on")
    for _day, entered in groupby(sorted(entries, key=by_day), by_day):
        sums: dict[str, int] = {}
        for entry in entered:
            sums[entry.kind] = sums.get(entry.kind, 0) + entry.amount_won
        balance += Balance.of(sums)
        if balance.commitment_won > balance.adjusted_won:
            raise Refusal("budget_exceeded", fields={"amount_won": ["budget_exceeded"]})
        if balance.expenditure_won > balance.commitment_won:
            raise Refusal("commitment_exceeded", fields={"amount_won": ["commitment_exceeded"]})
        if balance.expenditure_won < 0:
            raise Refusal("nothing_returned", fields={"amount_won": ["nothing_returned"]})
    return balance
