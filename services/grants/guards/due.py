"""By when a gate has to be green, from what agreement, programme and call know of it."""

from __future__ import annotations

from datetime import date, timedelta

from services.grants.guards.base import Facts
from services.grants.models import Agreement
from services.grants.policy import city_date
from services.grants.rules.tranches import halfway


def of_payment(facts: Facts) -> date | None:
    """What a later tranche waits for is due with the interim evaluation; the first, and what concerns no payment, by
    the last day of the agreement: what is paid after it can't be spent. None before an agreement is prepared."""
    if (facts.tranche or 1) > 1:
        return of_interim(facts)
    agreed = _agreed(facts)
    return agreed.ends_on if agreed else None


def of_interim(facts: Facts) -> date | None:
    """The middle of the agreed period."""
    agreed = _agreed(facts)
    return halfway(agreed.starts_on, agreed.ends_on) if agreed else None


def of_signature(facts: Facts) -> date | None:
    """The first agreement before its first day; a later version in time for the payment that waits for it."""
    if facts.agreed is not None:
        return of_payment(facts)
    return facts.agreement.starts_on if facts.agreement else None


def of_announcement(facts: Facts) -> date | None:
    """The hour that was set, else the day that the call promised."""
    at = facts.application.announced_at or facts.call.announce_at
    return city_date(at) if at else facts.call.results_on


def of_report(facts: Facts) -> date | None:
    """The day by which the settlement has to be filed."""
    agreed = _agreed(facts)
    return agreed.ends_on + timedelta(days=facts.rules.settlement.report_days) if agreed else None


def _agreed(facts: Facts) -> Agreement | None:
    """The agreement in force, or the one that waits to be signed first."""
    return facts.agreed or facts.agreement
