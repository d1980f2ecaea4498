"""Importing spaces from the national standard data set: the same file twice changes nothing."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from services.maps.facilities import Place, UnreadableFile, read_facilities
from services.maps.facilities import UnitFacts as FacilityUnit
from services.maps.import_report import Report
from services.maps.models import AUDIT, ImportRun, Space, Unit
from services.maps.spaces import NO_CLOSURES, OWN, SpaceFacts, UnitFacts, kept_facts, known_spaces, save_space
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

SOURCE = "facilities"
FILE_NAME_LIMIT = 200


def import_spaces(database: Database, actor: Actor, now: datetime, file_name: str, data: bytes) -> Report:
    """Bring the spaces of a published file in, all or nothing, and keep the report on every row as an import run.

    A place with several rooms is one space with several units. Counts of the run: the reader's (rows_read = imported +
    repeated + superseded + refused; spaces, units, noted), then added, changed and unchanged spaces; kept: facts of
    the file that were not taken because people of the place set them otherwise here; missing: units that an earlier
    file had and this one, which has their space, has not. Both are reported, and the units stay in service.
    Raises Refusal with a code of `facilities.FILE_SENTENCES` (422) when the file can't be read at all.
    """
    try:
        read = read_facilities(data)
    except UnreadableFile as error:
        raise Refusal(error.code, 422, None, **error.params) from error
    report = read.report
    problems: list[dict[str, Any]] = [
        {
            "line": found.line,
            "field": found.field,
            "value": found.value,
            "reason": found.reason,
            "severity": found.severity,
            "other_line": found.other_line,
        }
        for found in report.problems
    ]
    counts = {name: getattr(report, name) for name in ("rows_read", "imported", "repeated", "superseded", "refused")}
    counts |= {name: getattr(report, name) for name in ("noted", "spaces", "units")}
    counts |= {"added": 0, "changed": 0, "unchanged": 0, "kept": 0, "missing": 0}
    with database.write() as session:
        for place, existing in _with_known(session, read.places):
            facts = _facts(place)
            kept = [_kept_problem(existing, *found) for found in kept_facts(existing, facts)] if existing else []
            space, outcome = save_space(session, actor, now, facts, existing)
            counts[outcome] += 1
            counts["kept"] += len(kept)
            problems += kept
            for unit in _missing(space, place):
                counts["missing"] += 1
                problems.append(_missing_problem(space.name, unit))
        run = ImportRun(
            kind="spaces",
            file_name=file_name[:FILE_NAME_LIMIT],
            sha256=sha256(data).hexdigest(),
            at=now,
            account_id=actor.account_id,
            counts=counts,
            problems=problems,
        )
        session.add(run)
        session.flush()
        record(session, AUDIT, actor, now, "spaces.imported", f"import:{run.id}", counts)
    return Report(run)


def _with_known(session: Session, places: list[Place]) -> list[tuple[Place, Space | None]]:
    known = known_spaces(session, [_key(place.source_key) for place in places])
    return [(place, known.get(_key(place.source_key))) for place in places]


def _key(key: str) -> str:
    """A place's key among all sources'; two parts of 200 characters may be too long for the column together."""
    full = f"{SOURCE}:{key}"
    return full if len(full) <= 300 else f"{full[:230]}#{sha256(full.encode()).hexdigest()}"


def _facts(place: Place) -> SpaceFacts:
    """What the data set says of a place; whoever publishes it has opened it."""
    return SpaceFacts(
        source=SOURCE,
        key=_key(place.source_key),
        name=place.name,
        kind="public_facility",
        stage="open",
        district=place.district,
        address=place.address,
        latitude=place.lat,
        longitude=place.lon,
        phone=place.phone,
        homepage=place.homepage,
        units=tuple(
            UnitFacts(
                key=_key(unit.source_key),
                name=unit.name,
                capacity=unit.capacity,
                area_m2=unit.area_m2,
                equipment=tuple(unit.equipment),
                hours=dict(unit.hours) if unit.hours and _closing_days_known(unit) else None,
                closures=dict(unit.closures) if unit.closures else NO_CLOSURES,
                closure_text=unit.closure_text,
                fee=dict(unit.fee) if unit.fee else None,
                fee_text=unit.fee_text,
            )
            for unit in place.units
        ),
    )


def _closing_days_known(unit: FacilityUnit) -> bool:
    """Whether the closing days are certain; where they are not, nobody may be let in by guess on a closing day."""
    return unit.closures is not None or not unit.closure_text


def _missing(space: Space, place: Place) -> list[str]:
    named = {_key(unit.source_key) for unit in place.units}
    return [
        unit.name
        for unit in space.units
        if unit.source_key not in named and unit.active and not unit.source_key.startswith(OWN)
    ]


def _missing_problem(space: str, unit: str) -> dict[str, Any]:
    return _problem("", f"{space} / {unit}", "unit_missing", "missing")


def _kept_problem(space: Space, unit: Unit | None, name: str, value: Any) -> dict[str, Any]:
    where = f"{space.name} / {unit.name}" if unit else space.name
    said = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return _problem(name, f"{where}: {said}", "kept_as_edited", "kept")


def _problem(field: str, value: str, reason: str, severity: str) -> dict[str, Any]:
    """A finding about no line of the file in particular."""
    return {
        "line": None,
        "field": field,
        "value": value,
        "reason": reason,
        "severity": severity,
        "other_line": None,
    }
