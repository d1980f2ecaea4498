"""Applying for a season: a draft is kept as it was typed, what is submitted counts, and can be changed or withdrawn.

Whoever submits locks the season's row, so that a group applies once and nobody slips in after the closing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking import askers, messages, schedules
from services.booking.lottery import BINDING
from services.booking.models import AUDIT, Group, Membership, Season, SeasonApplication, Unit
from services.booking.reservations import signed_in
from services.booking.rules import policy
from services.booking.rules import seasons as rules
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import MINUTE, Wish
from services.booking.rules.season_plan import Plan, remember
from services.booking.rules.seasons import Asked
from services.booking.rules.weekly import MOST_TIMES, Option, starts
from services.booking.seasons import refuse_cancelled, refuse_ended
from services.booking.seasons.rooms import submitted, units_of
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

BOUND = (BINDING | {"people_too_many", "off_grid", "too_short", "too_long", "hours_unknown"}) - {
    "people_too_few", "purpose_needed", "purpose_too_long", "group_name_too_long",
}  # fmt: skip
"""The rules of a reservation that hold for a season's option too; notice, window and quotas do not. The others are the
application's as a whole (`rules.wrong`)."""
TYPED_FIELDS, TYPED_LENGTH = 60, 500
"""How much of a draft is kept: so many fields, so many characters of each."""


def save_draft(
    database: Database, actor: Actor, now: datetime, season_id: int, typed: Mapping[str, str]
) -> SeasonApplication:
    """Keep what was typed, whatever is missing in it; what was submitted before stays submitted.

    Raises Refusal: sign_in_required (401), season_not_found (404), season_not_open_yet, season_closed,
    season_is_cancelled (409).
    """
    account_id = signed_in(actor)
    with database.write() as session:
        season = _open(session, season_id, now)
        application = _mine(session, season_id, account_id) or _new(session, season, account_id, now)
        application.typed = _bounded(typed)
        application.changed_at = now
        if application.status == "withdrawn":
            application.status = "draft"
        _note(session, actor, now, application, "draft_saved")
        return application


def check(database: Database, actor: Actor, now: datetime, season_id: int, asked: Asked) -> None:
    """What `submit` would refuse, without writing anything. Raises Refusal as `submit`."""
    signed_in(actor)
    with database.read() as session:
        _refuse_wrong(session, actor, now, _open(session, season_id, now, locked=False), _named(session, asked))


def submit(
    database: Database,
    actor: Actor,
    now: datetime,
    season_id: int,
    asked: Asked,
) -> SeasonApplication:
    """Apply, or change what one applied with; one application for each person, whatever the number of clicks.

    Raises Refusal: sign_in_required (401), season_not_found (404), season_not_open_yet, season_closed,
    season_is_cancelled, season_group_applied (409), and 422 for each wrong field.
    """
    account_id = signed_in(actor)
    with database.write() as session:
        season = _open(session, season_id, now)
        asked = _named(session, asked)
        _refuse_wrong(session, actor, now, season, asked)
        application = _mine(session, season_id, account_id) or _new(session, season, account_id, now)
        first = application.status != "submitted"
        values = {
            "group_id": asked.group_id,
            "group_name": asked.group_name.strip(),
            "purpose": asked.purpose.strip(),
            "people": asked.people,
            "times": asked.times,
            "minutes": asked.minutes,
            "options": [list(option) for option in asked.options],
        }
        if not first and all(getattr(application, name) == value for name, value in values.items()):
            return application
        for name, value in values.items():
            setattr(application, name, value)
        application.typed = {}
        application.status, application.changed_at = "submitted", now
        _note(session, actor, now, application, "submitted" if first else "application_changed")
        if first:
            messages.tell(
                session,
                account_id,
                "season_submitted",
                now,
                season=season.name,
                group=application.group_name,
                path=f"/seasons/{season_id}",
            )
        return application


def withdraw(database: Database, actor: Actor, now: datetime, season_id: int) -> SeasonApplication:
    """Take an application back, until the allocation is published; withdrawing again changes nothing.

    Raises Refusal: sign_in_required (401), season_not_found, season_application_not_found (404), season_is_published,
    season_is_cancelled (409).
    """
    account_id = signed_in(actor)
    with database.write() as session:
        season = _row(session, season_id)
        application = _mine(session, season_id, account_id)
        if application is None:
            raise Refusal("season_application_not_found", 404)
        if application.status == "withdrawn":
            return application
        refuse_ended(season)
        application.status, application.changed_at = "withdrawn", now
        plan = Plan.from_json(season.plan)
        if plan.of(application.id):
            session.flush()
            left = plan.only({each.id for each in submitted(session, season_id)})
            season.history = remember(season.history, plan)
            season.plan = left.done("withdrawn", None, now.isoformat(), None).as_json()
            season.version += 1
        _note(session, actor, now, application, "application_withdrawn")
        return application


