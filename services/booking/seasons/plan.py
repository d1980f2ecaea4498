"""The allocation of a season as staff work on it: the system proposes, people pin, take away, move and go back.

The solver runs outside of the transaction that saves: nobody waits for it at a lock. What it worked from is a version
of the season; when that is no longer the present one, nothing is saved and a clear refusal says so. Clashes, fairness
and reasons are never kept but worked out from the plan each time, so that they are right after every act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from services.booking import seasons
from services.booking.models import AUDIT, Season, SeasonApplication
from services.booking.rules import season_plan as plans
from services.booking.rules.allocation import Proposal, jain, propose
from services.booking.rules.allocation_reasons import Reason, reasons
from services.booking.rules.season_plan import Plan
from services.booking.rules.seasons import DAY_MINUTES, minutes_of
from services.booking.rules.weekly import Placement, Time, Wish, answered, answers, clashes, unfit
from services.booking.seasons import rooms as season_rooms
from services.booking.seasons.rooms import Rooms
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

LIMIT = 6.0
"""How long the solver may look for something better, in its deterministic seconds: a request waits for it. 60 groups
and 20 rooms take a part of that; where it ends the search the page says that the proposal may not be the best."""
ACTS = ("pin", "unpin", "forbid", "allow", "move")


@dataclass(frozen=True)
class Board:
    """A season's plan with all that there is to say about it."""

    season: Season
    plan: Plan
    rooms: Rooms
    applications: Mapping[int, SeasonApplication]
    wishes: Sequence[Wish]

    @cached_property
    def fairness(self) -> Fraction | None:
        """Jain's index: 1 when all groups have the same share of what they wanted; None while nobody has anything."""
        return jain(self.wishes, self.plan.placements)

    @cached_property
    def clashes(self) -> list[tuple[Placement, Placement]]:
        """The weekly times that cannot both be."""
        return clashes(self.rooms.rooms, self.plan.placements)

    @cached_property
    def reasons(self) -> dict[int, tuple[Reason, ...]]:
        """What became of each option, by application."""
        plan = self.plan
        return reasons(
            self.rooms.rooms,
            self.wishes,
            self.rooms.rules,
            plan.placements,
            pinned=plan.pinned,
            forbidden=plan.forbidden,
        )

    @cached_property
    def misfits(self) -> dict[Placement, str]:
        """What was given although the room is closed, taken or too small then, each with its code."""
        people = {wish.id: wish.people for wish in self.wishes}
        found = {
            each: unfit(self.rooms.rooms.get(each.unit_id), each.time, people.get(each.wish_id, 1), self.rooms.rules)
            for each in self.plan.placements
        }
        return {each: code for each, code in found.items() if code}

    @cached_property
    def shares(self) -> dict[str, int]:
        """How many groups have all, some or nothing of what they wanted."""
        return plans.shares(self.wishes, self.plan)

    def rank(self, placement: Placement) -> int | None:
        """Which of the group's options it answers, 0 being what it likes best; None: none of them."""
        return self._ranks.get(placement)

    @cached_property
    def _ranks(self) -> dict[Placement, int]:
        found: dict[Placement, int] = {}
        for wish in self.wishes:
            own = self.plan.of(wish.id)
            found |= {placement: rank for rank, placement in answered(own, wish.options).items()}
            for each in own:  # a second time within the same option
                rank = next((rank for rank, option in enumerate(wish.options) if answers(each, option)), None)
                if rank is not None:
                    found.setdefault(each, rank)
        return found


def read(database: Database, actor: Actor, now: datetime, season_id: int) -> Board:
    """The plan as it stands. Raises Refusal: season_not_found (404), not_allowed (403)."""
    with database.read() as session:
        season = session.get(Season, season_id)
        if season is None:
            raise Refusal("season_not_found", 404)
        if not seasons.runs_all(session, actor, season_id):
            raise Refusal("not_allowed", 403)
        return board(session, season, now)


