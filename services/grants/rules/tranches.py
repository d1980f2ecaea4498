"""Into which tranches (교부) a grant is cut, and by which steps one is paid. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.grants.rules.definition import TranchePlan

WHOLE = (TranchePlan(percent=100),)
"""A programme without a plan pays at once."""


@dataclass(frozen=True)
class Planned:
    """A tranche to be: `gates` are the keys of the guards that it waits for."""

    number: int
    amount_won: int
    gates: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A step of a payment: `event` leads from one of `start` to `end`; `by` is "applicant" or "staff"."""

    event: str
    start: tuple[str, ...]
    end: str
    by: str


UNPAID = ("planned", "requested", "prepared", "approved")
MOVING = ("requested", "prepared", "approved")
STEPS = {
    step.event: step
    for step in (
        Step("request", ("planned",), "requested", "applicant"),
        Step("take_back", ("requested",), "planned", "applicant"),
        Step("prepare", ("requested",), "prepared", "staff"),
        Step("approve", ("prepared",), "approved", "staff"),
        Step("pay", ("approved",), "paid", "staff"),
        Step("refuse", MOVING, "planned", "staff"),
        Step("cancel", UNPAID, "cancelled", "staff"),
    )
}
"""Asked for by the group, prepared by one person of the staff, approved by a second, paid once."""


def gates_of(number: int, gates: Sequence[str]) -> tuple[str, ...]:
    """The gates of a tranche: the programme's, and those that no programme can leave out. Nothing is paid before the
    agreement is signed, nor to a group whose return is overdue, nor before the tranches before it."""
    always = ("agreement_signed", *gates, *(("earlier_tranches_paid",) if number > 1 else ()), "no_overdue_return")
    return tuple(dict.fromkeys(always))


def planned(total_won: int, plans: Sequence[TranchePlan]) -> list[Planned]:
    """A grant cut by the programme's plan: they add up to `total_won`, the last takes the rest. What would be empty is
    left out, and the next one waits for its gates as well."""
    plans = plans or WHOLE
    amounts, rest = [], total_won
    for index, plan in enumerate(plans):
        amount = rest if index == len(plans) - 1 else min(rest, _share(total_won, plan))
        amounts.append(amount)
        rest -= amount
    found: list[Planned] = []
    carried: tuple[str, ...] = ()
    for plan, amount in zip(plans, amounts, strict=True):
        carried = (*carried, *plan.gates)
        if amount:
            number = len(found) + 1
            found.append(Planned(number, amount, gates_of(number, carried)))
            carried = ()
    return found


def replanned(
    total_won: int, plans: Sequence[TranchePlan], unpaid: Mapping[int, Sequence[str]], paid_won: int
) -> dict[int, Planned]:
    """The unpaid tranches (number -> gates) once the grant has become `total_won`, of which `paid_won` is paid: each
    what the plan gives it, the last the rest. A number that is missing gets nothing any more.

    Raises ValueError for a grant that is less than what is paid, or that no tranche is left to pay.
    """
    rest = total_won - paid_won
    if rest < 0 or (rest and not unpaid):
        raise ValueError(f"{total_won} won cannot be paid in tranches {list(unpaid)} after {paid_won} won")
    shares = {each.number: each.amount_won for each in planned(total_won, plans)}
    found: dict[int, Planned] = {}
    carried: tuple[str, ...] = ()
    numbers = sorted(unpaid)
    for number in numbers:
        carried = (*carried, *unpaid[number])
        amount = rest if number == numbers[-1] else min(rest, shares.get(number, 0))
        rest -= amount
        if amount:
            found[number] = Planned(number, amount, gates_of(number, carried))
            carried = ()
    return found


def halfway(starts_on: date, ends_on: date) -> date:
    """The middle day of an agreed period. By then the interim report is due: an interim evaluation (중간평가) looks at
    the half that is over, before the rest of the grant is paid."""
    return starts_on + (ends_on - starts_on) // 2


def _share(total_won: int, plan: TranchePlan) -> int:
    if plan.amount_won is not None:
        return plan.amount_won
    return total_won * (plan.percent or 0) // 100
