"""Ending a season before it is published: a draft that nobody has seen is dropped, an announced one is called off.

Both lock the season's row, as applying and publishing do: who applies in the same moment is told of it or refused.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.booking import messages, seasons
from services.booking.approvals import REASON_LENGTH
from services.booking.models import AUDIT, Season, SeasonUnit
from services.booking.seasons import rooms
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def cancel(database: Database, actor: Actor, now: datetime, season_id: int, reason: str) -> Season:
    """Call an announced season off: everybody who submitted gets one message with the reason (1-500 characters).

    Calling off again changes nothing. Raises Refusal: season_not_found (404), not_allowed (403), season_is_draft,
    season_is_published (409), reason_needed and reason_too_long (422).
    """
    with database.write() as session:
        season = seasons.lock(session, actor, season_id)
        if season.status == "cancelled":
            return season
        if season.status == "draft":
            raise Refusal("season_is_draft", 409)
        seasons.refuse_ended(season)
        told = _reason(reason)
        season.status, season.reason, season.cancelled_at = "cancelled", told, now
        season.version += 1
        count = _tell(session, now, season)
        details = {"reason": told, "applications": count}
        record(session, AUDIT, actor, now, "season.cancelled", f"season:{season_id}", details)
        return season


def drop(database: Database, actor: Actor, now: datetime, season_id: int, version: int) -> None:
    """Delete a draft. Its spaces' audit trails keep that it was, as they are what is left to tell of it.

    Raises Refusal: season_not_found (404), not_allowed (403), season_not_draft, season_changed (409).
    """
    with database.write() as session:
        season = seasons.lock(session, actor, season_id)
        if season.status != "draft":
            raise Refusal("season_not_draft", 409)
        seasons.refuse_stale(season, version)
        spaces = sorted({unit.space_id for unit in rooms.units_of(session, season_id)})
        details = {"season": season_id, "name": season.name}
        session.execute(delete(SeasonUnit).where(SeasonUnit.season_id == season_id))
        session.delete(season)
        for space_id in spaces:
            record(session, AUDIT, actor, now, "season.dropped", f"space:{space_id}", details)


def _tell(session: Session, now: datetime, season: Season) -> int:
    applications = rooms.submitted(session, season.id)
    for each in applications:
        messages.tell(
            session,
            each.account_id,
            "season_cancelled",
            now,
            season=season.name,
            group=each.group_name,
            reason=season.reason,
            path=f"/seasons/{season.id}",
        )
    return len(applications)


def _reason(text: str) -> str:
    told = text.strip()
    if not told:
        raise Refusal("reason_needed", 422, fields={"reason": ["reason_needed"]})
    if len(told) > REASON_LENGTH:
        raise Refusal("reason_too_long", 422, fields={"reason": ["reason_too_long"]}, length=REASON_LENGTH)
    return told
