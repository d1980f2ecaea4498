"""The shapes of the districts: imported from a file of boundaries, and schematic where none was imported."""

from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.maps.districts.boundaries import read_boundaries
from services.maps.events import touch
from services.maps.import_report import Report
from services.maps.models import AUDIT, DistrictBoundary, ImportRun
from shared.audit import record
from shared.database import Database
from shared.districts import DISTRICTS
from shared.identity.actor import Actor
from shared.web.city_map.geojson import for_web, to_geojson
from shared.web.city_map.schematic import schematic_districts

FILE_NAME_LIMIT = 200


def import_districts(database: Database, actor: Actor, now: datetime, file_name: str, data: bytes) -> Report:
    """Take the boundaries of the districts that a GeoJSON or TopoJSON file gives; the others keep theirs.

    Counts of the run: rows, added, changed, unchanged, missing (districts). Raises Refusal (422,
    `boundaries_…`) when the file can't be used at all; then nothing is stored.
    """
    frame, report = read_boundaries(data)
    originals, simplified = _by_code(to_geojson(frame)), _by_code(for_web(frame))
    counts = {"rows": report.rows, "added": 0, "changed": 0, "unchanged": 0, "missing": len(report.missing)}
    with database.write() as session:
        there = {row.code: row for row in session.scalars(select(DistrictBoundary).with_for_update())}
        for code, feature in originals.items():
            row = there.get(code)
            geometry, drawn = feature["geometry"], simplified[code]["geometry"]
            if row is not None and (row.original, row.simplified) == (geometry, drawn):
                counts["unchanged"] += 1
                continue
            counts["changed" if row else "added"] += 1
            if row is None:
                row = DistrictBoundary(code=code, name=feature["properties"]["name"])
                session.add(row)
            row.original, row.simplified, row.source = geometry, drawn, file_name[:FILE_NAME_LIMIT]
        run = ImportRun(
            kind="districts",
            file_name=file_name[:FILE_NAME_LIMIT],
            sha256=sha256(data).hexdigest(),
            at=now,
            account_id=actor.account_id,
            counts=counts,
            problems=[
                {"line": f.row, "field": report.column if f.row else "", "value": f.name, "reason": f.code}
                | {"severity": "noted", "detail": f.detail}
                for f in report.findings
            ],
        )
        session.add(run)
        session.flush()
        record(session, AUDIT, actor, now, "districts.imported", f"import:{run.id}", counts)
        if counts["added"] or counts["changed"]:
            touch(session)
    return Report(run)


def district_shapes(session: Session) -> dict[str, Any]:
    """The 25 districts for drawing: a GeoJSON FeatureCollection with `id` = MOIS code and the properties code, name
    and schematic (true where Maru drew the shape itself)."""
    shapes = select(DistrictBoundary.code, DistrictBoundary.simplified)
    imported: dict[str, Any] = dict(session.execute(shapes).all())
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": district.code,
                "properties": {
                    "code": district.code,
                    "name": district.name,
                    "schematic": district.code not in imported,
                },
                "geometry": imported.get(district.code) or _schematic()[district.code]["geometry"],
            }
            for district in DISTRICTS
        ],
    }


@cache
def _schematic() -> dict[str, dict[str, Any]]:
    return _by_code(for_web(schematic_districts()))


def _by_code(collection: dict[str, Any]) -> dict[str, dict[str, Any]]:
    # Tuples become lists, as they come back from the database.
    return {feature["id"]: {**feature, "geometry": _plain(feature["geometry"])} for feature in collection["features"]}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
