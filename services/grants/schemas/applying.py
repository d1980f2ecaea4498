"""Groups, drafts and applications as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.grants import group_members, groups
from shared.bus.catalogue import GROUP_KINDS
from shared.districts import BY_CODE

_ID = validate.Range(1, 2**31 - 1)


def _text(longest: int, **options: Any) -> fields.String:
    return fields.String(validate=validate.Length(max=longest), **options)


class KeyHeader(Schema):
    """The header that makes a repeated request harmless."""

    idempotency_key = fields.String(required=True, data_key="Idempotency-Key", validate=validate.Length(1, 64))


class GroupRequest(Schema):
    """What a group says of itself."""

    name = _text(80, required=True)
    district = fields.String(required=True, validate=validate.OneOf(tuple(BY_CODE)))
    kind = fields.String(load_default="residents", validate=validate.OneOf(GROUP_KINDS))
    dong = _text(40, load_default="")
    address = _text(200, load_default="")
    registration_number = _text(20, load_default="")
    founded_on = fields.Date(load_default=None, allow_none=True)
    about = _text(2000, load_default="")
    bank = _text(40, load_default="")
    bank_account = _text(40, load_default="")
    bank_holder = _text(80, load_default="")

    @post_load
    def _details(self, data: dict[str, Any], **kwargs: Any) -> groups.Details:
        return groups.Details(**data)


class MemberRequest(Schema):
    """Somebody of a group; with a birth year, which an application asks for, they are known again in other groups."""

    name = _text(80, required=True)
    birth_year = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1900, 2100))
    phone = _text(30, load_default="")
    address = _text(200, load_default="")

    @post_load
    def _details(self, data: dict[str, Any], **kwargs: Any) -> group_members.Details:
        return group_members.Details(**data)


class MemberAnswer(Schema):
    """Somebody of a group; `account_id` null: only named."""

    id = fields.Integer()
    account_id = fields.Integer(allow_none=True)
    name = fields.String()
    birth_year = fields.Integer(allow_none=True)
    phone = fields.String()
    address = fields.String()
    role = fields.String(metadata={"description": "leader or member"})


class PastProject(Schema):
    """A funded project of a group."""

    id = fields.Integer()
    title = fields.String()
    awarded_won = fields.Integer()
    decided_at = fields.AwareDateTime(format="iso")


class GroupLine(Schema):
    """A group of mine."""

    id = fields.Integer()
    name = fields.String()
    district = fields.String()
    kind = fields.String()
    role = fields.String(metadata={"description": "mine: leader or member"})


class GroupAnswer(Schema):
    """A group with its people. `invite_code` is for its leaders."""

    id = fields.Integer()
    name = fields.String()
    district = fields.String()
    kind = fields.String()
    dong = fields.String()
    address = fields.String()
    registration_number = fields.String()
    founded_on = fields.Date(allow_none=True)
    about = fields.String()
    bank = fields.String()
    bank_account = fields.String()
    bank_holder = fields.String()
    invite_code = fields.String(allow_none=True)
    members = fields.List(fields.Nested(MemberAnswer))
    projects = fields.List(fields.Nested(PastProject))


class JoinRequest(Schema):
    code = _text(40, required=True)


class FileRequest(Schema):
    """An application in one go. `answers` are by the keys of the programme's form: texts, whole won, rows of the budget
    {category, item, grant_won, self_won, note} and of the members {name, birth_year, phone, address}, a place
    {space_id, address, latitude, longitude}; `strand` and `district` where the call leaves them open."""

    group_id = fields.Integer(required=True, strict=True, validate=_ID)
    answers = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)


class DraftRequest(Schema):
    """For which group a draft is begun, and from which earlier application it is copied."""

    group_id = fields.Integer(required=True, strict=True, validate=_ID)
    copy_from = fields.Integer(load_default=None, allow_none=True, strict=True, validate=_ID)


class DraftPatch(Schema):
    """The fields that changed, and the revision that they were changed on."""

    revision = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31 - 1))
    answers = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)


class ConflictAnswer(Schema):
    """A field that somebody else changed since `revision`: nothing was overwritten."""

    field = fields.String()
    mine = fields.Raw(allow_none=True)
    theirs = fields.Raw(allow_none=True)


class DraftAnswer(Schema):
    """A draft as typed. `missing` are the codes of what keeps it from being filed, by field ("form": by none)."""

    id = fields.Integer()
    call_id = fields.Integer()
    group_id = fields.Integer()
    state = fields.String()
    revision = fields.Integer()
    saved_at = fields.AwareDateTime(format="iso", allow_none=True)
    answers = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True))
    missing = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    conflicts = fields.List(fields.Nested(ConflictAnswer))


class ApplicationAnswer(Schema):
    """An application of one's group, with its receipt and what was announced of the decision."""

    id = fields.Integer()
    call_id = fields.Integer()
    group_id = fields.Integer(allow_none=True)
    receipt = fields.String(allow_none=True, metadata={"description": "null: a draft"})
    filed_hash = fields.String(allow_none=True, metadata={"description": "SHA-256 of what was filed"})
    state = fields.String(metadata={"description": "a state of the programme's process, as the public may know it"})
    phase = fields.String()
    group_name = fields.String()
    title = fields.String()
    strand = fields.String()
    district = fields.String()
    requested_won = fields.Integer()
    self_contribution_won = fields.Integer()
    awarded_won = fields.Integer(allow_none=True)
    reason = fields.String()
    conditions = fields.String()
    submitted_at = fields.AwareDateTime(format="iso", allow_none=True)
    correct_by = fields.AwareDateTime(format="iso", allow_none=True)
    announced_at = fields.AwareDateTime(format="iso", allow_none=True)
