"""What grants does when its time comes, not when somebody asks. `shared.ticker` runs it."""

from __future__ import annotations

from datetime import timedelta

from services.grants import interim, notices, programmes, retention
from services.grants.returns import reminding
from services.grants.reviewing import reminding as reviews
from services.grants.selection import announcement
from shared.ticker import Task

TASKS: tuple[Task, ...] = (
    Task("announcements", announcement.tick),
    Task("notices", notices.tick, every=timedelta(hours=1)),
    Task("reports", reminding.tick_reports, every=timedelta(minutes=10)),
    Task("interim", interim.tick, every=timedelta(minutes=10)),
    Task("reviews", reviews.tick, every=timedelta(minutes=10)),
    Task("returns", reminding.tick, every=timedelta(minutes=10)),
    Task("programmes", programmes.tick, every=timedelta(minutes=10)),
    Task("retention", retention.tick, every=timedelta(hours=1)),
)
"""Each is asked every so often whether something is due; it looks first, and does its work under the usual locks."""
