"""What maps hears from the other services, and the projections it keeps of it.

What maps says itself, `maps.space.changed`, is published by `spaces.py`.
"""

from typing import Any

from sqlalchemy import Table, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.maps.models import Base, Call, FundedProject, Intermediary, MapVersion, Reservation, UnitRule
from shared.bus.events import Event, Handlers


def on_reservation_made(session: Session, event: Event) -> None:
    _keep(session, Reservation, {**_interval(event.payload), "cancelled": False})


def on_reservation_cancelled(session: Session, event: Event) -> None:
    _keep(session, Reservation, {**_interval(event.payload), "cancelled": True})


def on_unit_ruled(session: Session, event: Event) -> None:
    _keep(session, UnitRule, _columns(UnitRule, event.payload))


def on_project_funded(session: Session, event: Event) -> None:
    _keep(session, FundedProject, {"id": event.payload["project_id"], **_columns(FundedProject, event.payload)})


def on_project_withdrawn(session: Session, event: Event) -> None:
    session.execute(delete(FundedProject).where(FundedProject.id == event.payload["project_id"]))
    touch(session)


def on_intermediary_changed(session: Session, event: Event) -> None:
    _keep(session, Intermediary, _columns(Intermediary, event.payload))


def on_call_published(session: Session, event: Event) -> None:
    _keep(session, Call, {"id": event.payload["call_id"], **_columns(Call, event.payload)})


HANDLERS: Handlers = {
    "booking.reservation.made": on_reservation_made,
    "booking.reservation.cancelled": on_reservation_cancelled,
    "booking.unit.ruled": on_unit_ruled,
    "grants.project.funded": on_project_funded,
    "grants.project.withdrawn": on_project_withdrawn,
    "grants.intermediary.changed": on_intermediary_changed,
    "grants.call.published": on_call_published,
}

PROJECTIONS: tuple[Table, ...] = tuple(
    Base.metadata.tables[model.__tablename__] for model in (Reservation, UnitRule, FundedProject, Intermediary, Call)
)

_TOUCHED = "maps_touched"


def touch(session: Session) -> None:
    """Count one more change of what the map shows, in the transaction that makes it; once for all that it makes."""
    if session.info.get(_TOUCHED):
        return
    session.info[_TOUCHED] = True
    session.execute(update(MapVersion).values(version=MapVersion.version + 1))


def _interval(payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": payload["reservation_id"],
        "space_id": payload["space_id"],
        "unit_id": payload["unit_id"],
        "district": payload["district"],
        "start_at": payload["start"],
        "end_at": payload["end"],
    }


def _columns(model: type[Base], payload: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key in model.__table__.columns}


def _keep(session: Session, model: type[Base], values: dict[str, Any]) -> None:
    """Insert the row, or bring the one with the same key to these values."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    keys = [column.name for column in model.__table__.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    session.execute(dialect.insert(model).values(**values).on_conflict_do_update(index_elements=keys, set_=rest))
    touch(session)
