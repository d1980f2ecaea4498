"""Every event there is: its name, its version and the schema of its payload.

Each event tells all that subscribers keep of its aggregate, so that a later event replaces an earlier one: a
cancellation repeats what was reserved. Whoever adds an event keeps to that.

A publisher cannot commit an event that is not listed here or does not fit its schema; a consumer sets aside one whose
version it does not know. A change that old consumers would misread gets a new version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from marshmallow import Schema, ValidationError, fields, validate

from shared.districts import BY_CODE

KINDS = ("community", "everyones", "hub", "public_facility")
STAGES = ("selected", "budgeted", "workshop", "design", "construction", "open", "retired")
NAMED_DAYS = (
    "new_year_day",
    "seollal_day",
    "seollal_holidays",
    "chuseok_day",
    "chuseok_holidays",
    "labour_day",
)
ACCESSIBILITY = (
    "step_free",
    "elevator",
    "accessible_toilet",
    "accessible_parking",
    "wheelchair_desk",
    "hearing_loop",
    "braille_signs",
    "tactile_paving",
)
DAY_KINDS = ("weekday", "weekend", "holiday")
GROUP_KINDS = ("residents", "nonprofit", "council", "supported", "public", "business")
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"
MODES = ("commissioned", "direct", "subsidised", "none")
SUBJECT_LENGTH, BODY_LENGTH = 200, 4000
"""How long a notice may be, characters."""


class InvalidEventError(Exception):
    """The event is not in the catalogue, or its payload does not fit the schema. Its transaction must not commit."""


class UnknownVersionError(Exception):
    """The event was published by a newer program than this one."""


def _won(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=0), **options)


def _number(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, **options)


def _instant() -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", required=True)


def _district() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(tuple(BY_CODE)))


def _latitude() -> fields.Float:
    return fields.Float(required=True, allow_none=True, validate=validate.Range(-90, 90))


def _longitude() -> fields.Float:
    return fields.Float(required=True, allow_none=True, validate=validate.Range(-180, 180))


def _line() -> fields.String:
    return fields.String(required=True, validate=[validate.Length(max=SUBJECT_LENGTH), validate.Regexp(r"^[^\r\n]*$")])


def _body() -> fields.String:
    return fields.String(required=True, validate=validate.Length(max=BODY_LENGTH))


def _opening() -> fields.List:
    clock = fields.String(validate=validate.Regexp(CLOCK))
    return fields.List(clock, required=True, allow_none=True, validate=validate.Length(equal=2))


def _nth_weekday(value: list[int]) -> None:
    if len(value) != 2 or value[0] not in (-1, 1, 2, 3, 4, 5) or not 1 <= value[1] <= 7:
        raise ValidationError("Not an n-th weekday.")


class Hours(Schema):
    """Opening hours of weekdays and weekends: ["09:00", "21:00"], "24:00" for midnight; None when closed."""

    weekday = _opening()
    weekend = _opening()


class Closures(Schema):
    """Regular closing days: ISO weekday numbers (Monday is 1) and whether public holidays are closed.

    `monthly`: [n, ISO weekday], the n-th (1 to 5; -1 the last) of that weekday in each month. `named`: closing days
    with a name of their own.
    """

    weekdays = fields.List(_number(validate=validate.Range(1, 7)), required=True)
    holidays = fields.Boolean(required=True)
    monthly = fields.List(fields.List(_number(), validate=_nth_weekday), load_default=list)
    named = fields.List(fields.String(validate=validate.OneOf(NAMED_DAYS)), load_default=list)


class Fee(Schema):
    """What an hour costs: won for the first minutes, then for each further step; minutes and won."""

    free = fields.Boolean(required=True)
    base_minutes = _number(required=True, validate=validate.Range(min=0))
    base_won = _won(required=True)
    extra_minutes = _number(required=True, allow_none=True, validate=validate.Range(min=1))
    extra_won = _won(required=True, allow_none=True)


class Unit(Schema):
    """A reservable part of a space. `hours` None: unknown, so not reservable online. `area_m2`: decimal as text.

    `accessibility`: what is known to be there, the building's included; what is missing may be unknown. Events from
    before it was told have none.
    """

    unit_id = _number(required=True)
    name = fields.String(required=True)
    capacity = _number(required=True, allow_none=True, validate=validate.Range(min=0))
    area_m2 = fields.String(required=True, allow_none=True, validate=validate.Regexp(r"^\d+(\.\d+)?$"))
    equipment = fields.List(fields.String(), required=True)
    active = fields.Boolean(required=True)
    atoms = fields.List(fields.String(), required=True)
    hours = fields.Nested(Hours, required=True, allow_none=True)
    closures = fields.Nested(Closures, required=True)
    closure_text = fields.String(required=True, allow_none=True)
    fee = fields.Nested(Fee, required=True, allow_none=True)
    fee_text = fields.String(required=True, allow_none=True)
    accessibility = fields.List(fields.String(validate=validate.OneOf(ACCESSIBILITY)), load_default=list)


class SpaceChanged(Schema):
    """The whole state of a space, coordinates in degrees WGS 84."""

    space_id = _number(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    district = _district()
    address = fields.String(required=True)
    latitude = _latitude()
    longitude = _longitude()
    zone = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    homepage = fields.String(required=True, allow_none=True)
    units = fields.List(fields.Nested(Unit), required=True)


class ReservationCancelled(Schema):
    """Times are the half-open interval [start, end). No personal data."""

    reservation_id = _number(required=True)
    unit_id = _number(required=True)
    space_id = _number(required=True)
    district = _district()
    start = _instant()
    end = _instant()


class ReservationMade(ReservationCancelled):
    """As the cancellation, and how many people come."""

    people = _number(required=True, validate=validate.Range(min=1))


class OwnHours(Hours):
    """A keeper's own hours: `days` are those of Monday to Sunday; `weekday` is Monday's, `weekend` Saturday's."""

    days = fields.List(
        fields.List(fields.String(validate=validate.Regexp(CLOCK)), allow_none=True, validate=validate.Length(equal=2)),
        required=True,
        validate=validate.Length(equal=7),
    )


