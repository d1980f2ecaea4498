"""Publishing a season: every weekly time of the plan becomes a series of real reservations.

First the allocation is made final in one short transaction, with the reason for each option as it is then. Then each
application is carried out in a transaction of its own: its series, its result, its one message and its audit row
together or not at all. So a process that dies half way leaves whole applications done and whole ones open; publishing
again, or the clock, carries out the open ones, and the series' own keys keep even a lost answer from making two.
Everybody locks: units, atoms, then the application.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.booking import messages, occupancy, seasons, series
from services.booking.models import AUDIT, Membership, Season, SeasonApplication, Unit
from services.booking.rules import seasons as rules
from services.booking.rules.allocation_reasons import Reason
from services.booking.rules.season_plan import Plan
from services.booking.rules.weekly import Placement
from services.booking.seasons import plan as season_plan
from services.booking.seasons.plan import Board
from services.booking.series.survey import Plan as SeriesPlan
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor, Role
from shared.refusal import Refusal
from shared.settings import Settings

BATCH = 40
"""How many applications one request carries out; the clock does the rest, which the page says."""


@dataclass(frozen=True)
class Outlook:
    """A weekly time of the plan with its dates: those that can be reserved, and those that will be left out."""

    placement: Placement
    free: Sequence[date]
    closed: Sequence[date]
    taken: Sequence[date]


def preview(database: Database, actor: Actor, now: datetime, season_id: int) -> tuple[Board, list[Outlook]]:
    """What publishing would reserve; nothing is written. Raises Refusal: season_not_found (404), not_allowed (403)."""
    found = season_plan.read(database, actor, now, season_id)
    return found, [Outlook(each, **found.rooms.outlook(each)) for each in found.plan.placements]


def publish(database: Database, actor: Actor, now: datetime, season_id: int, version: int) -> Season:
    """Make the allocation final and reserve. Publishing again goes on with what is not carried out yet.

    Raises Refusal: season_not_found (404), not_allowed (403), season_changed, season_not_closed, season_not_proposed,
    season_clashes, season_is_cancelled (409).
    """
    found = season_plan.read(database, actor, now, season_id)
    with database.write() as session:
        season = seasons.lock(session, actor, season_id)
        seasons.refuse_cancelled(season)
        if season.status != "published":
            if season.version != version or season.version != found.season.version:
                raise Refusal("season_changed", 409)
            _make_final(session, actor, now, season, found)
    carry_out(database, actor, now, season_id, BATCH)
    return season


def carry_out(database: Database, actor: Actor, now: datetime, season_id: int, most: int) -> bool:
    """Reserve for at most so many applications that wait for it; True when more wait."""
    waiting = select(SeasonApplication.id).where(_waiting(), SeasonApplication.season_id == season_id)
    with database.read() as session:
        ids = list(session.scalars(waiting.order_by(SeasonApplication.id).limit(most + 1)))
    for application_id in ids[:most]:
        allot(database, actor, now, season_id, application_id)
    return len(ids) > most


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Carry out what a request had no time for, or died over. True when more is waiting."""
    query = select(Season.id).where(
        Season.status == "published", exists().where(SeasonApplication.season_id == Season.id, _waiting())
    )
    with database.read() as session:
        season_id = session.scalar(query.order_by(Season.id).limit(1))
    return season_id is not None and (carry_out(database, SYSTEM, now, season_id, BATCH) or True)


def allot(database: Database, actor: Actor, now: datetime, season_id: int, application_id: int) -> bool:
    """Reserve all that one application was given; whether it was done now. Dates that are closed, or were taken since,
    are left out and told."""
    with database.write() as session:
        season = session.get_one(Season, season_id)
        plan = Plan.from_json(season.plan)
        places = plan.of(application_id)
        locked = occupancy.lock_units(session, {each.unit_id for each in places}) if places else {}
        application = session.get_one(SeasonApplication, application_id, with_for_update=True, populate_existing=True)
        if application.result is not None or application.status != "submitted" or season.status != "published":
            return False
        given = [_reserve(session, actor, now, season, application, locked[each.unit_id].unit, each) for each in places]
        result = {"given": given, "reasons": season.plan.get("reasons", {}).get(str(application_id), [])}
        application.result = result
        _tell(session, now, season, application, result)
        counted = sum(each["count"] for each in given)
        record(
            session,
            AUDIT,
            actor,
            now,
            "season.allotted",
            f"season:{season_id}",
            {"application": application_id, "times": len(given), "reservations": counted},
            on_behalf_of=application.account_id,
        )
        return True


