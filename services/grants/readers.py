"""Who may read the files of each kind of subject. A kind that has no line here is read by nobody.

Who attaches files to a new kind of subject adds its line.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from services.grants import standing
from services.grants.committee import recusals
from services.grants.files import Reader
from services.grants.models import AgendaItem, Application, Attachment, Expense, Meeting, Review, Seat
from shared.identity.actor import Actor
from shared.refusal import Refusal


def reads_funded(session: Session, actor: Actor, application_id: int) -> bool:
    """What belongs to a funded project is read by its group (True: their own side) and by those who run its call,
    unless they have an interest in it; what was never filed is its group's alone. Raises Refusal: not_found,
    other_district, own_application."""
    application = session.get(Application, application_id, options=[joinedload(Application.call)])
    if application is None:
        raise Refusal("not_found", 404)
    if standing.belongs(session, actor.account_id, application):
        return True
    standing.check_staff(session, actor, application, application.call)
    return False


def reads_application(session: Session, actor: Actor, application_id: int) -> bool:
    """What was filed with an application its reviewers and the committee read as well; who has an interest in it and is
    not of the group need not know that it exists (not_found). Raises as `reads_funded`."""
    if _interested(session, actor, application_id):
        raise Refusal("not_found", 404)
    if _reviews(session, actor, application_id) or _deliberates(session, actor, application_id):
        return False
    return reads_funded(session, actor, application_id)


def _interested(session: Session, actor: Actor, application_id: int) -> bool:
    if not standing.has_interest(session, actor.account_id, application_id):
        return False
    application = session.get(Application, application_id)
    return application is not None and not standing.belongs(session, actor.account_id, application)


def _reviews(session: Session, actor: Actor, application_id: int) -> bool:
    live = select(Review.id).where(
        Review.application_id == application_id,
        Review.account_id == actor.account_id,
        Review.state.in_(("assigned", "submitted")),
    )
    return session.scalar(live.limit(1)) is not None


def _deliberates(session: Session, actor: Actor, application_id: int) -> bool:
    """Whether the actor sits at a meeting that has it on its agenda, and is not kept from it."""
    found = session.execute(
        select(AgendaItem, Meeting.held_at)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Seat, Seat.meeting_id == Meeting.id)
        .where(
            AgendaItem.application_id == application_id,
            Seat.account_id == actor.account_id,
            Meeting.state.in_(("planned", "open")),
        )
        .limit(1)
    ).first()
    return found is not None and not recusals.is_recused(session, actor.account_id, found[0], found[1])


def _of_application(session: Session, actor: Actor, attachment: Attachment) -> bool:
    return reads_application(session, actor, attachment.subject_id)


def _of_funded(session: Session, actor: Actor, attachment: Attachment) -> bool:
    return reads_funded(session, actor, attachment.subject_id)


def _of_expense(session: Session, actor: Actor, attachment: Attachment) -> bool:
    application_id = session.scalar(select(Expense.application_id).where(Expense.id == attachment.subject_id))
    return reads_funded(session, actor, application_id or 0)


READERS: dict[str, Reader] = {
    "application": _of_application,
    "expense": _of_expense,
    "interim": _of_funded,  # numbered by the application
    "milestone": _of_funded,
    "settlement": _of_funded,
}
