"""The search as single SQL statements over `findable_unit`, built once for each form of question and database.

A unit is free in a window when, of each of its atoms, the last reservation that starts before the window's end is over
by its start, and the next one's buffer begins after it: reservations of an atom never overlap (invariant 1), so these
two are all that can be in the way, and the primary key of `occupancy` finds each of them at once.
"""

# ruff: noqa: S608 - every text is built of this module's own constants; what people typed is bound

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, String, TextClause, bindparam, text
from sqlalchemy.types import TypeEngine

from services.booking.rules.day_bits import HOLIDAY_BIT
from shared.database import UtcDateTime

_COLUMNS = """f.unit_id, f.name, f.space_id, f.space_name, f.district, f.zone, f.capacity, f.latitude, f.longitude"""
_ORDERS = {
    "fit": "f.capacity, f.unit_id",
    "name": "f.district, f.space_name, f.space_id, f.name, f.unit_id",
    "near": "(f.latitude - :latitude) * (f.latitude - :latitude)"
    " + 0.63 * (f.longitude - :longitude) * (f.longitude - :longitude) NULLS LAST, f.capacity, f.unit_id",
}
"""0.63: the square of the cosine of Seoul's latitude; only the order matters here."""


@lru_cache(maxsize=512)
def free_window(dialect: str, weekday: int, order: str, wanted: frozenset[str]) -> TextClause:
    """Units that are free and may be reserved in one window of one local day, `:limit` of them from `:offset` on.

    `weekday` is ISO; `wanted` names the conditions of `conditions` that count. Times: `starts` and `ends` in minutes
    after local midnight and as `starts_clock`, `ends_clock`; `start` and `end` as instants.
    """
    after = _moved(dialect, ":end", "f.buffer_after", "+")
    before = _moved(dialect, ":start", "f.buffer_before", "-")
    return _typed(
        f"""SELECT {_COLUMNS} FROM (
          SELECT f.* FROM findable_unit f
          LEFT JOIN special_day d ON d.unit_id = f.unit_id AND d.day = :day
          WHERE {" AND ".join(_static(wanted))}
          AND :days_ahead <= f."window" AND f.notice <= :minutes_ahead
          AND f.shortest <= :minutes AND :minutes <= f.longest
          AND :starts % f.grid = 0 AND :ends % f.grid = 0
          AND CASE WHEN d.unit_id IS NULL
            THEN f.opens_{weekday} <= :starts AND :ends <= f.closes_{weekday} AND f.closed_bits & (:bits | {_ADDED}) = 0
            ELSE d.opens <= :starts_clock AND :ends_clock <= d.closes END
          AND NOT EXISTS (SELECT 1 FROM closed_time c
            WHERE c.unit_id = f.unit_id AND c.start_at < :end AND c.end_at > :start)
          ORDER BY {_ORDERS[order]} {_FENCE[dialect]}
        ) f
        WHERE NOT EXISTS (SELECT 1 FROM unit_atom a WHERE a.unit_id = f.unit_id AND (
          coalesce((SELECT o.end_at > {before} OR o.guard_end > :start FROM occupancy o
            WHERE o.atom_id = a.atom_id AND o.start_at < {after} ORDER BY o.start_at DESC LIMIT 1), false)
          OR coalesce((SELECT o.guard_start < :end FROM occupancy o
            WHERE o.atom_id = a.atom_id AND o.start_at >= {after} ORDER BY o.start_at LIMIT 1), false)))
        LIMIT :limit OFFSET :offset"""
    )


@lru_cache(maxsize=512)
def candidates(dialect: str, weekdays: frozenset[int], order: str, wanted: frozenset[str]) -> TextClause:
    """Units that could be free for `:minutes` between `:starts` and `:ends` on one of the days, reservations not asked.

    Every unit that can be is there; some are there that can't. `weekdays` empty: any time. All columns.
    """
    open_long = [
        f"f.opens_{day} IS NOT NULL AND {_least(dialect, f'f.closes_{day}', ':ends')}"
        f" - {_greatest(dialect, f'f.opens_{day}', ':starts')} >= :minutes"
        for day in sorted(weekdays)
    ]
    conditions = _static(wanted)
    if open_long:
        special = "EXISTS (SELECT 1 FROM special_day d WHERE d.unit_id = f.unit_id AND d.day BETWEEN :first AND :last)"
        conditions += [f"({' OR '.join([*open_long, special])})"]
        conditions += [
            "f.shortest <= :minutes AND :minutes <= f.longest AND :minutes % f.grid = 0",
            ':days_ahead <= f."window" AND f.notice <= :minutes_ahead',
        ]
    return _typed(
        f"""SELECT f.* FROM findable_unit f WHERE {" AND ".join(conditions)}
        ORDER BY {_ORDERS[order]} LIMIT :limit OFFSET :offset"""
    )


@lru_cache(maxsize=128)
def counted(wanted: frozenset[str]) -> TextClause:
    """How many units meet these conditions, time not asked."""
    return _typed(f"SELECT count(*) FROM findable_unit f WHERE {' AND '.join(_static(wanted))}")


def _static(wanted: frozenset[str]) -> list[str]:
    """The conditions that no time changes. Words count up: word_0, word_1 …, and so equipment_0, access_0."""
    found = ["f.capacity >= :people"]
    for name in sorted(wanted):
        kind = name.partition("_")[0]
        found.append(_CONDITIONS[kind].format(name=name))
    return found


_CONDITIONS = {
    "district": "f.district = :district",
    "space": "f.space_id = :space_id",
    "unit": "f.unit_id = :unit_id",
    "but": "f.unit_id <> :but",
    "free": "f.free_of_charge",
    "word": "f.words LIKE :{name} ESCAPE '\\'",
    "equipment": "f.equipment LIKE :{name} ESCAPE '\\'",
    "access": "f.accessibility LIKE :{name} ESCAPE '\\'",
}
_ADDED = f"(CASE WHEN EXISTS (SELECT 1 FROM extra_holiday h WHERE h.day = :day) THEN {HOLIDAY_BIT} ELSE 0 END)"
# The order is made of what costs little; only then is each unit asked for its reservations, until the page is full.
_FENCE = {"postgresql": "OFFSET 0", "sqlite": "LIMIT -1"}


def _moved(dialect: str, moment: str, minutes: str, sign: str) -> str:
    """An instant moved by a column's minutes, as the database stores instants."""
    if dialect == "postgresql":
        return f"({moment} {sign} {minutes} * interval '1 minute')"
    return f"strftime('%Y-%m-%d %H\\:%M\\:%S.000000', {moment}, '{sign}' || {minutes} || ' minutes')"


def _least(dialect: str, one: str, other: str) -> str:
    return f"{'least' if dialect == 'postgresql' else 'min'}({one}, {other})"


def _greatest(dialect: str, one: str, other: str) -> str:
    return f"{'greatest' if dialect == 'postgresql' else 'max'}({one}, {other})"


def _typed(sql: str) -> TextClause:
    statement = text(sql)
    types: dict[str, TypeEngine[Any]] = {"start": UtcDateTime(), "end": UtcDateTime()}
    types |= dict.fromkeys(("day", "first", "last"), Date())
    types |= {"bits": BigInteger(), **dict.fromkeys(("people", "starts", "ends", "minutes"), Integer())}
    types |= dict.fromkeys(("days_ahead", "minutes_ahead", "limit", "offset", "space_id", "unit_id", "but"), Integer())
    types |= dict.fromkeys(("starts_clock", "ends_clock", "district"), String())
    known = [bindparam(name, type_=kind) for name, kind in types.items() if name in statement._bindparams]
    return statement.bindparams(*known)
