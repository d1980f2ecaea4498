"""Guards on the way from draft to decision."""

from __future__ import annotations

from flask_babel import lazy_gettext
from sqlalchemy import func, select

from services.grants.call_phases import Phase, call_phase
from services.grants.guards.base import Facts, Finding, Guard
from services.grants.models import AgendaItem, Review, Sanction
from services.grants.policy import city_date


def _intake_open(facts: Facts) -> Finding:
    phase = call_phase(facts.call, facts.now)
    return Finding(phase is Phase.OPEN, due=city_date(facts.call.closes_at))


def _intake_over(facts: Facts) -> Finding:
    over = facts.call.rolling or call_phase(facts.call, facts.now) is Phase.CLOSED
    return Finding(over, due=city_date(facts.call.closes_at))


def _correction_in_time(facts: Facts) -> Finding:
    until = facts.application.correct_by
    return Finding(until is None or facts.now < until, due=city_date(until) if until else None)


def _not_sanctioned(facts: Facts) -> Finding:
    """The group is not excluded, nor anybody in it: a sanction follows the people into a new group."""
    today, group_id = city_date(facts.now), facts.application.group_id
    current = facts.session.execute(
        select(Sanction.group_id, Sanction.person_keys, Sanction.ends_on).where(
            Sanction.lifted_at.is_(None), Sanction.starts_on <= today, Sanction.ends_on >= today
        )
    ).all()
    if not current or group_id is None:
        return Finding(True)
    people = facts.person_keys
    hits = [ends_on for group, keys, ends_on in current if group == group_id or people & set(keys)]
    return Finding(not hits, due=max(hits) if hits else None, params={"until": max(hits)} if hits else {})


def _reviews_in(facts: Facts) -> Finding:
    """As many reviews as the stage asks for are handed in, and none is out any more."""
    state = facts.rules.state(facts.application.state)
    stage = facts.rules.stage(state.stage) if state.stage else None
    if stage is None:
        return Finding(True)
    of_stage = (Review.application_id == facts.application.id, Review.stage == stage.key)
    last = facts.session.scalar(select(func.max(Review.round)).where(*of_stage))
    counted = facts.session.execute(
        select(
            func.count().filter(Review.state == "submitted"),
            func.count().filter(Review.state == "assigned"),
            func.max(Review.submitted_at),
            func.max(Review.due_on),
        ).where(*of_stage, Review.round == last)
    ).one()
    submitted, waiting, when, due = counted
    params = {"submitted": int(submitted), "needed": stage.reviewers, "waiting": int(waiting)}
    green = submitted >= stage.reviewers and not waiting
    return Finding(green, on=city_date(when) if green and when else None, due=due, params=params)


def _committee_decided(facts: Facts) -> Finding:
    """The committee decided on it with its quorum since it came before them: the item's row holds who was there, and
    the database holds the rule. What was decided before an objection was upheld does not count."""
    since = facts.application.state_since
    wanted = [AgendaItem.application_id == facts.application.id, AgendaItem.state == "decided"]
    if since is not None:
        wanted.append(AgendaItem.decided_at >= since)
    decided_at = facts.session.scalar(select(func.max(AgendaItem.decided_at)).where(*wanted))
    return Finding(decided_at is not None, on=city_date(decided_at) if decided_at else None)


def _before_announcement(facts: Facts) -> Finding:
    """Nobody can tell from it what was decided: until the announcement a refused application is taken back like any."""
    at = facts.application.announced_at
    return Finding(at is None or at > facts.now)


GUARDS = (
    Guard(
        "before_announcement",
        lazy_gettext("결과를 발표하기 전"),
        "clock",
        "already_announced",
        _before_announcement,
    ),
    Guard("intake_open", lazy_gettext("접수 기간 안에 있음"), "clock", "call_closed", _intake_open),
    Guard("intake_over", lazy_gettext("접수가 마감됨"), "clock", "call_not_closed_yet", _intake_over),
    Guard(
        "correction_in_time",
        lazy_gettext("보완 기한 안에 있음"),
        "group",
        "correction_late",
        _correction_in_time,
    ),
    Guard("not_sanctioned", lazy_gettext("참여 제한을 받지 않음"), "group", "sanctioned", _not_sanctioned),
    Guard("reviews_in", lazy_gettext("심사표가 모두 들어옴"), "reviewers", "reviews_missing", _reviews_in),
    Guard(
        "committee_decided",
        lazy_gettext("정족수를 갖춘 위원회가 의결함"),
        "committee",
        "committee_undecided",
        _committee_decided,
    ),
)
