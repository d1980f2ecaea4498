"""How the demonstration's applications go on: intake, reviews, committee, announcement, and then each on its own.

Every step looks first where things stand, so that an interrupted load goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from services.grants import programmes
from services.grants.committee import agenda, attendance, meetings, minutes, together
from services.grants.committee.agenda import Proposal
from services.grants.committee.meetings import Plan as MeetingPlan
from services.grants.demo import cast, funded
from services.grants.demo.calls import Plan
from services.grants.demo.cast import Stage
from services.grants.demo.words import COMMENTS, LOOKED, REASONS
from services.grants.intake import checking
from services.grants.models import AgendaItem, Application, Call, Meeting, Review, Seat
from services.grants.policy import SEOUL
from services.grants.reviewing import assigning, scoring, stages
from services.grants.reviewing.scoring import Written
from services.grants.rules.definition import Stage as ReviewStage
from services.grants.selection import announcement
from shared.identity.actor import Actor

GOALS = (
    "submitted",
    "correcting",
    "eligible",
    "document_review",
    "deliberation",
    "rejected",
    "reserve",
    "announced",
    "withdrawn",
    "offered",
    "agreed",
    "paid",
    "spending",
    "interim",
    "second",
    "overdue",
    "settling",
    "returning",
    "terminated",
    "closed",
    "archived",
)
"""How far an application gets; `funded.py` knows what comes after the announcement."""


def follow(stage: Stage, call: Call, plan: Plan, filed: Sequence[Application]) -> None:
    """Bring a call's applications to their goals."""
    goals = {application.id: goal for application, goal in zip(filed, plan.goals, strict=True)}
    boss, begun = cast.staff(stage, call.district), min(call.closes_at, stage.now)
    _intake(stage, boss, goals)
    if all(_before(goal, "document_review") for goal in plan.goals):
        return
    stages.start(stage.database, boss, stage.past(begun + timedelta(days=1)), call_id=call.id)
    with stage.database.read() as session:
        rules = programmes.rules_of_call(session, call)
    for number, each in enumerate(rules.stages):
        half = "document_review" in plan.goals
        _review(stage, boss, call, each, begun + timedelta(days=1 + 3 * number), half)
        if half:
            return
    held_at = (begun + timedelta(days=3 + 3 * len(rules.stages))).astimezone(SEOUL).replace(hour=14, minute=0)
    if "deliberation" in plan.goals:
        held_at = stage.at(1, 14)
    waits = "deliberation" in plan.goals
    meeting = _meeting(stage, boss, call, stage.at(1, 14) if waits else held_at)
    if waits:
        return
    _decide(stage, boss, call, meeting, held_at, goals)
    _announce(stage, boss, call, (held_at + timedelta(days=1)).replace(hour=10))
    for application_id, goal in goals.items():
        funded.follow(stage, call, application_id, goal, held_at + timedelta(days=3))


def _before(goal: str, other: str) -> bool:
    return GOALS.index(goal) < GOALS.index(other)


def _intake(stage: Stage, boss: Actor, goals: dict[int, str]) -> None:
    for application_id, goal in goals.items():
        application = _read(stage, application_id)
        if application.state != "submitted" or goal == "submitted":
            continue
        moment = stage.past((application.submitted_at or stage.now) + timedelta(days=1))
        if goal == "correcting":
            reason = "예산표의 장소 사용료에 견적을 더해 주세요."
            checking.request_correction(stage.database, boss, moment, application_id=application_id, reason=reason)
        else:
            sheet = checking.sheet(stage.database, boss, moment, application_id=application_id)
            reason = LOOKED if sheet.needs_reason else ""
            checking.accept(stage.database, boss, moment, application_id=application_id, reason=reason)


