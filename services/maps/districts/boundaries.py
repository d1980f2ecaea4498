"""Read district boundaries from a GeoJSON or TopoJSON file, whoever made it, into a frame of districts and a report.

Nothing is guessed and nothing is dropped in silence: every row of the file is part of a district or is named in the
report with its reason, and a file that can't be used at all is refused with one code.
"""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
from shapely import Polygon, force_2d, is_valid_reason, make_valid, union_all
from shapely.geometry.base import BaseGeometry

from services.maps.districts.names import district_named, is_dong
from shared.districts import BY_CODE, DISTRICTS, District
from shared.refusal import Refusal
from shared.web.city_map.grid import METRES, WGS84, offices

# Farther from the office than any place in its district (the farthest real one is about 11 km): another city's.
TOO_FAR: Final = 15_000.0  # metres
# Rows of one name that share more than this part of the smaller one are two versions of it, not two parts.
OVERLAP: Final = 0.02


class Finding(NamedTuple):
    """One thing the report says. ``code`` has its sentence in ``districts.sentences.FINDINGS``.

    ``row`` counts the file's features from 1, or is None for what is about a district or the file as a whole.
    """

    code: str
    name: str
    row: int | None = None
    detail: str = ""


@dataclass
class BoundaryReport:
    """What became of a file: its rows, the column that named the districts, its coordinates, and every finding."""

    rows: int
    column: str
    crs: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        """Names of the districts that the file gives no usable shape for."""
        return [finding.name for finding in self.findings if finding.code == "district_missing"]

    def tell(self, code: str, name: str, row: int | None = None, detail: str = "") -> None:
        self.findings.append(Finding(code, name, row, detail))


class _Part(NamedTuple):
    row: int
    shape: BaseGeometry  # polygons, in metres


def read_boundaries(source: Path | str | bytes) -> tuple[gpd.GeoDataFrame, BoundaryReport]:
    """The districts in a file (a path) or in its content (bytes) as a frame of districts, and the report.

    Coordinates are brought to WGS84 and invalid polygons repaired. Several rows of one district are put together; so a
    file of dongs will do if every row names its district too ("서울특별시 종로구 사직동", or a column with 종로구).
    The frame lacks the districts in ``report.missing``. Raises ``Refusal`` (422, codes ``boundaries_…``) for a file
    that is absent, empty, of another kind, without names of districts, or not in Seoul.
    """
    table, remarks = _table(_content(source))
    column = _name_column(table)
    report = BoundaryReport(rows=len(table), column=column, crs=table.crs.to_string() if table.crs else WGS84)
    for remark in remarks:
        report.tell("file_remark", "", detail=remark)
    parts = _parts(table, column, report)
    shapes = {code: shape for code in BY_CODE if (shape := _put_together(BY_CODE[code], parts[code], report))}
    if not shapes:
        raise Refusal("boundaries_not_seoul", 422)
    for district in DISTRICTS:
        if district.code not in shapes:
            report.tell("district_missing", district.name)
    return _frame(shapes), report


def _content(source: Path | str | bytes) -> bytes:
    """The content in UTF-8, if it is a GeoJSON collection or a TopoJSON topology: nothing else gets as far as GDAL."""
    if not isinstance(source, bytes):
        try:
            source = Path(source).read_bytes()
        except OSError as error:
            raise Refusal("boundaries_no_file", 422, file=str(source), reason=error.strerror or "") from error
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = source.decode("cp949", errors="replace")  # older files of Korean authorities
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict) or content.get("type") not in {"FeatureCollection", "Topology"}:
        raise Refusal("boundaries_not_geojson", 422)
    return text.encode()


def _table(content: bytes) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The file as geopandas reads it, and what GDAL remarked on the way.

    A TopoJSON file may hold several layers (dongs, districts, provinces): the one whose rows name most districts.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            layers = len(gpd.list_layers(BytesIO(content)))
            tables = [gpd.read_file(BytesIO(content), layer=layer, on_invalid="fix") for layer in range(layers)]
        except Exception as error:
            # GDAL, pyogrio and GEOS each have errors of their own for a file that is not what it says it is.
            raise Refusal("boundaries_unreadable", 422, reason=str(error).splitlines()[0]) from error
    tables = [table for table in tables if isinstance(table, gpd.GeoDataFrame) and len(table)]
    if not tables:
        raise Refusal("boundaries_empty", 422)
    remarks = sorted({str(warning.message) for warning in caught})
    return max(
        tables, key=lambda table: max((_named(table, name) for name in _columns(table)), default=(0, 0))
    ), remarks


