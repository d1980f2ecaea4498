"""Reviewers: what they say of themselves, and their appointments by a district (or by the city for its own calls)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import policy
from services.grants.models import AUDIT, Appointment, Review, Reviewer
from services.grants.once import once
from services.grants.reviewing import recusal
from services.grants.rules.people import person_key
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

KINDS = ("reviewer", "committee")
NAME, AFFILIATION, ADDRESS, PHONE = 80, 120, 200, 30
LISTED = 500


@dataclass(frozen=True)
class Profile:
    """What a reviewer says; `birth_year` None is not told."""

    name: str
    affiliation: str = ""
    address: str = ""
    phone: str = ""
    birth_year: int | None = None
    expertise: tuple[str, ...] = ()


@dataclass(frozen=True)
class Appointed:
    """An appointment with its reviewer and how many reviews they have open and handed in."""

    appointment: Appointment
    reviewer: Reviewer
    waiting: int
    submitted: int


def profile(session: Session, actor: Actor) -> Reviewer | None:
    """What the actor said of themselves; None: nothing yet."""
    return session.get(Reviewer, actor.account_id)


def save_profile(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    profile: Profile,
    strands: frozenset[str],
    unread: dict[str, list[str]] | None = None,
) -> Reviewer:
    """Say it, or say it anew; conflicts are looked for again, in what one reviews already too. Raises Refusal:
    invalid_input."""
    policy.refuse_problems(_problems(profile, strands, now), unread)
    reviewer = once(lambda: _save(database, actor, now, profile))
    recusal.recheck_reviewer(database, actor, now, account_id=reviewer.account_id)
    return reviewer


def _save(database: Database, actor: Actor, now: datetime, profile: Profile) -> Reviewer:
    with database.write() as session:
        reviewer = session.get(Reviewer, actor.account_id, with_for_update=True)
        if reviewer is None:
            reviewer = Reviewer(account_id=actor.account_id)
            session.add(reviewer)
        reviewer.name, reviewer.affiliation = profile.name.strip(), profile.affiliation.strip()
        reviewer.address, reviewer.phone = profile.address.strip(), profile.phone.strip()
        reviewer.birth_year, reviewer.expertise = profile.birth_year, sorted(set(profile.expertise))
        reviewer.person_key = person_key(reviewer.name, reviewer.birth_year, reviewer.phone)
        reviewer.changed_at = now
        session.flush()
        record(session, AUDIT, actor, now, "reviewer.saved", f"reviewer:{reviewer.account_id}")
        return reviewer


def appoint(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    district: str | None,
    account_id: int | None,
    kind: str,
    starts_on: date | None,
    ends_on: date | None,
    chair: bool = False,
    unread: dict[str, list[str]] | None = None,
) -> Appointment:
    """Appoint somebody who has a profile; the same again is the same appointment. Raises Refusal: other_district,
    invalid_input (account_id: reviewer_unknown; kind: appointment_kind; ends_on: term_ends_early)."""
    policy.check_runs(actor, district)
    wrong = dict(unread or {})
    if kind not in KINDS:
        wrong["kind"] = ["appointment_kind"]
    if starts_on and ends_on and ends_on < starts_on:
        wrong["ends_on"] = ["term_ends_early"]
    with database.write() as session:
        reviewer = session.get(Reviewer, account_id, with_for_update=True) if account_id else None
        if reviewer is None:
            wrong.setdefault("account_id", ["reviewer_unknown"])
        if wrong or reviewer is None or starts_on is None or ends_on is None:
            raise Refusal("invalid_input", 422, fields=wrong)
        where = Appointment.district == district if district else Appointment.district.is_(None)
        same = session.scalar(
            select(Appointment).where(
                where,
                Appointment.account_id == reviewer.account_id,
                Appointment.kind == kind,
                Appointment.starts_on == starts_on,
                Appointment.ends_on == ends_on,
                Appointment.chair == chair,
            )
        )  # under the lock of the reviewer's row
        if same is not None:
            return same
        made = Appointment(
            district=district,
            account_id=reviewer.account_id,
            kind=kind,
            chair=chair,
            starts_on=starts_on,
            ends_on=ends_on,
            appointed_by=actor.account_id,
            appointed_at=now,
        )
        session.add(made)
        session.flush()
        details = {"reviewer": reviewer.account_id, "kind": kind, "from": str(starts_on), "to": str(ends_on)}
        record(session, AUDIT, actor, now, "reviewer.appointed", f"appointment:{made.id}", details)
        return made


def end(database: Database, actor: Actor, now: datetime, *, appointment_id: int) -> Appointment:
    """End an appointment with the day before today, or undo one that has not begun. What is assigned stays assigned.
    Raises Refusal: not_found, other_district, appointment_over."""
    with database.write() as session:
        appointment = session.get(Appointment, appointment_id, with_for_update=True)
        if appointment is None:
            raise Refusal("not_found", 404)
        policy.check_runs(actor, appointment.district)
        yesterday = date.fromordinal(policy.city_date(now).toordinal() - 1)
        if appointment.ends_on <= yesterday:
            raise Refusal("appointment_over")
        if appointment.starts_on > yesterday:
            session.delete(appointment)
        else:
            appointment.ends_on = yesterday
        record(session, AUDIT, actor, now, "reviewer.ended", f"appointment:{appointment_id}")
        return appointment


def appointed(session: Session, actor: Actor, district: str | None, now: datetime) -> list[Appointed]:
    """A district's appointments (None: the city's), those that run and come first. Raises Refusal other_district."""
    policy.check_runs(actor, district)
    where = Appointment.district == district if district else Appointment.district.is_(None)
    today = policy.city_date(now)
    rows = session.execute(
        select(Appointment, Reviewer)
        .join(Reviewer, Reviewer.account_id == Appointment.account_id)
        .where(where)
        .order_by((Appointment.ends_on < today), Appointment.kind, Reviewer.name, Appointment.id)
        .limit(LISTED)
    ).all()
    counts = {
        account: (int(waiting), int(submitted))
        for account, waiting, submitted in session.execute(
            select(
                Review.account_id,
                func.count().filter(Review.state == "assigned"),
                func.count().filter(Review.state == "submitted"),
            )
            .where(Review.account_id.in_({reviewer.account_id for _, reviewer in rows}))
            .group_by(Review.account_id)
        )
    }
    return [Appointed(one, reviewer, *counts.get(reviewer.account_id, (0, 0))) for one, reviewer in rows]


def candidates(session: Session) -> Sequence[Reviewer]:
    """Everyone with a profile, to appoint from."""
    return session.scalars(select(Reviewer).order_by(Reviewer.name, Reviewer.account_id).limit(LISTED)).all()


def _problems(profile: Profile, strands: frozenset[str], now: datetime) -> policy.Problems:
    yield from policy.text_problems("name", profile.name, NAME)
    yield from policy.text_problems("affiliation", profile.affiliation, AFFILIATION, required=False)
    yield from policy.text_problems("address", profile.address, ADDRESS)
    yield from policy.text_problems("phone", profile.phone, PHONE, required=False)
    # What members of groups are known by too: without it nobody would notice the reviewer among them.
    if profile.birth_year is None or not 1900 <= profile.birth_year <= policy.city_date(now).year - 15:
        yield "birth_year", "birth_year_unclear"
    if not set(profile.expertise) <= strands:
        yield "expertise", "strand_unknown"