def viewed(database: Database, actor: Actor, now: datetime, season_id: int) -> None:
    """Note that somebody looked at the applications of a season (invariant 14)."""
    with database.write() as session:
        record(session, AUDIT, actor, now, "season.viewed", f"season:{season_id}")


def board(session: Session, season: Season, now: datetime) -> Board:
    """The same inside a transaction of the caller's."""
    applications = season_rooms.submitted(session, season.id)
    wishes = season_rooms.wishes_of(session, season, applications)
    rooms = season_rooms.rooms_of(session, season, now)
    return Board(season, Plan.from_json(season.plan), rooms, {each.id: each for each in applications}, wishes)


def propose_plan(
    database: Database, actor: Actor, now: datetime, season_id: int, version: int, limit: float = LIMIT
) -> Season:
    """Let the solver propose; what was pinned stays, what was taken away is not given again.

    Raises Refusal: season_not_found (404), not_allowed (403), season_changed, season_not_closed, season_is_published,
    season_is_cancelled, season_nobody_applied (409).
    """
    found = read(database, actor, now, season_id)
    _refuse_stage(found.season, now)
    if found.season.version != version:
        raise Refusal("season_changed", 409)
    if not found.wishes:
        raise Refusal("season_nobody_applied", 409)
    proposal: Proposal = propose(
        found.rooms.rooms.values(),
        found.wishes,
        found.rooms.rules,
        pinned=found.plan.pinned,
        forbidden=found.plan.forbidden,
        limit=limit,
    )
    fairness = jain(found.wishes, proposal.placements)
    with database.write() as session:
        season = _writable(session, actor, now, season_id, version)
        before = Plan.from_json(season.plan)
        after = before.proposed(proposal.placements)
        after = after.done("proposed", actor.account_id, now.isoformat(), fairness, proven=dict(proposal.proven))
        _save(session, actor, now, season, before, after, "proposed", {"given": len(after.placements)})
        return season


def act(
    database: Database,
    actor: Actor,
    now: datetime,
    season_id: int,
    version: int,
    what: str,
    placement: Placement,
    to: Placement | None = None,
) -> Season:
    """One of ACTS: give a time by hand (pin), leave it to the next proposal again (unpin), take it away (forbid), lift
    that (allow), or move a time to another unit or time of the same group.

    Raises Refusal: season_not_found (404), not_allowed (403), season_changed, season_not_closed, season_is_published,
    season_is_cancelled, season_times_full, season_time_gone (409), and 422 for an application, unit or time that is
    not the season's.
    """
    with database.write() as session:
        season = _writable(session, actor, now, season_id, version)
        before = Plan.from_json(season.plan)
        applications = {each.id: each for each in season_rooms.submitted(session, season_id)}
        wishes = season_rooms.wishes_of(session, season, list(applications.values()))
        units = {unit.id for unit in season_rooms.units_of(session, season_id)}
        after = _acted(before, what, placement, to, applications, units)
        after = after.done(what, actor.account_id, now.isoformat(), jain(wishes, after.placements))
        details = {"application": placement.wish_id, "unit": placement.unit_id, "time": list(placement.time)}
        _save(session, actor, now, season, before, after, what, details)
        return season


def go_back(database: Database, actor: Actor, now: datetime, season_id: int, version: int, index: int) -> Season:
    """Take up an earlier plan of the history (0 is the oldest); the present one becomes part of the history.

    Raises Refusal: as `act`, season_plan_unknown (404).
    """
    with database.write() as session:
        season = _writable(session, actor, now, season_id, version)
        if not 0 <= index < len(season.history):
            raise Refusal("season_plan_unknown", 404)
        before = Plan.from_json(season.plan)
        applications = season_rooms.submitted(session, season_id)
        wishes = season_rooms.wishes_of(session, season, applications)
        after = Plan.from_json(season.history[index]).only({each.id for each in applications})
        proven = after.about.get("proven")
        fairness = jain(wishes, after.placements)
        after = after.done("went_back", actor.account_id, now.isoformat(), fairness, proven=proven)
        _save(session, actor, now, season, before, after, "went_back", {"index": index})
        return season


