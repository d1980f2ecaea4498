"""Seasons: who runs all of a season's spaces makes it, changes it while it can be changed, and announces it.

A season goes draft → announced (groups apply in [opens_at, closes_at)) → published (the allocation holds), unless it is
dropped or called off (`ending.py`). The season's row is locked by whoever changes anything of it; `version` counts
those changes, and a page that looked at an older one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.booking import occupancy
from services.booking.askers import runs_space
from services.booking.managing import managed
from services.booking.models import AUDIT, KEY_LENGTH, Season, SeasonApplication, SeasonUnit, Space, Unit
from services.booking.reservations import signed_in
from services.booking.rules import seasons as rules
from services.booking.rules.seasons import Wanted
from services.booking.seasons.rooms import units_of
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

MOST_SHOWN = 200
FROZEN = ("unit_ids", "first_day", "last_day", "opens_at", "usable", "one_a_day", "district_weight", "new_weight")
"""What groups rely on once they can apply."""


@dataclass(frozen=True)
class Shown:
    """A season as people see it: its units, how many groups take part, and the actor's own application, if any."""

    season: Season
    units: Sequence[Unit]
    taking_part: int
    mine: SeasonApplication | None = None
    runs: bool = False


def make(database: Database, actor: Actor, now: datetime, wanted: Wanted, key: str) -> Season:
    """Make a season that nobody but its makers sees yet. The same key again gives the same season.

    Raises Refusal: sign_in_required (401), not_allowed (403), unit_not_found (404), and 422 for each wrong field.
    """
    account_id = signed_in(actor)
    if not 0 < len(key) <= KEY_LENGTH:
        raise Refusal("idempotency_key_needed", 422)
    same = select(Season).where(Season.made_by == account_id, Season.idempotency_key == key)
    try:
        with database.write() as session:
            units = _units(session, actor, wanted)
            return session.scalar(same) or _make(session, actor, now, wanted, units, key)
    except IntegrityError:  # the same key at the same moment with other units: their locks don't meet
        with database.read() as session:
            if made := session.scalar(same):
                return made
        raise


def edit(database: Database, actor: Actor, now: datetime, season_id: int, version: int, wanted: Wanted) -> Season:
    """Change a season. Once groups can apply only its name, its note and a later closing can change.

    Raises Refusal: as `make`, season_not_found (404), season_changed, season_rules_frozen, season_is_published,
    season_is_cancelled (409).
    """
    with database.write() as session:
        units = _units(session, actor, wanted)
        season = lock(session, actor, season_id, version)
        stage = season.stage(now)
        refuse_ended(season)
        _refuse_wrong(wanted, units, None if stage == "closed" else now)
        if stage not in ("draft", "soon"):
            before = told(season, [each.id for each in units_of(session, season_id)])
            changed = [name for name in FROZEN if _plain(getattr(before, name)) != _plain(getattr(wanted, name))]
            earlier = wanted.closes_at < season.closes_at
            if earlier or (stage == "closed" and wanted.closes_at != season.closes_at):
                changed.append("closes_at")
            if changed:
                raise Refusal("season_rules_frozen", 409, fields={name: ["season_rules_frozen"] for name in changed})
        season.district, season.zone = units[0].space.district, units[0].space.zone
        for name, value in _columns(wanted).items():
            setattr(season, name, value)
        _set_units(session, season, units)
        season.version += 1
        record(session, AUDIT, actor, now, "season.changed", f"season:{season_id}", {"units": len(units)})
        return season


def announce(database: Database, actor: Actor, now: datetime, season_id: int, version: int) -> Season:
    """Let everybody see it; announcing again changes nothing.

    Raises Refusal: season_not_found (404), not_allowed (403), season_changed, season_closes_in_the_past,
    season_is_cancelled (409).
    """
    with database.write() as session:
        season = lock(session, actor, season_id)
        refuse_cancelled(season)
        if season.status != "draft":
            return season
        refuse_stale(season, version)
        if season.closes_at <= now:
            raise Refusal("season_closes_in_the_past", 409)
        season.status = "announced"
        season.version += 1
        record(session, AUDIT, actor, now, "season.announced", f"season:{season_id}")
        return season


