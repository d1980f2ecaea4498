"""Looking for calls: the filters of the list, the calendar, the map and the file, and what somebody tells who asks what
one can apply for."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from services.grants.call_phases import Phase
from services.grants.discovering import CITY, Wanted
from services.grants.offers import MOST_MEMBERS, Answers
from services.grants.refusals import applying, core, discovering, register
from services.grants.schemas.calls import PageQuery
from shared.bus.catalogue import GROUP_KINDS
from shared.districts import BY_CODE

_SAY = {**core.SENTENCES, **register.SENTENCES, **applying.SENTENCES, **discovering.SENTENCES}
KEY = 40


def _one_of(choices: Any, **more: Any) -> fields.String:
    known = validate.OneOf(tuple(choices), error=_SAY["filter_unknown"])
    return fields.String(**({"load_default": None} | more), validate=known)


class CallQuery(PageQuery):
    """Which calls. A district's code finds its own calls and the city's; "city" the city's alone."""

    q = fields.String(
        load_default="",
        validate=validate.Length(max=100, error=_SAY["search_too_long"]),
        metadata={"description": "words that stand in title, text, programme or strand"},
    )
    district = _one_of((*BY_CODE, CITY), metadata={"description": "a district's code, or city"})
    state = _one_of([phase.value for phase in Phase])
    strand = fields.String(load_default=None, validate=validate.Length(1, KEY))
    programme = fields.String(load_default=None, validate=validate.Length(1, KEY))

    @post_load
    def together(self, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        """{"page", "wanted": Wanted}."""
        return {
            "page": data["page"],
            "wanted": Wanted(data["q"], data["district"], data["state"], data["strand"], data["programme"]),
        }


class AnswersQuery(Schema):
    """What somebody tells of the group they think of; `awarded` is the key of the programme that selected it this
    year."""

    class Meta:
        unknown = EXCLUDE

    district = _one_of(BY_CODE, load_default="")
    members = fields.String(load_default="")
    kind = _one_of(GROUP_KINDS, load_default="residents")
    registered = _one_of(("yes", "no"), load_default="no")
    awarded = fields.String(load_default="", validate=validate.Length(max=KEY, error=_SAY["filter_unknown"]))
    founded_on = fields.Date(load_default=None, allow_none=True, error_messages={"invalid": _SAY["date_unclear"]})

    @post_load
    def together(self, data: dict[str, Any], **more: Any) -> Answers:
        """Raises ValidationError where the district or the number of people is missing or no number."""
        wrong = {}
        if not data["district"]:
            wrong["district"] = [_SAY["district_missing"]]
        text = data["members"].strip()
        if not text:
            wrong["members"] = [_SAY["number_missing"]]
        elif not (text.isascii() and text.isdigit() and len(text) <= 9):
            wrong["members"] = [_SAY["number_unclear"]]
        elif not 1 <= int(text) <= MOST_MEMBERS:
            wrong["members"] = [_SAY["people_out_of_range"]]
        if wrong:
            raise ValidationError(wrong)
        return Answers(
            district=data["district"],
            members=int(text),
            kind=data["kind"],
            registered=data["registered"] == "yes",
            awarded=data["awarded"],
            founded_on=data["founded_on"],
        )
