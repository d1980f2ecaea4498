"""Finding spaces: one filter for the list, the map and the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from services.maps.models import Space, Unit, UnitRule

PER_PAGE = 20


@dataclass(frozen=True)
class SpaceFilter:
    """What somebody looks for; empty fields don't narrow. `open_only`: can be reserved here and now online;
    `accessibility`: a unit has all of these.
    """

    district: str = ""
    kind: str = ""
    text: str = ""
    open_only: bool = False
    accessibility: tuple[str, ...] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """As SQL over `Space`. Retired spaces are found only when everything is."""
        wanted: list[ColumnElement[bool]] = [Space.stage != "retired"]
        if self.district:
            wanted.append(Space.district == self.district)
        if self.kind:
            wanted.append(Space.kind == self.kind)
        for word in self.text.split()[:5]:
            in_unit = exists().where(Unit.space_id == Space.id, Unit.name.icontains(word, autoescape=True))
            in_space = [column.icontains(word, autoescape=True) for column in (Space.name, Space.address)]
            wanted.append(or_(*in_space, in_unit))
        if self.open_only:
            wanted.append(reservable_space())
        if self.accessibility:
            has_all = [
                or_(_has(Unit.accessibility, code), _has(Space.accessibility, code)) for code in self.accessibility
            ]
            wanted.append(exists().where(Unit.space_id == Space.id, Unit.active, *has_all))
        return wanted

    @property
    def narrowed(self) -> bool:
        return bool(self.district or self.kind or self.text.strip() or self.open_only or self.accessibility)


@dataclass(frozen=True)
class Found:
    """One page of spaces with their units; `total` counts all pages' spaces."""

    spaces: Sequence[Space]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class SpaceSummary:
    """What a list says of a space in one line."""

    space: Space
    reservable: int
    capacity: int | None
    free_of_charge: bool
    state: dict[str, Any] = field(default_factory=dict)


def reservable_space() -> ColumnElement[bool]:
    """A space whose stage is open and that has a unit in service with known hours."""
    own = select(UnitRule.unit_id).where(UnitRule.hours.is_not(None))
    known = or_(Unit.hours.is_not(None), Unit.id.in_(own))
    return and_(Space.stage == "open", exists().where(Unit.space_id == Space.id, Unit.active, known))


def is_reservable(space: Space, unit: Unit, ruled: UnitRule | None = None) -> bool:
    """Whether this unit can be reserved online: the same rule as `reservable_space`, for rows in hand."""
    known = unit.hours is not None or (ruled is not None and ruled.hours is not None)
    return space.stage == "open" and unit.active and known


def _has(column: Any, code: str) -> ColumnElement[bool]:
    # The list is stored as its JSON text, and codes hold nothing that JSON would write otherwise.
    return cast(column, Text).contains(f'"{code}"')


def find_spaces(session: Session, wanted: SpaceFilter, page: int = 1, per_page: int = PER_PAGE) -> Found:
    """One page of what is wanted: reservable ones first, public facilities last, then by name; three queries."""
    conditions = wanted.conditions()
    total = session.scalar(select(func.count()).select_from(Space).where(*conditions)) or 0
    pages = max(1, -(-total // per_page))
    page = min(max(1, page), pages)
    order = (reservable_space().desc(), Space.kind == "public_facility", Space.name, Space.id)
    query = select(Space).where(*conditions).order_by(*order).options(selectinload(Space.units))
    spaces = session.scalars(query.offset((page - 1) * per_page).limit(per_page)).all()
    return Found(spaces, total, page, pages)


def summary(space: Space, state: dict[str, Any] | None = None) -> SpaceSummary:
    """The line of a space whose units are loaded."""
    units = [unit for unit in space.units if is_reservable(space, unit)]
    return SpaceSummary(
        space=space,
        reservable=len(units),
        capacity=max((unit.capacity for unit in space.units if unit.capacity), default=None),
        free_of_charge=bool(units) and all(unit.fee is not None and unit.fee["free"] for unit in units),
        state=state or {},
    )
