"""Reviewers: what they say of themselves, and the staff's list of appointments."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.grants import policy
from services.grants.pages import words
from services.grants.pages.reading import Reader
from services.grants.programmes import labels
from services.grants.reviewing import reviewers
from services.grants.reviewing.reviewers import Profile
from shared import clock
from shared.districts import BY_CODE
from shared.identity.access import current_actor
from shared.identity.actor import Role
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database

KIND_WORDS: dict[str, Any] = {
    "reviewer": lazy_gettext("심사위원"),
    "committee": lazy_gettext("보조금심의위원회 위원"),
}
_CITY = "city"


def profile() -> ResponseReturnValue:
    """What I say of myself."""
    with database().read() as session:
        known = reviewers.profile(session, current_actor())
    typed: Any = {"name": current_actor().name, "expertise": ()}
    if known is not None:
        typed = {column.key: getattr(known, column.key) for column in known.__table__.columns}
    return _profile(typed)


def save_profile() -> ResponseReturnValue:
    """Say it anew."""
    typed = Reader(request.form)
    with database().read() as session:
        strands = frozenset(labels.strand_words(session))
    said = Profile(
        name=typed.text("name"),
        affiliation=typed.text("affiliation"),
        address=typed.text("address"),
        phone=typed.text("phone"),
        birth_year=typed.choice("birth_year"),
        expertise=tuple(request.form.getlist("expertise")),
    )
    try:
        reviewers.save_profile(
            database(), current_actor(), clock.now(), profile=said, strands=strands, unread=typed.unread
        )
    except Refusal as refusal:
        return _profile(request.form, refusal), refusal.status
    flash(_("저장했습니다. 이해관계가 있는 신청서는 저절로 빠집니다."), "success")
    return redirect(url_for("reviews.index"))


def index() -> ResponseReturnValue:
    """Who is appointed by my district, and the form to appoint somebody."""
    return _list({})


def appoint() -> ResponseReturnValue:
    """Appoint somebody for reviewing or for the committee."""
    typed = Reader(request.form)
    try:
        reviewers.appoint(
            database(),
            current_actor(),
            clock.now(),
            district=_district(request.form.get("district", "")),
            account_id=typed.choice("account_id"),
            kind=typed.text("kind"),
            starts_on=typed.day("starts_on"),
            ends_on=typed.day("ends_on"),
            chair=request.form.get("chair") == "on",
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _list(request.form, refusal), refusal.status
    flash(_("위촉했습니다."), "success")
    return redirect(url_for("reviewers.index", district=request.form.get("district") or None))


def end(appointment_id: int) -> ResponseReturnValue:
    """End an appointment."""
    ended = reviewers.end(database(), current_actor(), clock.now(), appointment_id=appointment_id)
    flash(_("위촉을 마쳤습니다. 이미 맡은 심사는 그대로 남습니다."), "success")
    return redirect(url_for("reviewers.index", district=ended.district or _CITY))


def _district(asked: str) -> str | None:
    """One's own district; city staff choose, None being the city's own."""
    actor = current_actor()
    if actor.has(Role.CITY_STAFF):
        return asked if asked in BY_CODE else None
    return actor.district or ""


def _list(typed: Any, refusal: Refusal | None = None) -> str:
    actor, now = current_actor(), clock.now()
    district = _district((typed or request.args).get("district", ""))
    with database().read() as session:
        appointed = reviewers.appointed(session, actor, district, now)
        everyone = reviewers.candidates(session)
    today = policy.city_date(now)
    return render_template(
        "grants/reviewers.html",
        appointed=appointed,
        people=[
            (each.account_id, f"{each.name} · {each.affiliation}" if each.affiliation else each.name)
            for each in everyone
        ],
        district=district,
        districts=[(_CITY, _("서울시 공고")), *words.district_choices()] if actor.has(Role.CITY_STAFF) else [],
        kinds=words.choices(KIND_WORDS),
        kind_words=KIND_WORDS,
        today=today,
        defaults={"starts_on": today, "ends_on": today.replace(month=12, day=31), "kind": "reviewer"},
        typed=typed,
        **said(refusal),
    )


def _profile(typed: Any, refusal: Refusal | None = None) -> str:
    with database().read() as session:
        strands = labels.strand_words(session)
    return render_template(
        "grants/reviewer_profile.html",
        typed=typed,
        strands=[(key, words.told(label)) for key, label in strands.items()],
        **said(refusal),
    )