def _acted(
    plan: Plan,
    what: str,
    placement: Placement,
    to: Placement | None,
    applications: Mapping[int, SeasonApplication],
    units: set[int],
) -> Plan:
    _refuse_strange(placement, applications, units)
    given = placement in plan.placements
    if what == "pin":
        if not given:
            _refuse_full(plan, applications[placement.wish_id])
        return plan.pin(placement)
    if what == "move" and to is not None and to.wish_id == placement.wish_id:
        _refuse_strange(to, applications, units)
        return _there(given, plan).move(placement, to)
    simple: dict[str, Callable[[Placement], Plan]] = {"unpin": plan.unpin, "forbid": plan.forbid, "allow": plan.allow}
    if what not in simple:
        raise Refusal("season_act_unknown", 422)
    if what == "allow":
        return _there(placement in plan.forbidden, plan).allow(placement)
    return simple[what](placement) if _there(given, plan) else plan


def _there(given: bool, plan: Plan) -> Plan:
    if not given:
        raise Refusal("season_time_gone", 409)
    return plan


def _refuse_full(plan: Plan, application: SeasonApplication) -> None:
    if len(plan.of(application.id)) >= application.times:
        raise Refusal("season_times_full", 409, fields={"application_id": ["season_times_full"]})


def _refuse_strange(placement: Placement, applications: Mapping[int, SeasonApplication], units: set[int]) -> None:
    wish_id, unit_id, time = placement
    application = applications.get(wish_id)
    if application is None:
        raise Refusal("season_application_unknown", 422, fields={"application_id": ["season_application_unknown"]})
    if unit_id not in units:
        raise Refusal("season_unit_unknown", 422, fields={"unit_id": ["season_unit_unknown"]})
    within = 0 <= time.start < time.end <= DAY_MINUTES and 1 <= time.weekday <= 7
    if not within or time.end - time.start != application.minutes:
        raise Refusal("season_time_invalid", 422, fields={"start": ["season_time_invalid"]})


def _writable(session: Session, actor: Actor, now: datetime, season_id: int, version: int) -> Season:
    season = seasons.lock(session, actor, season_id)
    _refuse_stage(season, now)
    if season.version != version:
        raise Refusal("season_changed", 409)
    return season


def _refuse_stage(season: Season, now: datetime) -> None:
    seasons.refuse_ended(season)
    if season.stage(now) != "closed":
        raise Refusal("season_not_closed", 409)


def _save(
    session: Session,
    actor: Actor,
    now: datetime,
    season: Season,
    before: Plan,
    after: Plan,
    what: str,
    details: Mapping[str, object],
) -> None:
    season.history = plans.remember(season.history, before)
    season.plan = after.as_json()
    season.version += 1
    record(session, AUDIT, actor, now, f"season.{what}", f"season:{season.id}", details)


def placements_of(database: Database, season_id: int, told: Mapping[str, Any]) -> tuple[Placement, Placement | None]:
    """The weekly time that an act is about and the one it moves to, each as long as the group asked for; `told` has
    application_id, unit_id, weekday and start ("14:00"), and for a move the last three again after `to_`.

    Raises Refusal season_application_unknown (422).
    """
    with database.read() as session:
        application = session.get(SeasonApplication, told["application_id"])
        if application is None or application.season_id != season_id:
            fields = {"application_id": ["season_application_unknown"]}
            raise Refusal("season_application_unknown", 422, fields=fields)
    found: list[Placement] = []
    for prefix in ("", "to_"):
        unit_id, weekday, clock = (told.get(f"{prefix}{name}") for name in ("unit_id", "weekday", "start"))
        if unit_id is None or weekday is None or clock is None:
            return found[0], None
        start = minutes_of(clock)
        found.append(Placement(application.id, unit_id, Time(weekday, start, start + application.minutes)))
    return found[0], found[1]