def _refuse_wrong(session: Session, actor: Actor, now: datetime, season: Season, asked: Asked) -> None:
    found: dict[str, list[str]] = {}
    figures: dict[str, object] = {
        "most_times": MOST_TIMES,
        "most_options": rules.MOST_OPTIONS,
        "least_minutes": rules.MINUTES[0],
        "most_minutes": rules.MINUTES[1],
    }
    for name, code in rules.wrong(asked, season.rules):
        found.setdefault(name, []).append(code)
    if asked.group_id is not None:
        _refuse_group(session, actor, season, asked.group_id)
    units = {unit.id: unit for unit in units_of(session, season.id)}
    for index, option in enumerate(asked.options):
        name = f"options.{index}"
        unit = units.get(option.unit_id)
        if unit is None:
            found.setdefault(name, []).append("season_unit_unknown")
        elif name not in found:
            codes, told = _misfits(session, actor, now, season, unit, asked, option)
            figures |= told
            for code in codes:
                found.setdefault(name, []).append(code)
    if found:
        raise Refusal(next(iter(found.values()))[0], 422, fields=found, **figures)


def _misfits(
    session: Session, actor: Actor, now: datetime, season: Season, unit: Unit, asked: Asked, option: Option
) -> tuple[list[str], dict[str, object]]:
    """What the unit's own rules have against an option, and the figures that their sentences name."""
    day = rules.first_date(option, season.first_day, season.last_day)
    time = next(starts(option, asked.minutes, unit.policy.grid // MINUTE), None)
    if day is None or time is None:
        return ["season_no_such_day" if day is None else "season_option_too_short"], {}
    start = instant(day, rules.clock(option.start), unit.zone)
    during = Interval(start, start + timedelta(minutes=asked.minutes))
    asker = askers.asker(session, actor, unit, during, asked.group_id, lock=False)
    place = schedules.place_of(session, unit, during)
    wish = Wish(during, asked.people, asked.purpose or "-", asked.group_name, asked.group_id)
    codes = [code for _name, code in policy.problems(place, wish, now, asker) if code in BOUND]
    return list(dict.fromkeys(codes)), policy.figures(place, asker)


def _refuse_group(session: Session, actor: Actor, season: Season, group_id: int) -> None:
    if session.get(Membership, (group_id, actor.account_id)) is None:
        raise Refusal("group_not_yours", 422, fields={"group_id": ["group_not_yours"]})
    others = select(SeasonApplication.id).where(
        SeasonApplication.season_id == season.id,
        SeasonApplication.group_id == group_id,
        SeasonApplication.status == "submitted",
        SeasonApplication.account_id != actor.account_id,
    )
    if session.scalar(others.limit(1)):
        raise Refusal("season_group_applied", 409, fields={"group_id": ["season_group_applied"]})


def _named(session: Session, asked: Asked) -> Asked:
    """A group of Maru's own applies under its name."""
    group = session.get(Group, asked.group_id) if asked.group_id else None
    return replace(asked, group_name=group.name) if group else asked


def _open(session: Session, season_id: int, now: datetime, locked: bool = True) -> Season:
    season = _row(session, season_id, locked)
    refuse_cancelled(season)
    if season.stage(now) != "open":
        opens, closes = (each.astimezone(ZoneInfo(season.zone)) for each in (season.opens_at, season.closes_at))
        code = "season_not_open_yet" if now < season.opens_at else "season_closed"
        raise Refusal(code, 409, opens=f"{opens:%Y-%m-%d %H:%M}", closes=f"{closes:%Y-%m-%d %H:%M}")
    return season


def _row(session: Session, season_id: int, locked: bool = True) -> Season:
    options = {"with_for_update": True, "populate_existing": True} if locked else {}
    season = session.get(Season, season_id, **options)  # type: ignore[arg-type]
    if season is None or season.status == "draft":
        raise Refusal("season_not_found", 404)
    return season


def _mine(session: Session, season_id: int, account_id: int) -> SeasonApplication | None:
    query = select(SeasonApplication).where(
        SeasonApplication.season_id == season_id, SeasonApplication.account_id == account_id
    )
    return session.scalar(query)


def _new(session: Session, season: Season, account_id: int, now: datetime) -> SeasonApplication:
    application = SeasonApplication(
        season_id=season.id,
        account_id=account_id,
        group_name="",
        purpose="",
        people=0,
        times=0,
        minutes=0,
        options=[],
        typed={},
        status="draft",
        created_at=now,
        changed_at=now,
    )
    session.add(application)
    session.flush()
    return application


def _bounded(typed: Mapping[str, str]) -> dict[str, str]:
    return {name[:40]: str(value)[:TYPED_LENGTH] for name, value in list(typed.items())[:TYPED_FIELDS]}


def _note(session: Session, actor: Actor, now: datetime, application: SeasonApplication, what: str) -> None:
    subject = f"season:{application.season_id}"
    record(session, AUDIT, actor, now, f"season.{what}", subject, {"application": application.id})
