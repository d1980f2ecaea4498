"""Messages and what people tell of themselves: what comes in and what goes out."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from services.booking.models import Message
from services.booking.schemas.units import MAX_ID
from services.booking.wording.messages import word


class MeForm(Schema):
    """The page's form; what is wrong with the values is the use case's to say."""

    class Meta:
        unknown = EXCLUDE  # the token against forgery

    email = fields.String(load_default="")
    phone = fields.String(load_default="")
    language = fields.String(load_default="ko")
    district = fields.String(load_default="")
    channels = fields.List(fields.String(), load_default=list)


class MeRequest(MeForm):
    """The same as JSON: unknown fields are told."""

    class Meta:
        unknown = "raise"


class MeAnswer(Schema):
    """What booking knows of me."""

    email = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    language = fields.String(metadata={"description": "of e-mail and text messages: ko or en"})
    district = fields.String(allow_none=True, metadata={"description": "MOIS code of where I live"})
    channels = fields.List(fields.String(), metadata={"description": "email, sms: beside the inbox"})


class MessagesQuery(Schema):
    """Which page."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, MAX_ID))


class MessageAnswer(Schema):
    """A message in the reader's language; `path` is what it is about, below /booking or another `service`."""

    id = fields.Integer()
    kind = fields.String()
    created_at = fields.AwareDateTime()
    read_at = fields.AwareDateTime(allow_none=True)
    title = fields.Method("_title")
    text = fields.Method("_text")
    service = fields.Method("_service")
    path = fields.Method("_path")

    def _title(self, message: Message) -> Any:
        return word(message.kind, message.params).title

    def _text(self, message: Message) -> Any:
        return "\n".join(word(message.kind, message.params).lines)

    def _service(self, message: Message) -> Any:
        return word(message.kind, message.params).service

    def _path(self, message: Message) -> Any:
        return word(message.kind, message.params).path


class InboxAnswer(Schema):
    """One page of my messages, the newest first; `unread` counts those of all pages."""

    messages = fields.List(fields.Nested(MessageAnswer))
    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
    unread = fields.Integer()


class ReadAnswer(Schema):
    """How many were marked as read."""

    read = fields.Integer()
