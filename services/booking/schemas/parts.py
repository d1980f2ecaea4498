"""The fields that several of booking's schemas share; each says what is wrong in one sentence."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from services.booking.refusals import SENTENCES
from services.booking.schemas.reservations import CLOCK

LARGE = 10_000_000
_TRUTHS: Any = {"truthy": {"on", "true", "1", True}, "falsy": {"", "off", "false", "0", False}}


def said(code: str) -> dict[str, Any]:
    """One sentence, whatever is wrong with the field."""
    return dict.fromkeys(("required", "null", "invalid", "format", "too_large"), SENTENCES[code])


def figure(**options: Any) -> fields.Integer:
    """A whole number; what it may be is the rules' to say."""
    within = validate.Range(-LARGE, LARGE, error=SENTENCES["figure_invalid"])
    return fields.Integer(validate=within, error_messages=said("figure_invalid"), **options)


def word(words: tuple[str, ...], **options: Any) -> fields.String:
    """One of these."""
    return fields.String(
        validate=validate.OneOf(words, error=SENTENCES["choice_invalid"]),
        error_messages=said("choice_invalid"),
        **options,
    )


def clock(**options: Any) -> fields.String:
    """A local time, "09:00" to "24:00"."""
    wrong = validate.Regexp(CLOCK, error=SENTENCES["time_invalid"])
    return fields.String(validate=wrong, error_messages=said("time_invalid"), **options)


def tick(default: bool = False) -> fields.Boolean:
    """A check box of a form, or true and false."""
    return fields.Boolean(load_default=default, **_TRUTHS)


def list_of(form: Any, name: str) -> list[str]:
    """All values that a form has of this name; of a plain mapping its one value or its list."""
    if hasattr(form, "getlist"):
        found: list[str] = form.getlist(name)
        return found
    value = form.get(name, [])
    return [value] if isinstance(value, str) else list(value)
