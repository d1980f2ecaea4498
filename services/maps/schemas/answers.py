"""What the API answers."""

from marshmallow import Schema, fields

from services.maps.search import is_reservable
from shared.bus.catalogue import Closures, Fee, Hours


class UnitAnswer(Schema):
    """A unit of a space. `hours`, `closures` and `fee` are structured where the source could be read with certainty."""

    unit_id = fields.Integer(attribute="id")
    name = fields.String()
    capacity = fields.Integer(allow_none=True)
    area_m2 = fields.String(allow_none=True)
    equipment = fields.List(fields.String())
    active = fields.Boolean()
    accessibility = fields.List(
        fields.String(), attribute="accessible_by", metadata={"description": "codes of what is certainly there"}
    )
    atoms = fields.List(fields.String())
    parts = fields.List(fields.Integer(), metadata={"description": "ids of the units it is made of"})
    whole = fields.Boolean(metadata={"description": "the whole building: made of every room"})
    hours = fields.Nested(Hours, allow_none=True)
    closures = fields.Nested(Closures)
    closure_text = fields.String(allow_none=True)
    fee = fields.Nested(Fee, allow_none=True)
    fee_text = fields.String(allow_none=True)


class SpaceAnswer(Schema):
    """A space with its units; coordinates in degrees WGS 84."""

    space_id = fields.Integer(attribute="id")
    name = fields.String()
    kind = fields.String()
    stage = fields.String()
    district = fields.String(metadata={"description": "MOIS code, 5 digits"})
    address = fields.String()
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)
    zone = fields.String()
    phone = fields.String(allow_none=True)
    homepage = fields.String(allow_none=True)
    reservable_units = fields.Function(
        lambda space: [unit.id for unit in space.units if is_reservable(space, unit)],
        metadata={"type": "array", "items": {"type": "integer"}, "description": "units that can be reserved online"},
    )
    units = fields.List(fields.Nested(UnitAnswer))


class EditedSpaceAnswer(Schema):
    """A space for its people; `seen` sent along with a change refuses it when somebody else changed it meanwhile."""

    space = fields.Nested(SpaceAnswer)
    seen = fields.String()


class SpacesAnswer(Schema):
    """One page of spaces."""

    total = fields.Integer()
    page = fields.Integer()
    pages = fields.Integer()
    spaces = fields.List(fields.Nested(SpaceAnswer))


class DistrictAnswer(Schema):
    """The figures of a district; the total row has no code. Amounts in won."""

    code = fields.String()
    mode = fields.String(allow_none=True, metadata={"description": "commissioned, direct, subsidised or none"})
    operator = fields.String(allow_none=True)
    year = fields.Integer(allow_none=True)
    funding_won = fields.Integer(attribute="funding")
    spaces = fields.Integer(metadata={"description": "without retired ones"})
    open_spaces = fields.Integer()
    by_stage = fields.Dict(keys=fields.String(), values=fields.Integer())
    reservations = fields.Integer(metadata={"description": "that begin this month, without cancelled ones"})
    projects = fields.Integer()
    awarded_won = fields.Integer()


class DistrictsAnswer(Schema):
    """The 25 districts and their sum."""

    districts = fields.List(fields.Nested(DistrictAnswer))
    total = fields.Nested(DistrictAnswer)


class SpaceStatus(Schema):
    """The live state of a space."""

    space_id = fields.Integer()
    state = fields.String(metadata={"description": "free, in_use or not_open"})
    upcoming = fields.Integer(metadata={"description": "reservations running now or beginning within seven days"})
    next_start = fields.AwareDateTime(allow_none=True)
    free_at = fields.AwareDateTime(allow_none=True)


class MapStatus(Schema):
    """The live state of all spaces; `version` is the ETag."""

    version = fields.String()
    spaces = fields.List(fields.Nested(SpaceStatus))
