"""What people say of a space and its units, by form or as JSON. Forms send texts: empty ones mean nothing is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate, validates_schema
from werkzeug.datastructures import MultiDict

from services.maps.facilities.coordinates import SEOUL, within
from services.maps.space_editing import SpaceEdit
from services.maps.unit_editing import MOST_PARTS, Part, UnitEdit
from shared.bus.catalogue import ACCESSIBILITY

NAME, ADDRESS, PHONE, HOMEPAGE = 200, 300, 60, 500
MOST_PEOPLE = 100_000
EQUIPMENT_NAMES, EQUIPMENT_NAME = 40, 60
_NAMELESS = lazy_gettext("이름을 적어 주세요.")
_NO_PEOPLE = lazy_gettext("몇 명까지 들어갈 수 있는지 1 이상의 숫자로 적어 주세요. 모르면 비워 두세요.")
_NO_AREA = lazy_gettext("면적을 32.5처럼 숫자로 적어 주세요. 모르면 비워 두세요.")
_NO_DEGREES = lazy_gettext("좌표를 37.5123처럼 숫자로 적어 주세요. 모르면 둘 다 비워 두세요.")
_FAR = lazy_gettext("서울을 벗어난 좌표입니다. 위도와 경도가 바뀌지 않았는지 확인해 주세요.")
_HALF_A_POINT = lazy_gettext("위도와 경도를 둘 다 적거나 둘 다 비워 주세요.")
_NO_LINK = lazy_gettext("http:// 또는 https://로 시작하는 주소를 적어 주세요.")
_TOO_LONG = lazy_gettext("너무 깁니다. 줄여 주세요.")
_NO_CODE = lazy_gettext("목록에 있는 것만 고를 수 있습니다.")
_NO_PARTS = lazy_gettext("목록에 있는 공간 단위만 고를 수 있습니다.")


class Form(Schema):
    """Takes a form as it is posted: fields of several values as lists, everything trimmed, empty texts as none."""

    class Meta:
        unknown = EXCLUDE  # the token against forgery

    seen = fields.String(load_default=None, allow_none=True, metadata={"description": "as read; 409 if changed since"})

    @pre_load
    def _tidy(self, data: Any, **kwargs: Any) -> dict[str, Any]:
        several = {name for name, field in self.fields.items() if isinstance(field, fields.List)}
        tidied: dict[str, Any] = {}
        for name, value in data.items():
            if name in several and isinstance(data, MultiDict):
                tidied[name] = data.getlist(name)
            else:
                tidied[name] = value.strip() or None if isinstance(value, str) else value
        return tidied


def _name() -> fields.String:
    wrong = {"required": _NAMELESS, "null": _NAMELESS}
    return fields.String(required=True, validate=validate.Length(1, NAME, error=_TOO_LONG), error_messages=wrong)


def _text(longest: int) -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(max=longest, error=_TOO_LONG))


def _capacity() -> fields.Integer:
    wrong = dict.fromkeys(("invalid", "too_large"), _NO_PEOPLE)
    most = validate.Range(1, MOST_PEOPLE, error=_NO_PEOPLE)
    return fields.Integer(load_default=None, allow_none=True, validate=most, error_messages=wrong)


def _area() -> fields.String:
    decimal = validate.Regexp(r"^\d{1,6}(\.\d{1,2})?$", error=_NO_AREA)
    return fields.String(
        load_default=None, allow_none=True, validate=decimal, metadata={"description": "square metres"}
    )


def _degrees() -> fields.Float:
    wrong = dict.fromkeys(("invalid", "special", "too_large"), _NO_DEGREES)
    return fields.Float(load_default=None, allow_none=True, allow_nan=False, error_messages=wrong)


def _accessibility() -> fields.List:
    code = fields.String(validate=validate.OneOf(ACCESSIBILITY, error=_NO_CODE))
    return fields.List(code, load_default=list, metadata={"description": "codes of what is certainly there"})


class SpaceForm(Form):
    """The facts of a space. Loads to {"facts": SpaceEdit, "seen"}."""

    name = _name()
    address = fields.String(
        required=True,
        validate=validate.Length(1, ADDRESS, error=_TOO_LONG),
        error_messages=dict.fromkeys(("required", "null"), lazy_gettext("주소를 적어 주세요.")),
    )
    phone = _text(PHONE)
    homepage = fields.String(
        load_default=None,
        allow_none=True,
        validate=(
            validate.Regexp(r"^https?://[^\s<>\"]+$", error=_NO_LINK),
            validate.Length(max=HOMEPAGE, error=_TOO_LONG),
        ),
    )
    latitude = _degrees()
    longitude = _degrees()
    accessibility = _accessibility()

    @validates_schema(skip_on_field_errors=False)
    def _a_point_in_seoul(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        latitude, longitude = data.get("latitude"), data.get("longitude")
        if not {"latitude", "longitude"} <= data.keys():
            return  # one of them could not be read: that is said already
        if (latitude is None) != (longitude is None):
            raise ValidationError(str(_HALF_A_POINT), "latitude" if latitude is None else "longitude")
        if latitude is not None and longitude is not None and not within(SEOUL, latitude, longitude):
            raise ValidationError(str(_FAR), "latitude")

    @post_load
    def _edit(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        seen = data.pop("seen")
        return {"facts": SpaceEdit(**{**data, "accessibility": _ordered(data["accessibility"])}), "seen": seen}


class UnitForm(Form):
    """The facts of a unit. Equipment: a list, or names between commas or lines.

    Loads to {"facts": UnitEdit, "seen"}.
    """

    name = _name()
    capacity = _capacity()
    area_m2 = _area()
    equipment = fields.Raw(load_default=None, metadata={"type": "array", "items": {"type": "string"}})
    accessibility = _accessibility()
    parts = fields.List(
        fields.Integer(error_messages={"invalid": _NO_PARTS, "too_large": _NO_PARTS}),
        load_default=list,
        metadata={"description": "ids of the units that this one is made of"},
    )
    whole = fields.Boolean(load_default=False, metadata={"description": "the whole building: made of every room"})

    @validates_schema(skip_on_field_errors=False)
    def _known_equipment(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        names = _names(data.get("equipment"))
        if len(names) > EQUIPMENT_NAMES or any(len(name) > EQUIPMENT_NAME for name in names):
            raise ValidationError(str(_TOO_LONG), "equipment")

    @post_load
    def _edit(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        seen = data.pop("seen")
        more = {name: data.pop(name) for name in ("like",) if name in data}
        data |= {
            "equipment": _names(data["equipment"]),
            "accessibility": _ordered(data["accessibility"]),
            "parts": tuple(data["parts"]),
        }
        return {"facts": UnitEdit(**data), "seen": seen, **more}


class NewUnitForm(UnitForm):
    """A new unit; `like` is the unit whose hours, closing days and fee it has."""

    like = fields.Integer(
        load_default=None, allow_none=True, error_messages={"invalid": _NO_PARTS, "too_large": _NO_PARTS}
    )


class PartForm(Form):
    """One part of a divided hall."""

    name = _name()
    capacity = _capacity()
    area_m2 = _area()

    class Meta:
        unknown = EXCLUDE
        exclude = ("seen",)

    @post_load
    def _part(self, data: dict[str, Any], **kwargs: Any) -> Part:
        return Part(**data)


class ServiceForm(Schema):
    """Whether a unit takes reservations."""

    active = fields.Boolean(required=True)


class DivideForm(Form):
    """The parts that a hall is divided into; a form sends them as name_1, capacity_1, area_m2_1, name_2 …"""

    parts = fields.List(fields.Nested(PartForm), required=True)

    @classmethod
    def of_page(cls, form: Mapping[str, str]) -> dict[str, Any]:
        """Loads a page's form; lines without any word are none. Errors stand at the page's own field names."""
        parts: list[Part] = []
        wrong: dict[str, Any] = {}
        for number in range(1, MOST_PARTS + 1):
            line = {name: form.get(f"{name}_{number}", "") for name in ("name", "capacity", "area_m2")}
            if not any(text.strip() for text in line.values()):
                continue
            try:
                parts.append(PartForm().load(line))
            except ValidationError as error:
                wrong |= {f"{name}_{number}": said for name, said in error.normalized_messages().items()}
        if wrong:
            raise ValidationError(wrong)
        return {"parts": parts, "seen": form.get("seen") or None}


def _names(typed: Any) -> tuple[str, ...]:
    """The names between commas or lines, each once."""
    names = re.split(r"[,\n]", typed) if isinstance(typed, str) else typed if isinstance(typed, list) else []
    return tuple(dict.fromkeys(tidy for name in names if (tidy := str(name).strip())))


def _ordered(codes: list[str]) -> tuple[str, ...]:
    return tuple(code for code in ACCESSIBILITY if code in codes)