class TariffLine(Schema):
    """What a billing unit costs, for whom and when; empty lists, null and 00:00 to 24:00: whatever it is."""

    unit_won = _won(required=True)
    base_won = _won(required=True, allow_none=True)
    days = fields.List(fields.String(validate=validate.OneOf(DAY_KINDS)), required=True)
    start = fields.String(required=True, validate=validate.Regexp(CLOCK))
    end = fields.String(required=True, validate=validate.Regexp(CLOCK))
    resident = fields.Boolean(required=True, allow_none=True)
    groups = fields.List(fields.String(validate=validate.OneOf(GROUP_KINDS)), required=True)
    label = fields.String(required=True)


class Tariff(Schema):
    """A keeper's tariff: the base time once, then each begun unit, by the first line that fits; minutes and won."""

    unit_minutes = _number(required=True, validate=validate.Range(min=1))
    base_minutes = _number(required=True, validate=validate.Range(min=0))
    supported_free = fields.Boolean(required=True)
    lines = fields.List(fields.Nested(TariffLine), required=True, validate=validate.Length(min=1))


class UnitRuled(Schema):
    """What a unit's keeper has set of its own; None: what maps itself told holds."""

    unit_id = _number(required=True)
    space_id = _number(required=True)
    district = _district()
    hours = fields.Nested(OwnHours, required=True, allow_none=True)
    closures = fields.Nested(Closures, required=True, allow_none=True)
    tariff = fields.Nested(Tariff, required=True, allow_none=True)


class CallPublished(Schema):
    """A call takes applications in [opens_at, closes_at)."""

    call_id = _number(required=True)
    district = _district()
    title = fields.String(required=True)
    programme = fields.String(required=True)
    opens_at = _instant()
    closes_at = _instant()
    budget_won = _won(required=True)


class ApplicationMoved(Schema):
    """An application took a step of its programme's process, from one state to another; `phase` is what the new one
    means to every programme. What is decided is told here before its announcement: who hears it shows it to nobody."""

    application_id = _number(required=True)
    call_id = _number(required=True)
    district = fields.String(required=True, allow_none=True, validate=validate.OneOf(tuple(BY_CODE)))
    from_state = fields.String(required=True)
    to_state = fields.String(required=True)
    phase = fields.String(required=True)
    at = _instant()


