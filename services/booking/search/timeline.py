"""One day of many units at once: when each is open and taken. One query, whose answer the database itself writes."""

# ruff: noqa: S608 - the texts are this module's own constants; what was asked is bound

from __future__ import annotations

from datetime import date
from functools import lru_cache

from sqlalchemy import BigInteger, Date, TextClause, bindparam, text

from services.booking.rules.day_bits import HOLIDAY_BIT, day_bits
from services.booking.rules.hours import instant
from services.booking.search.terms import SEOUL
from shared.database import Database, UtcDateTime


def of_day(database: Database, day: date, district: str | None = None, space_id: int | None = None) -> str:
    """The day as JSON: {"units": [{"unit_id", "name", "space_id", "space", "capacity", "open", "taken"}]}.

    `open` are local clock times ["09:00", "21:00"] or null; `taken` [start, end] instants in UTC that touch the local
    day. Of all units, of a district's or of a space's; in the order of district, space and name. The day is Seoul's.
    """
    params = {
        "day": day,
        "bits": day_bits(day),
        "start": instant(day, "00:00", SEOUL),
        "end": instant(day, "24:00", SEOUL),
    }
    if district:
        params["district"] = district
    if space_id:
        params["space_id"] = space_id
    with database.look() as session:
        statement = _statement(database.is_sqlite, day.isoweekday(), bool(district), bool(space_id))
        found = session.connection().execute(statement, params).scalar_one()
    return str(found)


@lru_cache(maxsize=64)
def _statement(sqlite: bool, weekday: int, by_district: bool, by_space: bool) -> TextClause:
    conditions = ["f.district = :district"] * by_district + ["f.space_id = :space_id"] * by_space or ["true"]
    whole, many, pair = (
        ("json_object", "json_group_array", "json_array")
        if sqlite
        else ("json_build_object", "json_agg", "json_build_array")
    )
    clock = "printf('%02d\\:%02d', {0} / 60, {0} % 60)" if sqlite else "to_char({0} * interval '1 minute', 'HH24\\:MI')"
    if not sqlite:  # an interval of 24 hours would be written 00:00
        clock = "CASE {0} WHEN 1440 THEN '24\\:00' ELSE " + clock + " END"
    opens, closes = clock.format(f"f.opens_{weekday}"), clock.format(f"f.closes_{weekday}")
    # PostgreSQL writes an instant into JSON as ISO 8601 by itself, several times faster than by a format.
    moment = "strftime('%Y-%m-%dT%H\\:%M\\:%SZ', {0})" if sqlite else "{0}"
    taken = f"{pair}({moment.format('t.start_at')}, {moment.format('t.end_at')})"
    nothing = "json('[]')" if sqlite else "'[]'::json"
    # From the last one that starts before the day (it may reach in) to its end: the primary key finds them at once.
    where = " AND ".join(conditions)
    rows = f"""SELECT DISTINCT f.unit_id, o.start_at, o.end_at FROM findable_unit f
        JOIN unit_atom a ON a.unit_id = f.unit_id JOIN occupancy o ON o.atom_id = a.atom_id
        WHERE {where} AND o.start_at < :end AND o.end_at > :start AND o.start_at >= coalesce(
          (SELECT max(p.start_at) FROM occupancy p WHERE p.atom_id = a.atom_id AND p.start_at < :start), :start)
        ORDER BY f.unit_id, o.start_at"""
    null = "NULL" if sqlite else "NULL::json"
    row = "json(row)" if sqlite else "row"
    sql = f"""SELECT CAST({whole}('units', coalesce({many}({row}), {nothing})) AS text) FROM (
      SELECT {whole}(
        'unit_id', f.unit_id, 'name', f.name, 'space_id', f.space_id, 'space', f.space_name,
        'capacity', nullif(f.capacity, 1000000),
        'open', CASE
          WHEN d.unit_id IS NOT NULL THEN CASE WHEN d.opens IS NULL THEN {null} ELSE {pair}(d.opens, d.closes) END
          WHEN f.opens_{weekday} IS NULL OR f.closed_bits & (:bits | CASE WHEN EXISTS
            (SELECT 1 FROM extra_holiday h WHERE h.day = :day) THEN {HOLIDAY_BIT} ELSE 0 END) <> 0 THEN {null}
          ELSE {pair}({opens}, {closes}) END,
        'taken', coalesce({"json(held.times)" if sqlite else "held.times"}, {nothing})
      ) AS row
      FROM findable_unit f LEFT JOIN special_day d ON d.unit_id = f.unit_id AND d.day = :day
      LEFT JOIN (SELECT t.unit_id, {many}({taken}) AS times FROM ({rows}) t GROUP BY t.unit_id) held
        ON held.unit_id = f.unit_id
      WHERE {where}
      ORDER BY f.district, f.space_name, f.space_id, f.name, f.unit_id) lines"""
    return text(sql).bindparams(
        bindparam("day", type_=Date()),
        bindparam("bits", type_=BigInteger()),
        bindparam("start", type_=UtcDateTime()),
        bindparam("end", type_=UtcDateTime()),
    )