def _columns(table: gpd.GeoDataFrame) -> list[str]:
    return [name for name in table.columns if name != table.geometry.name]


def _named(table: gpd.GeoDataFrame, column: str) -> tuple[int, int]:
    """How well a column names districts: how many districts it knows, then in how many rows."""
    districts = [district for value in table[column] if (district := district_named(value))]
    return len(set(districts)), len(districts)


def _name_column(table: gpd.GeoDataFrame) -> str:
    """The column that names districts best, whatever it is called: name, SIG_KOR_NM, adm_nm …"""
    columns = _columns(table)
    best = max(columns, key=lambda name: _named(table, name), default=None)
    if best is not None and _named(table, best) > (0, 0):
        return best
    dongs = [value for name in columns for value in table[name] if is_dong(value)]
    if len(dongs) * 2 > len(table):
        raise Refusal("boundaries_are_dongs", 422, example=dongs[0])
    raise Refusal("boundaries_no_names", 422, columns=", ".join(columns) or "-")


def _parts(table: gpd.GeoDataFrame, column: str, report: BoundaryReport) -> defaultdict[str, list[_Part]]:
    """The usable polygons of each district by code, in metres; rows that give none are told to the report."""
    if table.crs is None:
        table = table.set_crs(WGS84)  # TopoJSON has no place to say so, and means it
    if table.crs.is_geographic and not _looks_like_degrees(table):
        # GeoJSON without "crs" is WGS84 by its standard; these numbers are metres of a grid the file does not name.
        raise Refusal("boundaries_not_degrees", 422)
    parts: defaultdict[str, list[_Part]] = defaultdict(list)
    for row, (text, shape) in enumerate(zip(table[column], table.geometry.to_crs(METRES), strict=True), start=1):
        district = district_named(text)
        label = text if isinstance(text, str) else ""
        if district is None:
            report.tell("name_unknown", label, row)
        elif shape is None or shape.is_empty:
            report.tell("shape_absent", label, row)
        elif not (polygons := _polygons(shape, label, row, report)):
            report.tell("shape_not_polygon", label, row, shape.geom_type)
        elif not polygons.distance(offices()[district.code]) <= TOO_FAR:  # nor a distance at all
            report.tell("district_elsewhere", label, row)
        else:
            parts[district.code].append(_Part(row, polygons))
    return parts


def _looks_like_degrees(table: gpd.GeoDataFrame) -> bool:
    west, south, east, north = table.total_bounds
    return bool(-180 <= west <= east <= 180 and -90 <= south <= north <= 90)


def _polygons(shape: BaseGeometry, name: str, row: int, report: BoundaryReport) -> BaseGeometry | None:
    """The polygons of a shape, repaired where it is invalid, without the lines and points a repair leaves over."""
    shape = force_2d(shape)
    if not shape.is_valid:
        report.tell("shape_repaired", name, row, is_valid_reason(shape))
        shape = make_valid(shape)
    pieces = list(_leaves(shape))
    return union_all(pieces) if pieces else None


def _leaves(shape: BaseGeometry) -> list[Polygon]:
    if isinstance(shape, Polygon):
        return [shape]
    return [leaf for piece in getattr(shape, "geoms", ()) for leaf in _leaves(piece)]


def _put_together(district: District, parts: list[_Part], report: BoundaryReport) -> BaseGeometry | None:
    """One shape of a district's parts, or None when there is none or when they contradict each other."""
    rows = ", ".join(str(part.row) for part in parts)
    for one, other in combinations(parts, 2):
        if one.shape.intersection(other.shape).area > OVERLAP * min(one.shape.area, other.shape.area):
            report.tell("district_twice", district.name, detail=rows)
            return None
    if len(parts) > 1:
        report.tell("district_merged", district.name, detail=str(len(parts)))
    if not parts:
        return None
    shape = union_all([part.shape for part in parts])
    if not shape.covers(offices()[district.code]):
        report.tell("office_outside", district.name)
    return shape


def _frame(shapes: dict[str, BaseGeometry]) -> gpd.GeoDataFrame:
    names = [BY_CODE[code].name for code in shapes]
    frame = gpd.GeoDataFrame({"code": list(shapes), "name": names}, geometry=list(shapes.values()), crs=METRES)
    return frame.to_crs(WGS84)
