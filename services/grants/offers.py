"""What can we apply for? Every call that is open or comes, held against a group by the very checks of a submission.

A submission asks three things beside the form: the programme's requirements, its limits, and the guards of the step
"submit". All three are asked here, before a word is written; what only the selection will ask is told ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from services.grants import programmes, standing
from services.grants.applying import facts
from services.grants.applying.facts import Known
from services.grants.call_phases import Phase, call_phase
from services.grants.models import ApplicantGroup, Application, Call, ProgrammeVersion
from services.grants.policy import city_date
from services.grants.rules import eligibility
from services.grants.rules.definition import Definition, Requirement
from services.grants.rules.eligibility import UNSURE, Check, Person
from shared.identity.actor import Actor
from shared.refusal import Refusal

MOST = 500
"""The most calls that are looked at."""
MOST_MEMBERS = 300
APPLIED, READY, LOOK, BLOCKED = "applied", "ready", "look", "blocked"
ORDER = (READY, LOOK, APPLIED, BLOCKED)
NOT_ASKED = frozenset({"account_known", "not_sanctioned", "no_overdue_return"})
"""Requirements that a few answers tell nothing about."""


@dataclass(frozen=True)
class Answers:
    """What somebody without a group tells. `awarded`: the programme that selected them this year; `founded_on` None is
    not told."""

    district: str
    members: int
    kind: str = "residents"
    registered: bool = False
    awarded: str = ""
    founded_on: date | None = None


@dataclass(frozen=True)
class Offer:
    """A call and how one stands to it. `limits` are the codes of limits that are reached, `later` what is not met yet
    and only the selection asks for, `application` what the group has in this call already."""

    call: Call
    rules: Definition
    open: bool
    checks: Sequence[Check]
    limits: Sequence[str] = ()
    later: Sequence[Check] = ()
    application: Application | None = None

    @property
    def standing(self) -> str:
        """APPLIED, READY, LOOK (something can't be told or is told only) or BLOCKED."""
        if self.application is not None and self.application.phase != "draft":
            return APPLIED
        if self.limits or any(each.blocks for each in self.checks):
            return BLOCKED
        return READY if all(each.met for each in (*self.checks, *self.later)) else LOOK


def of_group(
    session: Session, actor: Actor, group_id: int, now: datetime, *, call_id: int | None = None
) -> list[Offer]:
    """How a group of the actor's stands to every call that is open or comes (or to the one that is asked about), what
    it can apply for first. Nine queries, however many calls. Raises Refusal not_found unless the actor is in it."""
    if actor.account_id is None or not standing.in_group(session, actor.account_id, group_id):
        raise Refusal("not_found", 404)
    group, people, known = facts.of_group(session, group_id, now)
    calls = _calls(session, now, call_id)
    rows = session.scalars(
        select(Application)
        .where(
            Application.group_id == group_id,
            Application.call_id.in_([call.id for call, _rules in calls]),
            Application.phase != "withdrawn",
        )
        .options(defer(Application.typed), defer(Application.answers), defer(Application.plan))
        .order_by(Application.id)
    )
    filed = {each.call_id: each for each in rows}
    return _sorted(_offer(call, rules, group, people, known, now, filed.get(call.id)) for call, rules in calls)


def of_answers(session: Session, answers: Answers, now: datetime, *, call_id: int | None = None) -> list[Offer]:
    """As `of_group`, for what somebody tells: what the answers say nothing about is to be looked at. Two queries."""
    group = ApplicantGroup(
        district=answers.district,
        kind=answers.kind,
        registration_number="-" if answers.registered else "",
        bank_account="",
        founded_on=answers.founded_on,
    )
    year = city_date(now).year
    known = Known(awards=((answers.awarded, year, 0, 0),) if answers.awarded else ())
    people = tuple(Person("") for _each in range(min(answers.members, MOST_MEMBERS)))
    unknown = NOT_ASKED | ({"active_years_at_least"} if answers.founded_on is None else set())
    offers = (_offer(call, rules, group, people, known, now) for call, rules in _calls(session, now, call_id))
    return _sorted(_unsure(each, unknown) for each in offers)


def _calls(session: Session, now: datetime, call_id: int | None) -> list[tuple[Call, Definition]]:
    """The published calls that are not over with the rules that they run, those that close next first."""
    where = [Call.published_at.is_not(None), Call.closes_at > now, Call.version_id.is_not(None)]
    if call_id is not None:
        where.append(Call.id == call_id)
    found = session.scalars(
        select(Call).where(*where).options(defer(Call.body)).order_by(Call.closes_at, Call.id).limit(MOST)
    ).all()
    versions = session.scalars(select(ProgrammeVersion).where(ProgrammeVersion.id.in_({c.version_id for c in found})))
    rules = {version.id: programmes.rules_of(version) for version in versions}
    return [(call, rules[call.version_id]) for call in found if call.version_id is not None]


def _offer(
    call: Call,
    rules: Definition,
    group: ApplicantGroup,
    people: Sequence[Person],
    known: Known,
    now: datetime,
    application: Application | None = None,
) -> Offer:
    now_asked, later_asked = _beside(rules)
    asked = replace(rules, requirements=(*rules.requirements, *now_asked))
    checks, limits = facts.for_call(asked, group, people, known, call, now)
    later, _limits = facts.for_call(replace(rules, requirements=later_asked), group, people, known, call, now)
    is_open = call_phase(call, now) is Phase.OPEN
    return Offer(call, rules, is_open, checks, limits, [each for each in later if not each.met], application)


def _beside(rules: Definition) -> tuple[tuple[Requirement, ...], tuple[Requirement, ...]]:
    """The guards of the submission and of the selection that ask about the group and are no requirement already: a
    guard and the requirement of the same key are one rule."""
    named = {each.rule for each in rules.requirements}
    at_submission = _guards(rules, "submit") - named
    at_selection = _guards(rules, "select") - named - at_submission
    return tuple(map(Requirement, sorted(at_submission))), tuple(map(Requirement, sorted(at_selection)))


def _guards(rules: Definition, event: str) -> set[str]:
    listed = {guard for row in rules.transitions if row.event == event for guard in row.guards}
    return listed & eligibility.REQUIREMENTS.keys()


def _unsure(offer: Offer, unknown: Iterable[str]) -> Offer:
    """What was not asked is neither met nor unmet; what only the selection asks is no news to somebody who asks."""
    checks = [replace(each, state=UNSURE) if each.kind.key in unknown else each for each in offer.checks]
    return replace(offer, checks=checks, later=[])


def _sorted(offers: Iterable[Offer]) -> list[Offer]:
    """What one can apply for first, of these what is open, of these what closes next."""
    return sorted(
        offers, key=lambda each: (ORDER.index(each.standing), not each.open, each.call.closes_at, each.call.id)
    )
