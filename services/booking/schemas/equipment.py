"""Equipment and groups: what comes in by form or JSON, and what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, pre_load, validate

from services.booking.equipment import Facts
from services.booking.refusals import SENTENCES
from services.booking.schemas.parts import figure, list_of, said, tick, word
from shared.bus.catalogue import GROUP_KINDS
from shared.districts import BY_CODE


class EquipmentRequest(Schema):
    """A piece of equipment; `unit_ids` null: lent with every unit of the space."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(required=True, error_messages=said("name_needed"))
    count = figure(required=True, metadata={"description": "pieces in all"})
    fee_won = figure(load_default=0, metadata={"description": "won for each piece"})
    hourly = tick()
    unit_ids = fields.List(figure(), load_default=None, allow_none=True, validate=validate.Length(max=1000))
    note = fields.String(load_default="")
    active = tick(default=True)

    @post_load
    def _facts(self, data: dict[str, Any], **kwargs: Any) -> Facts:
        units = data["unit_ids"]
        return Facts(**{**data, "unit_ids": tuple(units) if units else None})


def facts_of_form(form: Any) -> Facts:
    """The page's form: check boxes that are not ticked are missing. Raises ValidationError."""
    told = {name: form[name] for name in ("name", "count", "fee_won", "note") if form.get(name)}
    told |= {"hourly": form.get("hourly", ""), "active": form.get("active", ""), "unit_ids": list_of(form, "unit_ids")}
    facts: Facts = EquipmentRequest().load(told)
    return facts


class EquipmentAnswer(Schema):
    """A piece of equipment; won for each."""

    id = fields.Integer()
    space_id = fields.Integer()
    name = fields.String()
    count = fields.Integer()
    fee_won = fields.Integer()
    hourly = fields.Boolean()
    unit_ids = fields.List(fields.Integer(), allow_none=True)
    note = fields.String()
    active = fields.Boolean()


class EquipmentListAnswer(Schema):
    equipment = fields.List(fields.Nested(EquipmentAnswer))


class GroupRequest(Schema):
    """A group; a kind other than residents counts when staff have confirmed it. `district`: MOIS code."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(required=True, error_messages=said("name_needed"))
    kind = fields.String(load_default="residents")
    district = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(tuple(BY_CODE), error=SENTENCES["choice_invalid"]),
    )

    @pre_load
    def _drop_empty(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}


class MemberAnswer(Schema):
    """Somebody of a group; the name is what they told booking."""

    account_id = fields.Integer()
    name = fields.String()
    role = fields.String(metadata={"description": "leader or member"})


class MyGroup(Schema):
    """A group that I belong to; the code is a leader's to see."""

    id = fields.Integer(attribute="group.id")
    name = fields.String(attribute="group.name")
    kind = fields.String(attribute="group.kind")
    kind_confirmed_at = fields.AwareDateTime(attribute="group.kind_confirmed_at", allow_none=True)
    district = fields.String(attribute="group.district", allow_none=True)
    role = fields.String()
    invite_code = fields.Function(lambda mine: mine.group.invite_code if mine.leads else None)


class GroupAnswer(MyGroup):
    """A group as one of its members sees it."""

    members = fields.List(fields.Nested(MemberAnswer))


class GroupsAnswer(Schema):
    groups = fields.List(fields.Nested(MyGroup))


class JoinRequest(Schema):
    code = fields.String(required=True, validate=validate.Length(max=40, error=SENTENCES["invitation_unknown"]))


class PaymentRequest(Schema):
    """What a keeper says of a payment."""

    state = word(("due", "paid", "waived"), required=True)


class PaymentAnswer(Schema):
    """What is paid of a reservation; won."""

    reservation_id = fields.Integer(attribute="id")
    price_won = fields.Integer(allow_none=True)
    payment = fields.String(metadata={"description": "none, due, paid, waived"})


class KindRequest(Schema):
    kind = word(GROUP_KINDS, required=True)


class TrustRequest(Schema):
    """One of both."""

    group_id = figure(load_default=None, allow_none=True)
    code = fields.String(load_default="", validate=validate.Length(max=40, error=SENTENCES["invitation_unknown"]))


class GroupBrief(Schema):
    """A group as a space's keeper sees it."""

    id = fields.Integer()
    name = fields.String()
    kind = fields.String()
    kind_confirmed_at = fields.AwareDateTime(allow_none=True)


class TrustedAnswer(Schema):
    """The groups that need no approval, and others that have reserved here."""

    groups = fields.List(fields.Nested(GroupBrief))
    others = fields.List(fields.Nested(GroupBrief))


class LendableQuery(Schema):
    """When; without it nothing is said of what is left."""

    start = fields.AwareDateTime(load_default=None)
    end = fields.AwareDateTime(load_default=None)


class LendableOne(Schema):
    """Something that a unit lends; `free` pieces are left in the time asked for (all, where none was asked for)."""

    id = fields.Integer(attribute="equipment.id")
    name = fields.String(attribute="equipment.name")
    count = fields.Integer(attribute="equipment.count")
    fee_won = fields.Integer(attribute="equipment.fee_won")
    hourly = fields.Boolean(attribute="equipment.hourly")
    note = fields.String(attribute="equipment.note")
    free = fields.Integer()


class LendableAnswer(Schema):
    equipment = fields.List(fields.Nested(LendableOne))
