"""The demonstration of booking: every feature alive, made by the same rules as anybody's, each act at a moment of its
own past.

The same day gives the same stories (only what must be a secret differs: codes, invitations, a lottery's seed). They are
told in the order of time in one transaction, once; `demo_stage.py` says how, the other `demo_*.py` tell them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import func, select

from services.booking import inbox, reminders
from services.booking.demo import attendance, lotteries, reservations, rules, seasons
from services.booking.demo import crowd as demo_crowd
from services.booking.demo import people as demo_people
from services.booking.demo.stage import KEY, OneWork, Stage, Story, tell
from services.booking.models import Reservation, Unit
from services.booking.units import Filter, reservable
from shared.database import Database
from shared.identity.actor import Actor

STORIES = (
    rules.keepers_rules,
    demo_people.who_they_are,
    demo_people.registered_groups,
    rules.holidays_by_hand,
    rules.a_short_day,
    reservations.readers_every_week,
    reservations.choir_every_week,
    lotteries.a_drawn_lottery,
    lotteries.an_open_lottery,
    seasons.a_season_to_apply_for,
    seasons.a_season_to_allocate,
    reservations.own_events,
    reservations.requests_for_the_hall,
    reservations.council_meets,
    reservations.today_and_tomorrow,
    reservations.a_closure_that_moves,
    reservations.a_closure_to_decide,
    attendance.readers_come,
    attendance.a_no_show_with_an_appeal,
    attendance.a_no_show_that_was_excused,
    attendance.a_full_afternoon,
    attendance.an_offer_to_take,
    attendance.searches_in_vain,
)


def load(database: Database, now: datetime, people: Mapping[str, Actor]) -> list[str]:
    """Tell the stories of these accounts (by login), once; nothing where there is no unit or nobody. The names of the
    stories that had to break off, in which all the others went on."""
    with database.read() as session:
        there = session.scalar(
            select(func.count()).select_from(Reservation).where(Reservation.idempotency_key.startswith(KEY))
        )
        units = list(session.scalars(reservable(Filter()).order_by(Unit.id)))
    residents = [people[login] for login in ("resident", "neighbor") if login in people]
    if there or not units or not residents:
        return []
    with database.write() as session:
        places = {(unit.space.name, unit.name): unit.id for unit in units}
        stage = Stage(session, OneWork(database, session), now, people, places, now)
        known = all(place in places for place in rules.NEEDED) and len(people["keeper"].spaces) >= 2
        stories = STORIES if known else ()
        crowd = demo_crowd.stories(now, units, residents)
        return tell(stage, [*stories, *crowd, _they_read(residents), _the_clock_reminds])


def _the_clock_reminds(stage: Stage) -> Story:
    """Day by day, as the clockwork would have done."""
    for days in range(14, -1, -1):
        yield stage.ago(days)
        while reminders.remind(stage.database, stage.moment):
            pass


def _they_read(residents: list[Actor]) -> Callable[[Stage], Story]:
    """What came more than three days ago has been read."""

    def reading(stage: Stage) -> Story:
        yield stage.ago(3)
        for actor in residents:
            inbox.read_all(stage.database, actor, stage.moment)

    return reading
