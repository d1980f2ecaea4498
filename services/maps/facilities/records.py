"""One record of the file to one row of facts, or to the reason why it has none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeVar

from services.maps.facilities import addresses, contact, fees, measures, names
from services.maps.facilities.closures import FIELD as CLOSURES
from services.maps.facilities.closures import Closures, read_closures
from services.maps.facilities.coordinates import read_coordinates
from services.maps.facilities.fees import Fee, read_fee
from services.maps.facilities.hours import Hours, read_hours
from services.maps.facilities.lists import EQUIPMENT, read_apply_by, read_equipment
from services.maps.facilities.problems import Note
from services.maps.facilities.reader import Record
from services.maps.facilities.text import clean

KIND: Final = "개방시설유형구분"

Fact = TypeVar("Fact")

#: Longer texts (characters) are no names and no addresses.
LIMITS: Final = {names.FACILITY: 120, names.PLACE: 120, KIND: 40, addresses.ROAD: 200, addresses.LOT: 200}


@dataclass(slots=True)
class FacilityRow:
    """What one row says. Place and room are told apart, each fact is structured or left out with a note.

    ``room`` is "" when the row names no room of its own. ``address_key`` tells one building from another.
    ``published_on`` is the ISO date of 데이터기준일자. ``raw`` holds the cells as published.
    """

    line: int
    district: str
    place: str
    room: str
    kind: str
    address: str
    address_key: str
    point: tuple[float, float] | None
    phone: str | None
    homepage: str | None
    hours: Hours | None
    closures: Closures | None
    closure_text: str | None
    fee: Fee | None
    fee_text: str | None
    capacity: int | None
    area_m2: str | None
    equipment: list[str]
    apply_by: list[str]
    published_on: str | None
    raw: dict[str, str]
    notes: list[Note] = field(default_factory=list)


def read_row(record: Record) -> FacilityRow | Note:
    """The row, with a note for each field that is not certain; or the note that says why it is refused."""
    cells = {column: clean(cell) for column, cell in record.cells.items()}
    facility, place = cells[names.FACILITY], cells[names.PLACE]
    road, lot = cells[addresses.ROAD], cells[addresses.LOT]
    if not facility:
        return Note(names.FACILITY, "", "name_missing")
    if not place and not road and not lot:
        return Note(names.PLACE, "", "place_missing")
    for column, limit in LIMITS.items():
        if len(cells[column]) > limit:
            return Note(column, cells[column], "cell_too_long")
    district, refusal = addresses.read_district(road, lot, cells[addresses.OFFICE])
    if district is None:
        return refusal or Note(addresses.ROAD, "", "district_unknown")

    notes: list[Note] = []

    def noted(reading: tuple[Fact, list[Note]]) -> Fact:
        notes.extend(reading[1])
        return reading[0]

    named = names.read_names(facility, place, district)
    if named.swapped:
        notes.append(Note(names.FACILITY, f"{facility} / {place}", "names_swapped"))
    if not place:
        notes.append(Note(names.PLACE, "", "place_named_by_facility"))
    if not road and not lot:
        notes.append(Note(addresses.ROAD, "", "address_missing"))
    closures = noted(read_closures(cells[CLOSURES]))
    weekday = (cells["평일운영시작시각"], cells["평일운영종료시각"])
    weekend = (cells["주말운영시작시각"], cells["주말운영종료시각"])
    hours = noted(read_hours(weekday, weekend, closures))
    flag, base_time, base_fee, extra_time, extra_fee = (cells[column] for column in fees.COLUMNS)
    fee, fee_text, fee_notes = read_fee((flag, base_time, base_fee, extra_time, extra_fee))
    notes.extend(fee_notes)
    return FacilityRow(
        line=record.line,
        district=district.code,
        place=named.place,
        room=named.room,
        kind=cells[KIND],
        address=road or lot,
        address_key=addresses.address_key(road, lot),
        point=noted(read_coordinates(cells["위도"], cells["경도"])),
        phone=noted(contact.read_phone(cells[contact.PHONE])),
        homepage=noted(contact.read_homepage(cells[contact.HOMEPAGE])),
        hours=hours,
        closures=closures,
        closure_text=cells[CLOSURES] or None,
        fee=fee,
        fee_text=fee_text,
        capacity=noted(measures.read_capacity(cells[measures.CAPACITY])),
        area_m2=noted(measures.read_area(cells[measures.AREA])),
        equipment=noted(read_equipment(cells[EQUIPMENT])),
        apply_by=read_apply_by(cells["신청방법구분"]),
        published_on=noted(contact.read_date(cells[contact.DATE])),
        raw=record.cells,
        notes=notes,
    )
