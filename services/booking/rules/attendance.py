"""Coming and not coming: when one may check in, what counts as a no-show, and what follows from several."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.booking.rules.interval import Interval
from services.booking.rules.policy import NoShowRule, Policy

LATEST = timedelta(days=2)
"""A clockwork that stood still for longer makes nobody a no-show any more."""
BY_HAND = timedelta(days=1)
"""So long after its end a keeper may still say that nobody came."""


def opens_at(during: Interval, policy: Policy) -> datetime:
    """From when one may check in. Until the end of the reservation it stays possible, as long as the time is held."""
    return during.start - policy.early


def deadline(during: Interval, policy: Policy, since: datetime) -> datetime:
    """Until when somebody has to come. A time that was taken or moved (`since`) after it began gives the same grace."""
    return max(during.start, since) + policy.grace


def blocked_until(missed: Iterable[datetime], rule: NoShowRule | None) -> datetime | None:
    """Until when who missed these times cannot reserve by this rule; None: was never that often away.

    Any `count` no-shows of which the last is no more than `within_days` after the first block for `block_days` from the
    last one on; of several such runs the one that blocks longest counts.
    """
    if rule is None:
        return None
    times = sorted(missed)
    within, block = timedelta(days=rule.within_days), timedelta(days=rule.block_days)
    ends = [last + block for first, last in zip(times, times[rule.count - 1 :], strict=False) if last - first <= within]
    return max(ends, default=None)


def reach(rule: NoShowRule) -> timedelta:
    """How far back no-shows can matter for what holds now."""
    return timedelta(days=rule.within_days + rule.block_days)