def read(database: Database, actor: Actor, season_id: int) -> Shown:
    """A season that was announced, or one's own draft. Raises Refusal season_not_found (404)."""
    with database.read() as session:
        season = session.get(Season, season_id)
        runs = season is not None and runs_all(session, actor, season_id)
        if season is None or (season.status == "draft" and not runs):
            raise Refusal("season_not_found", 404)
        counted = select(func.count()).where(
            SeasonApplication.season_id == season_id, SeasonApplication.status == "submitted"
        )
        mine = select(SeasonApplication).where(
            SeasonApplication.season_id == season_id, SeasonApplication.account_id == (actor.account_id or 0)
        )
        taking_part = session.scalar(counted) or 0
        return Shown(season, units_of(session, season_id), taking_part, session.scalar(mine), runs)


def announced(database: Database, actor: Actor) -> list[tuple[Season, list[str], str | None]]:
    """What residents see: the latest seasons, the names of their spaces, and how the actor's application stands."""
    query = select(Season).where(Season.status != "draft").order_by(Season.closes_at.desc(), Season.id.desc())
    with database.read() as session:
        found = list(session.scalars(query.limit(MOST_SHOWN)))
        mine = select(SeasonApplication.season_id, SeasonApplication.status).where(
            SeasonApplication.account_id == (actor.account_id or 0)
        )
        own = dict(session.execute(mine).all())
        spaces = _spaces(session, found)
        return [(each, spaces.get(each.id, []), own.get(each.id)) for each in found]


def managed_by(database: Database, actor: Actor) -> list[tuple[Season, list[str], int]]:
    """The seasons that the actor runs, latest first, with their spaces and how many groups take part."""
    others = select(SeasonUnit.season_id).join(Space, Space.id == SeasonUnit.space_id).where(~managed(actor))
    query = select(Season).where(Season.id.not_in(others)).order_by(Season.closes_at.desc(), Season.id.desc())
    with database.read() as session:
        found = list(session.scalars(query.limit(MOST_SHOWN)))
        counted = (
            select(SeasonApplication.season_id, func.count())
            .where(SeasonApplication.status == "submitted")
            .group_by(SeasonApplication.season_id)
        )
        counts = dict(session.execute(counted).all())
        spaces = _spaces(session, found)
        return [(each, spaces.get(each.id, []), counts.get(each.id, 0)) for each in found]


def possible_units(database: Database, actor: Actor) -> list[Unit]:
    """The units that the actor may put into a season, by district, space and name."""
    query = (
        select(Unit)
        .join(Space, Space.id == Unit.space_id)
        .where(managed(actor), Unit.active, Space.stage == "open")
        .order_by(Space.district, Space.name, Space.id, Unit.name, Unit.id)
    )
    with database.read() as session:
        return list(session.scalars(query).unique())


def lock(session: Session, actor: Actor, season_id: int, version: int | None = None) -> Season:
    """The season's row, for who runs it. Raises Refusal: season_not_found (404), not_allowed (403), season_changed
    (409) when it is not this version any more."""
    season = session.get(Season, season_id, with_for_update=True, populate_existing=True)
    if season is None:
        raise Refusal("season_not_found", 404)
    if not runs_all(session, actor, season_id):
        raise Refusal("not_allowed", 403)
    if version is not None:
        refuse_stale(season, version)
    return season


def refuse_cancelled(season: Season) -> None:
    """Raises Refusal season_is_cancelled (409)."""
    if season.status == "cancelled":
        raise Refusal("season_is_cancelled", 409)


def refuse_ended(season: Season) -> None:
    """Raises Refusal season_is_cancelled or season_is_published (409)."""
    refuse_cancelled(season)
    if season.status == "published":
        raise Refusal("season_is_published", 409)


def runs_all(session: Session, actor: Actor, season_id: int) -> bool:
    """Whether the actor runs all of the season's spaces."""
    spaces = select(Space).where(Space.id.in_(select(SeasonUnit.space_id).where(SeasonUnit.season_id == season_id)))
    found = session.scalars(spaces).all()
    return bool(found) and all(runs_space(actor, each) for each in found)


