"""One series: all its occurrences, and what one can do with one, the following, or all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import series
from services.booking.calendars.words import series_entry
from services.booking.pages.calendars import attachment, site
from services.booking.pages.times import choices, clock_times
from services.booking.rules.hours import clock_of
from services.booking.rules.recurrence import Recurrence
from services.booking.schemas.series import ChangeSeriesForm
from services.booking.schemas.units import row_id
from services.booking.series import SCOPES, Whole, edits
from services.booking.series.edits import Wanted
from services.booking.units import get_space
from services.booking.wording import during_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def show(series_id: int) -> ResponseReturnValue:
    """Every date with its state, and the ways to change and cancel."""
    whole = _read(series_id)
    return render_template(
        "booking/series.html",
        whole=whole,
        rule=Recurrence.from_json(whole.series.rule),
        coming=whole.coming(now()),
        own=whole.series.account_id == current_actor().account_id,
    )


def download(series_id: int) -> ResponseReturnValue:
    """The whole series as one entry of a calendar."""
    whole = _read(series_id)
    own = whole.series.account_id == current_actor().account_id
    entry = series_entry(whole.series, whole.occurrences, site(), own=own)
    return attachment([entry] if entry else [], f"series-{series_id}", whole.series.purpose)


def change_form(series_id: int) -> ResponseReturnValue:
    """What can be changed; `?from=12` names the occurrence that "this one" means."""
    whole = _read(series_id)
    first = _first(whole, request.args.get("from", type=int))
    if first is None:
        return _back(series_id, Refusal("nothing_to_change"))
    zone = first.unit.zone
    day = first.start_at.astimezone(zone).date()
    typed = {
        "scope": request.args.get("scope", "all"),
        "start": clock_of(first.start_at, day, zone),
        "end": clock_of(first.end_at, day, zone),
        "people": first.people,
        "purpose": first.purpose,
        "unit_id": first.unit_id,
    }
    return _change(whole, first.id, typed)


def change(series_id: int) -> ResponseReturnValue:
    """Change them; refused, the form stands again as it was typed."""
    reservation_id = request.form.get("reservation_id", type=row_id)
    try:
        form = ChangeSeriesForm().load(request.form)
        wanted = Wanted(form["unit_id"], form["start"], form["end"], form["people"], form["purpose"])
        changed = edits.change(
            database(),
            current_actor(),
            now(),
            series_id,
            wanted,
            form["scope"],
            reservation_id,
            free_only=form["free_only"],
        )
    except ValidationError as error:
        return _change(_read(series_id), reservation_id, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _change(_read(series_id), reservation_id, request.form, refusal)
    flash(_("%(n)s번을 바꾸었습니다.", n=len(changed.changed)), "success")
    if changed.stayed:
        flash(_("%(n)s번은 바꿀 수 없어 그대로 두었습니다.", n=len(changed.stayed)), "warning")
    return redirect(service_url("booking", f"/series/{series_id}"))


def cancel_form(series_id: int) -> ResponseReturnValue:
    """Ask which ones, and whether it is really meant."""
    whole = _read(series_id)
    first = _first(whole, request.args.get("from", type=int))
    if first is None:
        return _back(series_id, Refusal("nothing_to_cancel"))
    return render_template(
        "booking/series_cancel.html",
        whole=whole,
        first=first,
        scope=request.args.get("scope", "all"),
        scopes=_scopes(whole, first.id),
        own=whole.series.account_id == current_actor().account_id,
    )


def cancel(series_id: int) -> ResponseReturnValue:
    """Cancel them and free their times."""
    scope, reason = request.form.get("scope", "all"), request.form.get("reason", "").strip() or None
    try:
        gone = series.cancel(
            database(),
            current_actor(),
            now(),
            series_id,
            scope,
            request.form.get("reservation_id", type=row_id),
            reason[:500] if reason else None,
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _back(series_id, refusal)
    flash(_("%(n)s번을 취소했습니다.", n=len(gone)), "success")
    return redirect(service_url("booking", f"/series/{series_id}"))


def _change(
    whole: Whole, reservation_id: int | None, typed: Mapping[str, Any], refusal: Refusal | None = None
) -> ResponseReturnValue:
    first = _first(whole, reservation_id)
    if first is None:
        return _back(whole.series.id, Refusal("nothing_to_change"))
    times = clock_times(first.unit)
    with database().read() as session:
        _space, units = get_space(session, first.space_id)
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/series_change.html",
        whole=whole,
        first=first,
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        partly=refusal is not None and refusal.code == "series_not_free",
        scopes=_scopes(whole, first.id),
        starts=choices(times[:-1], typed.get("start")),
        ends=choices(times[1:], typed.get("end")),
        units=[(each.id, each.name) for each in units],
    )
    return page, refusal.status if refusal else 200


def _scopes(whole: Whole, first_id: int) -> list[tuple[str, str]]:
    """One, following, all, each with what it means here."""
    coming = whole.coming(now())
    following = [each for each in coming if each.id == first_id]
    first = following[0] if following else coming[0]
    after = sum(each.start_at >= first.start_at for each in coming)
    when = during_text(first.during, first.unit.zone)
    words = (
        _("이번만: %(when)s", when=when),
        _("이번부터 뒤로 모두: %(n)s번", n=after),
        _("다가오는 예약 모두: %(n)s번", n=len(coming)),
    )
    return list(zip(SCOPES, words, strict=True))


def _first(whole: Whole, reservation_id: int | None) -> Any:
    """The occurrence that was named, while it is to come; else the next one."""
    coming = whole.coming(now())
    return next((each for each in coming if each.id == reservation_id), coming[0] if coming else None)


def _read(series_id: int) -> Whole:
    return series.read(database(), current_actor(), now(), series_id)


def _back(series_id: int, refusal: Refusal) -> ResponseReturnValue:
    flash(sentence(refusal.code, refusal.params), "error")
    return redirect(service_url("booking", f"/series/{series_id}"))
