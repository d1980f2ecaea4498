"""What keepers set for a unit: its rules, hours and tariff. Each change is one transaction with its audit and event.

A change locks the unit's row, as reserving shares it: a reservation is made by the rules of before or of after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking.askers import runs_space
from services.booking.managing import own_space, units_of
from services.booking.models import AUDIT, Space, Unit, UnitRules
from services.booking.rules import settings
from services.booking.rules import tariff as tariffs
from services.booking.rules.policy import Policy
from services.booking.rules.tariff import Tariff
from services.booking.search import findable
from shared.audit import record
from shared.bus import outbox
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Ruled:
    """A unit for its keeper; `seen` is what a form sends back, so that nobody's change is overwritten unseen."""

    unit: Unit
    rules: UnitRules | None

    @property
    def seen(self) -> str:
        return _seen(self.rules)

    @property
    def tariff(self) -> Tariff | None:
        """The keeper's own; None: what maps told holds."""
        return Tariff.from_json(self.rules.tariff) if self.rules and self.rules.tariff else None


def read(database: Database, actor: Actor, unit_id: int) -> Ruled:
    """A unit with its rules, for who runs it. Raises Refusal: unit_not_found (404), not_allowed (403)."""
    with database.read() as session:
        unit = _of(session.get(Unit, unit_id), actor)
        return Ruled(unit, session.get(UnitRules, unit_id))


def read_space(database: Database, actor: Actor, space_id: int) -> tuple[Space, list[Ruled]]:
    """A space with all its active units, for who runs it; two queries. Raises Refusal: space_not_found, not_allowed."""
    with database.read() as session:
        space = own_space(session, actor, space_id)
        return space, [Ruled(unit, unit.rules) for unit in units_of(session, space_id)]


def set_policy(
    database: Database,
    actor: Actor,
    now: datetime,
    unit_id: int,
    policy: Policy,
    *,
    everywhere: bool = False,
    seen: str | None = None,
) -> int:
    """Give a unit these rules, or (`everywhere`) all units of its space; how many have changed.

    Raises Refusal: unit_not_found (404), not_allowed (403), rules_changed_meanwhile (409), 422 for each wrong setting.
    """
    refuse(settings.problems(policy))
    told = policy.settings()

    def change(rules: UnitRules) -> None:
        rules.settings = told

    return _change(database, actor, now, unit_id, "unit.rules_set", change, everywhere, seen)


def set_hours(
    database: Database,
    actor: Actor,
    now: datetime,
    unit_id: int,
    days: Sequence[Sequence[str] | None] | None,
    closures: Mapping[str, Any] | None = None,
    *,
    everywhere: bool = False,
    seen: str | None = None,
) -> int:
    """Give a unit hours of its keeper's own, Monday to Sunday (None: closed); `days` None: what maps told holds again.

    Raises Refusal as `set_policy`.
    """
    if days is not None:
        refuse(settings.hours_problems(days))
    hours = None if days is None else settings.hours_of_week(days)
    own = {"weekdays": [], "holidays": False, "monthly": [], "named": [], **(closures or {})}

    def change(rules: UnitRules) -> None:
        rules.hours = hours
        rules.closures = None if hours is None else own

    return _change(database, actor, now, unit_id, "unit.hours_set", change, everywhere, seen)


def set_tariff(
    database: Database,
    actor: Actor,
    now: datetime,
    unit_id: int,
    tariff: Tariff | None,
    *,
    everywhere: bool = False,
    seen: str | None = None,
) -> int:
    """Give a unit a tariff; None: what maps told holds again. Raises Refusal as `set_policy`.

    What is reserved keeps the price that was told when it was reserved.
    """
    if tariff is not None:
        refuse(tariffs.problems(tariff))
    told = None if tariff is None else tariff.to_json()

    def change(rules: UnitRules) -> None:
        rules.tariff = told

    return _change(database, actor, now, unit_id, "unit.tariff_set", change, everywhere, seen)


def locked_units(session: Session, actor: Actor, unit_id: int, everywhere: bool) -> list[Unit]:
    """The unit, or all active units of its space, locked in sorted order. Raises Refusal as `read`."""
    unit = _of(session.get(Unit, unit_id), actor)
    wanted = Unit.id == unit_id
    if everywhere:
        wanted |= (Unit.space_id == unit.space_id) & Unit.active
    query = select(Unit).where(wanted).order_by(Unit.id).with_for_update(of=Unit)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def refuse(found: Iterator[tuple[str, str]]) -> None:
    """Raises Refusal (422) with the first problem's code, and each problem's code at its field."""
    fields: dict[str, list[str]] = {}
    for name, code in found:
        fields.setdefault(name, []).append(code)
    if fields:
        raise Refusal(next(iter(fields.values()))[0], 422, fields=fields)


def _change(
    database: Database,
    actor: Actor,
    now: datetime,
    unit_id: int,
    action: str,
    change: Callable[[UnitRules], None],
    everywhere: bool,
    seen: str | None,
) -> int:
    changed = 0
    with database.write() as session:
        units = locked_units(session, actor, unit_id, everywhere)
        known = select(UnitRules).where(UnitRules.unit_id.in_([unit.id for unit in units]))
        rules = {each.unit_id: each for each in session.scalars(known)}
        if seen is not None and seen != _seen(rules.get(unit_id)):
            raise Refusal("rules_changed_meanwhile")
        for unit in units:
            own = rules.get(unit.id) or UnitRules(unit_id=unit.id, settings={})
            before = _facts(own)
            change(own)
            after = _facts(own)
            if before == after:
                continue
            own.changed_at = now
            session.add(own)
            different = [name for name in after if before[name] != after[name]]
            details = {
                "before": {name: before[name] for name in different},
                "after": {name: after[name] for name in different},
            }
            record(session, AUDIT, actor, now, action, f"unit:{unit.id}", details)
            if set(different) != {"settings"}:  # others are told of hours and fees only
                _publish(session, unit, own, now)
            changed += 1
        if changed:
            findable.refresh(session, [unit.id for unit in units])
    return changed


def _publish(session: Session, unit: Unit, rules: UnitRules, now: datetime) -> None:
    payload = {
        "unit_id": unit.id,
        "space_id": unit.space_id,
        "district": unit.space.district,
        "hours": rules.hours,
        "closures": rules.closures,
        "tariff": rules.tariff,
    }
    outbox.publish(session, "booking.unit.ruled", aggregate=f"unit:{unit.id}", payload=payload, occurred_at=now)


def _facts(rules: UnitRules) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in ("settings", "hours", "closures", "tariff")}


def _seen(rules: UnitRules | None) -> str:
    return rules.changed_at.isoformat() if rules else ""


def _of(unit: Unit | None, actor: Actor) -> Unit:
    if unit is None:
        raise Refusal("unit_not_found", 404)
    if not runs_space(actor, unit.space):
        raise Refusal("not_allowed", 403)
    return unit
