"""What stands on the map: spaces and funded projects, as rows for `folium_map.space_map` and the API."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.maps.models import FundedProject, Space
from services.maps.search import SpaceFilter
from shared.districts import BY_CODE


def space_rows(session: Session, wanted: SpaceFilter) -> list[dict[str, Any]]:
    """Every space that is wanted, without its units; one query."""
    columns = (Space.name, Space.kind, Space.stage, Space.district, Space.address, Space.latitude, Space.longitude)
    query = select(Space.id.label("space_id"), *columns).where(*wanted.conditions()).order_by(Space.id)
    return [dict(row) for row in session.execute(query).mappings()]


def project_points(session: Session, district: str = "") -> list[dict[str, Any]]:
    """The funded projects (of one district) by place: their own point, else their space's, else the district's office.

    {district, latitude, longitude, whole_district, projects: [{title, group_name, awarded_won, space_id}]}; one query.
    """
    query = (
        select(FundedProject, Space.latitude, Space.longitude)
        .outerjoin(Space, Space.id == FundedProject.space_id)
        .order_by(FundedProject.id)
    )
    if district:
        query = query.where(FundedProject.district == district)
    points: dict[tuple[Any, ...], dict[str, Any]] = {}
    for project, *of_space in session.execute(query):
        own = [project.latitude, project.longitude]
        place = own if None not in own else of_space
        latitude, longitude = place if None not in place else BY_CODE[project.district].office
        point = points.setdefault(
            (project.district, latitude, longitude),
            {
                "district": project.district,
                "latitude": latitude,
                "longitude": longitude,
                "whole_district": None in place,
                "projects": [],
            },
        )
        names = ("title", "group_name", "awarded_won", "space_id")
        point["projects"].append({name: getattr(project, name) for name in names})
    return list(points.values())