def progress(database: Database, season_id: int) -> tuple[int, int]:
    """How many applications are carried out, of how many."""
    query = select(SeasonApplication.result.is_not(None)).where(
        SeasonApplication.season_id == season_id, SeasonApplication.status == "submitted"
    )
    with database.read() as session:
        found = list(session.scalars(query))
    return sum(bool(each) for each in found), len(found)


def _make_final(session: Session, actor: Actor, now: datetime, season: Season, found: Board) -> None:
    stage = season.stage(now)
    if stage != "closed":
        raise Refusal("season_not_closed", 409)
    if found.plan.empty:
        raise Refusal("season_not_proposed", 409)
    if found.clashes:
        raise Refusal("season_clashes", 409, count=len(found.clashes))
    told = {str(wish_id): [_reason(each) for each in reasons] for wish_id, reasons in found.reasons.items()}
    season.plan = {**found.plan.as_json(), "reasons": told, "shares": found.shares}
    season.status, season.published_at = "published", now
    season.version += 1
    details = {"applications": len(found.wishes), "times": len(found.plan.placements)}
    record(session, AUDIT, actor, now, "season.published", f"season:{season.id}", details)


def _reserve(
    session: Session,
    actor: Actor,
    now: datetime,
    season: Season,
    application: SeasonApplication,
    unit: Unit,
    placement: Placement,
) -> dict[str, Any]:
    """A series for one weekly time, as plain data for the result; `count` 0 and a `code` where no date can be had."""
    time = placement.time
    told: dict[str, Any] = {
        "unit_id": unit.id,
        "unit": unit.name,
        "space": unit.space.name,
        "time": list(time),
        "series_id": None,
        "count": 0,
        "left_out": [],
    }
    owner = Actor(application.account_id, "", frozenset({Role.RESIDENT}))
    plan = SeriesPlan(
        unit_id=unit.id,
        rule=rules.repetition(time.weekday, season.first_day, season.last_day),
        opens=rules.clock(time.start),
        closes=rules.clock(time.end),
        people=application.people,
        purpose=application.purpose,
        group_name=application.group_name,
        group_id=_group_of(session, application),
    )
    key = f"season-{season.id}-{application.id}-{unit.id}-{'-'.join(str(each) for each in time)}"
    try:
        made = series.make_in(session, actor, now, plan, key, free_only=True, owner=owner)
    except Refusal as refusal:
        if refusal.code in ("slot_taken", "not_allowed"):
            raise  # the database's own guard: nothing of this transaction may stay
        return {**told, "code": refusal.code}
    return {
        **told,
        "series_id": made.whole.series.id,
        "count": len(made.whole.occurrences),
        "first": made.whole.occurrences[0].start_at.isoformat() if made.whole.occurrences else None,
        "left_out": [[each.day.isoformat(), each.code] for each in made.left_out],
    }


def _group_of(session: Session, application: SeasonApplication) -> int | None:
    """The group, as long as who applied belongs to it."""
    if application.group_id is None:
        return None
    member = session.get(Membership, (application.group_id, application.account_id))
    return application.group_id if member else None


def _tell(
    session: Session, now: datetime, season: Season, application: SeasonApplication, result: Mapping[str, Any]
) -> None:
    """The one message: what they got, and why not what they did not get."""
    got = [each for each in result["given"] if each["count"]]
    units = {unit.id: unit.name for unit in seasons.units_of(session, season.id)}
    options = [[units.get(unit_id, ""), *time] for unit_id, *time in application.options]
    messages.tell(
        session,
        application.account_id,
        "season_allocated" if got else "season_refused",
        now,
        season=season.name,
        group=application.group_name,
        got=len(got),
        wanted=application.times,
        given=list(result["given"]),
        refused=[
            {"option": options[index], **reason}
            for index, reason in enumerate(result["reasons"])
            if reason["code"] != "given" and index < len(options)
        ],
        path=f"/seasons/{season.id}",
    )


def _reason(reason: Reason) -> dict[str, Any]:
    """As plain data; to whom an option was lost stays with staff, the time it was lost to is told."""
    lost = [[each.unit_id, *each.time] for each in reason.lost_to]
    return {"code": reason.code, "why": reason.why, "lost_to": lost}


def _waiting() -> Any:
    return (SeasonApplication.status == "submitted") & SeasonApplication.result.is_(None)