def told(season: Season, unit_ids: Sequence[int]) -> Wanted:
    """A season as its form has it."""
    known = {name: season.rules[name] for name in ("usable", "one_a_day", "district_weight", "new_weight")}
    return Wanted(
        season.name,
        tuple(unit_ids),
        season.first_day,
        season.last_day,
        season.opens_at,
        season.closes_at,
        season.note,
        **known,
    )


def _make(session: Session, actor: Actor, now: datetime, wanted: Wanted, units: Sequence[Unit], key: str) -> Season:
    _refuse_wrong(wanted, units, now)
    season = Season(
        district=units[0].space.district,
        zone=units[0].space.zone,
        status="draft",
        plan={},
        history=[],
        version=1,
        made_by=signed_in(actor),
        idempotency_key=key,
        created_at=now,
        **_columns(wanted),
    )
    session.add(season)
    session.flush()
    _set_units(session, season, units)
    record(session, AUDIT, actor, now, "season.made", f"season:{season.id}", {"units": len(units)})
    return season


def _units(session: Session, actor: Actor, wanted: Wanted) -> list[Unit]:
    """The season's units, whose atoms are locked: two clicks make one season."""
    chosen = set(wanted.unit_ids)
    if len(chosen) > rules.MOST_UNITS:
        raise Refusal("season_too_many_units", 422, fields={"unit_ids": ["season_too_many_units"]}, **_figures())
    found = [each.unit for each in occupancy.lock_units(session, chosen).values()] if chosen else []
    if not all(runs_space(actor, unit.space) for unit in found):
        raise Refusal("not_allowed", 403)
    return found


def _refuse_wrong(wanted: Wanted, units: Sequence[Unit], now: datetime | None) -> None:
    wrong: dict[str, list[str]] = {}
    for name, code in rules.problems(wanted, now, units[0].zone if units else ZoneInfo("UTC")):
        wrong.setdefault(name, []).append(code)
    if len({(unit.space.district, unit.space.zone) for unit in units}) > 1:
        wrong.setdefault("unit_ids", []).append("season_one_district")
    if wrong:
        raise Refusal(next(iter(wrong.values()))[0], 422, fields=wrong, **_figures())


def _figures() -> dict[str, object]:
    return {
        "most_units": rules.MOST_UNITS,
        "least": rules.USABLE[0],
        "most": rules.USABLE[1],
        "most_extra": rules.EXTRA[1],
    }


def _columns(wanted: Wanted) -> dict[str, object]:
    return {
        "name": wanted.name.strip(),
        "note": wanted.note.strip(),
        "first_day": wanted.first_day,
        "last_day": wanted.last_day,
        "opens_at": wanted.opens_at,
        "closes_at": wanted.closes_at,
        "rules": dict(wanted.rules),
    }


def _set_units(session: Session, season: Season, units: Sequence[Unit]) -> None:
    of_season = select(SeasonUnit).where(SeasonUnit.season_id == season.id)
    before = {each.unit_id: each for each in session.scalars(of_season)}
    for unit_id in before.keys() - {unit.id for unit in units}:
        session.delete(before[unit_id])
    for unit in units:
        if unit.id not in before:
            session.add(SeasonUnit(season_id=season.id, unit_id=unit.id, space_id=unit.space_id))


def _spaces(session: Session, found: Sequence[Season]) -> dict[int, list[str]]:
    query = (
        select(SeasonUnit.season_id, Space.name)
        .join(Space, Space.id == SeasonUnit.space_id)
        .where(SeasonUnit.season_id.in_([each.id for each in found]))
        .distinct()
        .order_by(Space.name)
    )
    names: dict[int, list[str]] = {}
    for season_id, name in session.execute(query):
        names.setdefault(season_id, []).append(name)
    return names


def refuse_stale(season: Season, version: int) -> None:
    """Raises Refusal season_changed (409)."""
    if season.version != version:
        raise Refusal("season_changed", 409)


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, tuple) else value
