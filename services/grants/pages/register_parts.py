"""What the page of an application leads to of the register and of the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from services.grants.models import Project
from services.grants.pages.look import Look


def public(look: Look) -> Mapping[str, Any] | None:
    """Its page in the register, and for those who run the call what was done; None where there is neither."""
    project_id = look.session.scalar(select(Project.id).where(Project.application_id == look.application.id))
    if look.own and project_id is None:
        return None
    return {"project_id": project_id, "trail": not look.own}
