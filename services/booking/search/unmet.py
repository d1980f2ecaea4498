"""Searches that found nothing: the city's best statistic. Where, when, how many people; never who."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256

from sqlalchemy.dialects import postgresql, sqlite

from services.booking.models import UnmetSearch
from services.booking.search.terms import SEOUL, Search, clock_of_minutes
from shared.database import Database


def note(database: Database, now: datetime, wanted: Search, visit: str) -> bool:
    """Keep a search that found nothing; whether it was new. The free text is not kept: people write anything there.

    `visit` is a random word of the visitor's own browser (or nothing, for programs): the same search of one visit on
    one day is one row, however often it is loaded again or paged through.
    """
    days = wanted.days
    facts = {
        "district": wanted.district,
        "space_id": wanted.space_id,
        "day": wanted.day,
        "days": len(days),
        "starts": clock_of_minutes(wanted.starts) if days else None,
        "ends": clock_of_minutes(wanted.ends) if days else None,
        "minutes": wanted.minutes if days else None,
        "people": wanted.people,
        "needs": {
            "equipment": sorted(wanted.equipment),
            "accessibility": sorted(wanted.accessibility),
            "most_won": wanted.most_won,
            "weekdays": sorted(wanted.weekdays),
            "near": wanted.point is not None,
            "words": bool(wanted.text),
        },
    }
    today = now.astimezone(SEOUL).date()
    told = json.dumps([facts, wanted.text, visit, today], sort_keys=True, default=str)
    key = sha256(told.encode()).hexdigest()
    with database.write() as session:
        dialect = sqlite if database.is_sqlite else postgresql
        kept = dialect.insert(UnmetSearch).values(at=now, key=key, **facts)
        row = session.execute(kept.on_conflict_do_nothing(index_elements=["key"]).returning(UnmetSearch.id)).first()
    return row is not None
