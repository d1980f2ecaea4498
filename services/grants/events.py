"""What grants hears from the others: where the spaces are, so that a project can be placed at one.

It publishes grants.call.published (calls), grants.application.moved (process), grants.project.funded
(selection.announcement), grants.project.withdrawn (selection.release), grants.intermediary.changed (intermediaries) and
grants.notice.told (notices), each where it becomes true.
"""

from sqlalchemy.orm import Session

from services.grants.models import Space
from shared.bus.events import Event, Handlers


def on_space_changed(session: Session, event: Event) -> None:
    """Keep what an applicant chooses from; the event holds the space's whole state."""
    told = event.payload
    session.merge(
        Space(
            id=told["space_id"],
            name=told["name"],
            district=told["district"],
            stage=told["stage"],
            latitude=told["latitude"],
            longitude=told["longitude"],
        )
    )
    session.flush()


HANDLERS: Handlers = {"maps.space.changed": on_space_changed}
PROJECTIONS = (Space.__table__,)
