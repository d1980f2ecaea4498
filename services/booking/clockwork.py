"""What booking does when its time comes, not when somebody asks. `shared.ticker` runs it."""

from __future__ import annotations

from datetime import timedelta

from services.booking import check_in, deliveries, reminders, request_queue, retention
from services.booking.lottery import drawing
from services.booking.search import findable
from services.booking.seasons import publishing
from services.booking.waitlist import offers
from shared.ticker import Task

TASKS: tuple[Task, ...] = (
    Task("deliveries", deliveries.tick),
    Task("no-shows", check_in.tick, every=timedelta(seconds=10)),
    Task("lotteries", drawing.tick, every=timedelta(seconds=5)),
    Task("reminders", reminders.tick, every=timedelta(minutes=1)),
    Task("requests", request_queue.lapse, every=timedelta(seconds=10)),
    Task("search", findable.put_right, every=timedelta(hours=1)),
    Task("retention", retention.tick, every=timedelta(hours=1)),
    Task("seasons", publishing.tick, every=timedelta(seconds=10)),
    Task("waitlist", offers.tick),
    Task("waitlist-sweep", offers.sweep, every=timedelta(seconds=10)),
)
"""Each is asked every so often whether something is due; it looks first, and does its work under the usual locks."""