def _review(stage: Stage, boss: Actor, call: Call, of: ReviewStage, at: datetime, half: bool) -> None:
    """Assign and score a stage, and lead on all of it; `half`: only the reviewers without an account are done."""
    assigning.assign_stage(stage.database, boss, stage.past(at), call_id=call.id, stage_key=of.key)
    judges = {judge.account_id: judge for judge in cast.reviewing(stage)}
    with stage.database.read() as session:
        waiting = session.scalars(
            select(Review)
            .join(Application, Application.id == Review.application_id)
            .where(Application.call_id == call.id, Review.stage == of.key, Review.state == "assigned")
            .order_by(Review.id)
        ).all()
    for review in waiting:
        judge = judges[review.account_id]
        if half and (review.account_id > 0 or review.id % 3 == 0):
            continue
        random = Random(f"score {review.application_id} {review.account_id} {of.key}")  # noqa: S311 - no secret
        points = {each.key: str(each.most - random.randrange(0, each.most // 3 + 1)) for each in of.rubric}
        written = Written(points, random.choice(COMMENTS))
        scoring.submit(stage.database, judge, stage.past(at + timedelta(days=2)), review_id=review.id, written=written)
    if half:
        return
    with stage.database.read() as session:
        there = session.scalars(
            select(Application.id).where(Application.call_id == call.id, Application.state == of.key)
        ).all()
    moment = stage.past(at + timedelta(days=3))
    stages.lead(stage.database, boss, moment, call_id=call.id, application_ids=there, event="advance")


def _meeting(stage: Stage, boss: Actor, call: Call, held_at: datetime) -> Meeting:
    planned_at = stage.past(held_at - timedelta(days=1))
    terms = MeetingPlan("제1차 보조금심의위원회", held_at, "마을센터 회의실")
    meeting = meetings.plan(
        stage.database, boss, planned_at, call_id=call.id, terms=terms, key=f"demo-meeting-{call.id}"
    )
    if meeting.state == "planned":
        agenda.fill(stage.database, boss, planned_at, meeting_id=meeting.id)
    return meeting


def _decide(stage: Stage, boss: Actor, call: Call, meeting: Meeting, held_at: datetime, goals: dict[int, str]) -> None:
    database, moment = stage.database, stage.past(held_at)
    with database.read() as session:
        state = session.get_one(Meeting, meeting.id).state
        items = session.scalars(
            select(AgendaItem).where(AgendaItem.meeting_id == meeting.id).order_by(AgendaItem.position)
        ).all()
        seats = session.scalars(select(Seat.account_id).where(Seat.meeting_id == meeting.id)).all()
    if state == "closed":
        return
    for item in items:
        if item.state == "pending":
            proposal = _proposal(_read(stage, item.application_id), goals.get(item.application_id, "rejected"))
            agenda.propose(database, boss, moment, item_id=item.id, proposal=proposal)
    if state == "planned":
        meetings.open_meeting(database, boss, moment, meeting_id=meeting.id)
    judges = {judge.account_id: judge for judge in cast.reviewing(stage)}
    for account_id in seats:
        attendance.arrive(database, judges[account_id], moment, meeting_id=meeting.id)
    together.start(database, boss, moment, meeting_id=meeting.id)
    for index, account_id in enumerate(seats):
        choice = "abstain" if index == len(seats) - 1 else "for"
        together.cast(database, judges[account_id], moment, meeting_id=meeting.id, choice=choice)
    together.decide(database, boss, moment, meeting_id=meeting.id)
    minutes.close(database, boss, moment, meeting_id=meeting.id)


def _proposal(application: Application, goal: str) -> Proposal:
    if goal == "rejected":
        return Proposal("reject", reason=REASONS[application.id % len(REASONS)])
    if goal == "reserve":
        reason = "예산이 남으면 먼저 지원합니다."
        return Proposal("reserve", application.requested_won, reason=reason, rank=1)
    cut = application.id % 3 == 0
    awarded_won = application.requested_won * 9 // 10 // 1000 * 1000 if cut else application.requested_won
    conditions = "장소 사용료를 줄이고 홍보비는 함께 씁니다." if cut else ""
    reason = "장소 사용료가 비슷한 사업보다 많아 그만큼 줄여 지원합니다." if cut else ""
    return Proposal("select", awarded_won, conditions, reason)


def _announce(stage: Stage, boss: Actor, call: Call, at: datetime) -> None:
    with stage.database.read() as session:
        if session.get_one(Call, call.id).announced_at is not None:
            return
    hour = stage.past(at).replace(minute=0, second=0, microsecond=0)
    announcement.set_hour(
        stage.database, boss, hour - timedelta(hours=2), call_id=call.id, announce_at=hour, leave=True
    )
    announcement.announce(stage.database, hour, call.id)


def _read(stage: Stage, application_id: int) -> Application:
    with stage.database.read() as session:
        return session.get_one(Application, application_id)