class ProjectFunded(Schema):
    """A committee funded a project; where it happens may be unknown."""

    project_id = _number(required=True)
    call_id = _number(required=True)
    district = _district()
    title = fields.String(required=True)
    group_name = fields.String(required=True)
    strand = fields.String(required=True)
    awarded_won = _won(required=True)
    decided_at = _instant()
    latitude = _latitude()
    longitude = _longitude()
    space_id = _number(required=True, allow_none=True)


class ProjectWithdrawn(Schema):
    """A funded project that does not come about: its group withdrew before the agreement. No subscriber keeps it."""

    project_id = _number(required=True)
    call_id = _number(required=True)
    district = _district()


class IntermediaryChanged(Schema):
    """How a district's intermediary is run, and its funding of the year."""

    district = _district()
    mode = fields.String(required=True, validate=validate.OneOf(MODES))
    operator = fields.String(required=True, allow_none=True)
    funding_won = _won(required=True)
    year = _number(required=True, validate=validate.Range(2000, 2100))


class NoticeTold(Schema):
    """What one person is told, in both languages, as plain text: only the addressee's inbox keeps it.

    Each notice is an aggregate of its own, since none replaces another. It is an effect and no state: a rebuild repeats
    none. `path` is a page below /grants. When its time is over `FORGOTTEN_NOTICE` takes its place: account 0 is nobody.
    """

    notice_id = fields.UUID(required=True)
    account_id = _number(required=True, validate=validate.Range(min=0))
    kind = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,59}$"))
    subject_ko = _line()
    body_ko = _body()
    subject_en = _line()
    body_en = _body()
    path = fields.String(required=True, validate=validate.Regexp(r"^/[^\s\\]{0,299}$"))
    told_at = _instant()


FORGOTTEN_NOTICE = {
    "account_id": 0,
    **dict.fromkeys(("subject_ko", "body_ko", "subject_en", "body_en"), ""),
    "path": "/",
}
"""What stands in the logs of both services instead of a notice that was forgotten."""


class EventType(NamedTuple):
    """The version a publisher of today writes, and the schema of that version."""

    version: int
    schema: Schema


EVENTS: dict[str, EventType] = {
    "maps.space.changed": EventType(1, SpaceChanged()),
    "booking.reservation.made": EventType(1, ReservationMade()),
    "booking.reservation.cancelled": EventType(1, ReservationCancelled()),
    "booking.unit.ruled": EventType(1, UnitRuled()),
    "grants.call.published": EventType(1, CallPublished()),
    "grants.application.moved": EventType(1, ApplicationMoved()),
    "grants.project.funded": EventType(1, ProjectFunded()),
    "grants.project.withdrawn": EventType(1, ProjectWithdrawn()),
    "grants.intermediary.changed": EventType(1, IntermediaryChanged()),
    "grants.notice.told": EventType(1, NoticeTold()),
}


def to_json(name: str, payload: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """The version of an event and its payload as JSON; datetimes may be objects or ISO text. InvalidEventError."""
    try:
        kind = EVENTS[name]
    except KeyError:
        raise InvalidEventError(f"{name} is not in the event catalogue") from None
    try:
        plain = json.loads(json.dumps(payload, default=_iso, allow_nan=False))
        kind.schema.load(plain)
    except ValidationError as error:
        raise InvalidEventError(f"{name}: {error.messages}") from error
    except (TypeError, ValueError) as error:
        raise InvalidEventError(f"{name}: {error}") from error
    return kind.version, plain


def from_json(name: str, version: int, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload a handler works with. Raises UnknownVersionError and InvalidEventError."""
    kind = EVENTS.get(name)
    if kind is None or kind.version != version:
        known = "none" if kind is None else f"only version {kind.version}"
        raise UnknownVersionError(f"{name} version {version} was published, this program knows {known} of it")
    try:
        loaded: dict[str, Any] = kind.schema.load(payload)
    except ValidationError as error:
        raise InvalidEventError(f"{name}: {sorted(error.normalized_messages())} do not fit") from error
    return loaded


def _iso(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not part of an event")
