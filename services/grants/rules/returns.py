"""Money that comes back: what is open of an order, late interest, and when to remind. Pure; whole won and days.

Late interest is simple interest on what is open after the due day, `late_tenths` tenths of a per cent a year, counted
by the day over 365 days. The day after the due day is the first (the first day of a period does not count: Civil Act,
article 157), the day of the payment the last. The rate is the programme's (`SettlementRules.late_tenths`), which the
group accepts with the agreement. The parts are added up exactly and the sum is cut to the won, in favour of who owes.
What comes in pays what was ordered first, then the interest, so that interest never bears interest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

YEAR_DAYS = 365
AHEAD = timedelta(days=7)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Paid:
    """A payment to an order: `amount_won` of what was ordered, `late_won` of the late interest."""

    on: date
    amount_won: int
    late_won: int = 0


@dataclass(frozen=True)
class Open:
    """What is open of an order on a day, in won: of what was ordered, and late interest."""

    amount_won: int
    late_won: int

    @property
    def total_won(self) -> int:
        return self.amount_won + self.late_won


def late_interest(amount_won: int, due_on: date, late_tenths: int, paid: Iterable[Paid], as_of: date) -> int:
    """The late interest that has run up to the end of `as_of`, in won, whether paid or not."""
    open_won, since, units = amount_won, due_on, 0
    for payment in sorted(paid, key=lambda each: each.on):
        until = min(max(payment.on, due_on), as_of)
        units += open_won * max((until - since).days, 0)
        since = max(since, until)
        open_won -= payment.amount_won
    units += open_won * max((as_of - since).days, 0)
    return units * late_tenths // (1000 * YEAR_DAYS)


def open_on(amount_won: int, due_on: date, late_tenths: int, paid: Sequence[Paid], as_of: date) -> Open:
    """What is still open at the end of `as_of`."""
    run = late_interest(amount_won, due_on, late_tenths, paid, as_of)
    return Open(
        amount_won=amount_won - sum(each.amount_won for each in paid),
        late_won=max(0, run - sum(each.late_won for each in paid)),
    )


def split(came_won: int, standing: Open) -> Paid | None:
    """How a sum that came in is divided (its day is left to the caller: `date.min`); None when it is more than is
    open."""
    if came_won > standing.total_won:
        return None
    amount = min(came_won, standing.amount_won)
    return Paid(date.min, amount, came_won - amount)


def grant_part(grant_won: int, paid_before_won: int, amount_won: int) -> int:
    """How much of a payment pays grant money back to the budget line: the grant first, then the interest that the
    account bore, which the line never spent."""
    return max(0, min(amount_won, grant_won - paid_before_won))


def reminders_due(due_on: date, today: date) -> int:
    """How many reminders should have been sent: a week before the due day, on it, and every week after it."""
    if today < due_on - AHEAD:
        return 0
    if today < due_on:
        return 1
    return 2 + (today - due_on) // WEEK


def exclusion(starts_on: date, years: int) -> date:
    """The last day of an exclusion of so many years."""
    try:
        end = starts_on.replace(year=starts_on.year + years)
    except ValueError:  # the 29th of February
        end = date(starts_on.year + years, 3, 1)
    return end - timedelta(days=1)
