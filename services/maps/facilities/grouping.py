"""Rows to places: a place with several rooms is one space with several units.

Rows belong to one place when district, place name and building address are the same; the room's name tells the units
apart. Of rows that tell of the same room the latest 데이터기준일자 counts. Rows of the same date that share a name are
different rooms only if their published kind or area differs; otherwise they contradict each other and the first stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.maps.facilities import addresses, contact, coordinates, names
from services.maps.facilities.closures import Closures
from services.maps.facilities.fees import Fee
from services.maps.facilities.hours import Hours
from services.maps.facilities.problems import Note, Problem, Severity, problem
from services.maps.facilities.records import FacilityRow
from services.maps.facilities.text import key


@dataclass(slots=True)
class UnitFacts:
    """One room. ``source_key`` stays the same when the district publishes the room again with other values.

    ``kind`` is 개방시설유형구분 as published, ``apply_by`` the ways to apply, ``published_on`` an ISO date; ``line``
    and ``raw`` say where the facts come from. ``closures`` is None when they are not known. The other fields are those
    of a unit in the event ``maps.space.changed``.
    """

    source_key: str
    name: str
    kind: str
    capacity: int | None
    area_m2: str | None
    equipment: list[str]
    hours: Hours | None
    closures: Closures | None
    closure_text: str | None
    fee: Fee | None
    fee_text: str | None
    apply_by: list[str]
    published_on: str | None
    line: int
    raw: dict[str, str]


@dataclass(slots=True)
class Place:
    """One space: ``district`` is the MOIS code, ``lat`` and ``lon`` WGS84 degrees; units in the order of the file."""

    source_key: str
    name: str
    district: str
    address: str
    lat: float | None
    lon: float | None
    phone: str | None
    homepage: str | None
    units: list[UnitFacts] = field(default_factory=list)


def group(rows: Iterable[FacilityRow]) -> tuple[list[Place], list[Problem]]:
    """(places in the order of the file, problems of the rows). Each row is one unit, or has one problem not "noted"."""
    problems: list[Problem] = []
    spaces: dict[str, list[FacilityRow]] = {}
    for row in _without_repeats(rows, problems):
        spaces.setdefault(_space_key(row), []).append(row)
    places = []
    kept_rows: list[tuple[Place, FacilityRow]] = []
    for source_key, members in spaces.items():
        units = _units(members, problems)
        place = _place(source_key, [row for _, row in units], problems)
        place.units = [_unit(source_key, name, row) for name, row in units]
        places.append(place)
        kept_rows += [(place, row) for _, row in units]
    _compare_places(kept_rows, problems)
    return places, problems


def _without_repeats(rows: Iterable[FacilityRow], problems: list[Problem]) -> Iterable[FacilityRow]:
    first_lines: dict[tuple[str, ...], int] = {}
    for row in rows:
        published = tuple(cell.strip() for cell in row.raw.values())
        first = first_lines.setdefault(published, row.line)
        if first == row.line:
            yield row
        else:
            problems.append(_finding(row, "row_repeated", "repeated", first))


def _space_key(row: FacilityRow) -> str:
    where = row.address_key or (f"@{row.point[0]},{row.point[1]}" if row.point else "")
    # key() leaves no blanks in names, so " / " cannot be part of one.
    return f"{row.district} / {key(row.place)} / {where}"


def _units(rows: list[FacilityRow], problems: list[Problem]) -> list[tuple[str, FacilityRow]]:
    """(unit name, row) of one space, names unique, in the order of the file."""
    by_name: dict[str, list[FacilityRow]] = {}
    for row in rows:
        by_name.setdefault(key(_name(row)), []).append(row)
    units: dict[str, tuple[str, FacilityRow]] = {}
    for namesakes in by_name.values():
        for name, row in _tell_apart(_latest(namesakes, problems), problems):
            taken = units.setdefault(key(name), (name, row))
            if taken[1] is row:
                problems.extend(problem(row.line, note, "noted") for note in row.notes)
            else:
                problems.append(_finding(row, "rows_contradict", "refused", taken[1].line))
    return sorted(units.values(), key=lambda unit: unit[1].line)


def _name(row: FacilityRow) -> str:
    """The room's name; where the row gives none, what kind of room it is, else the place itself."""
    return row.room or row.kind or row.place


def _latest(rows: list[FacilityRow], problems: list[Problem]) -> list[FacilityRow]:
    """The rows of one name without those of an older date."""
    newest = max(rows, key=lambda row: (row.published_on or "", -row.line))
    kept = []
    for row in rows:
        if row.published_on and newest.published_on and row.published_on < newest.published_on:
            problems.append(_finding(row, "row_superseded", "superseded", newest.line))
        else:
            kept.append(row)
    return kept


