"""Attached files: what the API tells of one."""

from marshmallow import Schema, fields


class FileSchema(Schema):
    """A file without its content."""

    id = fields.Integer()
    name = fields.String()
    content_type = fields.String(metadata={"description": "what its content is, whatever its name said"})
    size = fields.Integer(metadata={"description": "bytes"})
    sha256 = fields.String()
    subject_kind = fields.String(metadata={"description": "what it belongs to: application, expense, agreement …"})
    subject_id = fields.Integer()
    field = fields.String()
    year = fields.Integer()
    uploaded_at = fields.DateTime()
