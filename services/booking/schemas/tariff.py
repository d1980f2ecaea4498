"""A unit's tariff: what comes in by form or JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.booking.rules.tariff import MAX_LINES, Line, Tariff
from services.booking.schemas.parts import clock, figure, list_of, tick, word
from shared.bus.catalogue import DAY_KINDS, GROUP_KINDS


class LineSchema(Schema):
    """A line of a tariff, the first that fits counts. Empty lists, null and 00:00 to 24:00 mean whatever it is."""

    unit_won = figure(required=True, metadata={"description": "won for each begun billing unit"})
    base_won = figure(load_default=None, allow_none=True, metadata={"description": "won for the base time"})
    days = fields.List(word(DAY_KINDS), load_default=list)
    start = clock(load_default="00:00")
    end = clock(load_default="24:00")
    resident = fields.Boolean(load_default=None, allow_none=True)
    groups = fields.List(word(GROUP_KINDS), load_default=list)
    label = fields.String(load_default="")

    @post_load
    def _line(self, data: dict[str, Any], **kwargs: Any) -> Line:
        return Line(**{**data, "days": frozenset(data["days"]), "groups": frozenset(data["groups"])})


class TariffSchema(Schema):
    """A unit's tariff; minutes and won."""

    unit_minutes = figure(load_default=60)
    base_minutes = figure(load_default=0)
    supported_free = tick()
    lines = fields.List(fields.Nested(LineSchema), required=True, validate=validate.Length(max=MAX_LINES))

    @post_load
    def _tariff(self, data: dict[str, Any], **kwargs: Any) -> Tariff:
        return Tariff(**{**data, "lines": tuple(data["lines"])})


def tariff_of_form(form: Any) -> Tariff:
    """The tariff that a form's flat fields hold ("lines.0.unit_won", …); a line without a price is left out, and errors
    keep the number that the line had on the page. Raises ValidationError."""
    lines: dict[int, dict[str, Any]] = {}
    for number in line_numbers(form):
        name = f"lines.{number}."
        won, base = form.get(f"{name}unit_won", "").strip(), form.get(f"{name}base_won", "").strip()
        label = form.get(f"{name}label", "").strip()
        if not (won or base or label):
            continue
        lines[number] = {
            "unit_won": won or base,
            "base_won": base or None,
            "days": list_of(form, f"{name}days"),
            "start": form.get(f"{name}start") or "00:00",
            "end": form.get(f"{name}end") or "24:00",
            "resident": {"yes": True, "no": False}.get(form.get(f"{name}resident", "")),
            "groups": list_of(form, f"{name}groups"),
            "label": label,
        }
    told = {
        "unit_minutes": form.get("unit_minutes", ""),
        "base_minutes": form.get("base_minutes") or 0,
        "supported_free": form.get("supported_free", ""),
        "lines": list(lines.values()),
    }
    try:
        tariff: Tariff = TariffSchema().load(told)
    except ValidationError as error:
        messages = error.normalized_messages()
        if isinstance(messages.get("lines"), dict):
            numbers = list(lines)
            messages["lines"] = {numbers[key]: value for key, value in messages["lines"].items()}
        raise ValidationError(messages) from error
    return tariff


def line_numbers(form: Any) -> list[int]:
    """The numbers of the lines that a form has, in order."""
    found = {name.split(".")[1] for name in form if name.startswith("lines.") and name.count(".") == 2}
    numbers = (int(each) for each in found if each.isdecimal() and len(each) < 10)
    return sorted(each for each in numbers if each < 10 * MAX_LINES)[: 2 * MAX_LINES]


def typed_tariff(tariff: Tariff) -> dict[str, Any]:
    """A tariff as the form's flat fields."""
    typed: dict[str, Any] = {
        "unit_minutes": tariff.unit_minutes,
        "base_minutes": tariff.base_minutes or "",
        "supported_free": "on" if tariff.supported_free else "",
    }
    for number, line in enumerate(tariff.to_json()["lines"]):
        resident = {True: "yes", False: "no", None: ""}[line["resident"]]
        typed |= {f"lines.{number}.{name}": value for name, value in {**line, "resident": resident}.items()}
    return typed