def _tell_apart(rows: list[FacilityRow], problems: list[Problem]) -> list[tuple[str, FacilityRow]]:
    """(name, row) of the rooms that share a name; kind and area are added to the name where there are several."""
    rooms: list[FacilityRow] = []
    for row in rows:
        rival = next((room for room in rooms if not _distinct(room, row)), None)
        if rival is None:
            rooms.append(row)
        else:
            problems.append(_finding(row, "rows_contradict", "refused", rival.line))
    if len(rooms) == 1:
        return [(_name(rooms[0]), rooms[0])]
    named = []
    for row in rooms:
        others = [room for room in rooms if room is not row]
        parts = []
        if row.kind and key(row.kind) != key(_name(row)) and any(key(room.kind) != key(row.kind) for room in others):
            parts.append(row.kind)
        if any(key(room.kind) == key(row.kind) for room in others):
            parts.append(f"{row.area_m2}㎡")
        name = f"{_name(row)} ({', '.join(parts)})" if parts else _name(row)
        row.notes.append(Note(names.FACILITY, row.raw[names.FACILITY].strip(), "room_name_shared"))
        named.append((name, row))
    return named


def _distinct(one: FacilityRow, other: FacilityRow) -> bool:
    """Whether two rows of one name are certainly two rooms."""
    kinds_differ = bool(one.kind and other.kind) and key(one.kind) != key(other.kind)
    areas_differ = bool(one.area_m2 and other.area_m2) and one.area_m2 != other.area_m2
    return kinds_differ or areas_differ


def _place(source_key: str, rows: list[FacilityRow], problems: list[Problem]) -> Place:
    """The facts that all rooms share, from the first row that has them; rows that differ are noted."""
    first = rows[0]
    same_address = all(key(row.address) == key(first.address) for row in rows)
    point = next((row.point for row in rows if row.point), None)
    phone = next((row.phone for row in rows if row.phone), None)
    homepage = next((row.homepage for row in rows if row.homepage), None)
    for row in rows:
        if row.point and point and coordinates.far_apart(row.point, point):
            problems.append(_differs(row, coordinates.FIELD, f"{row.point[0]}, {row.point[1]}", first))
        if row.phone and row.phone != phone:
            problems.append(_differs(row, contact.PHONE, row.phone, first))
        if row.homepage and row.homepage != homepage:
            problems.append(_differs(row, contact.HOMEPAGE, row.homepage, first))
    return Place(
        source_key=source_key,
        name=first.place,
        district=first.district,
        address=first.address if same_address else addresses.building(first.address),
        lat=point[0] if point else None,
        lon=point[1] if point else None,
        phone=phone,
        homepage=homepage,
    )


def _unit(space_key: str, name: str, row: FacilityRow) -> UnitFacts:
    return UnitFacts(
        source_key=f"{space_key} / {key(name)}",
        name=name,
        kind=row.kind,
        capacity=row.capacity,
        area_m2=row.area_m2,
        equipment=row.equipment,
        hours=row.hours,
        closures=row.closures,
        closure_text=row.closure_text,
        fee=row.fee,
        fee_text=row.fee_text,
        apply_by=row.apply_by,
        published_on=row.published_on,
        line=row.line,
        raw=row.raw,
    )


def _compare_places(rows: list[tuple[Place, FacilityRow]], problems: list[Problem]) -> None:
    """Notes on places that are right alone but not beside another: one name at two addresses, two names at one point.

    Each place is compared with the first one of the same name, address or point, and noted once for each.
    """
    first: dict[tuple[str, str], tuple[Place, FacilityRow]] = {}
    noted: set[tuple[str, str]] = set()
    for place, row in rows:
        point = f"{row.point[0]}, {row.point[1]}" if row.point else ""
        address = f"{place.district} {row.address_key}" if row.address_key else ""
        for kind, shared, column, value, reason in (
            (
                "name",
                f"{place.district} {key(place.name)}",
                addresses.ROAD,
                place.address,
                "place_at_several_addresses",
            ),
            ("address", address, addresses.ROAD, place.address, "address_shared"),
            ("point", point, coordinates.FIELD, point, "coordinates_shared"),
        ):
            other, other_row = first.setdefault((kind, shared), (place, row))
            same_name = key(other.name) == key(place.name)
            # A shared address explains a shared point; one name at several addresses is its own finding.
            expected = other is place or (kind == "point" and (same_name or row.address_key == other_row.address_key))
            if shared and not expected and (place.source_key, kind) not in noted:
                noted.add((place.source_key, kind))
                note = Note(column, f"{place.name}: {value}", reason)
                problems.append(problem(row.line, note, "noted", other_row.line))


def _finding(row: FacilityRow, reason: str, severity: Severity, other_line: int) -> Problem:
    value = f"{row.raw[names.PLACE].strip()} / {row.raw[names.FACILITY].strip()}"
    return problem(row.line, Note(names.FACILITY, value, reason), severity, other_line)


def _differs(row: FacilityRow, column: str, value: str, first: FacilityRow) -> Problem:
    return problem(row.line, Note(column, value, "differs_within_place"), "noted", first.line)
