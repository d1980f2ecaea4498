"""What may be asked of the list of spaces and of the choropleth."""

from typing import Any

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, post_load, pre_load, validate

from services.maps.district_figures import FIGURES
from services.maps.search import PER_PAGE, SpaceFilter
from shared.bus.catalogue import ACCESSIBILITY, KINDS
from shared.districts import BY_CODE

PAGE_LIMIT = 100_000
_DISTRICT = validate.OneOf(tuple(BY_CODE), error=lazy_gettext("그런 자치구가 없습니다. 목록에서 골라 주세요."))
_KIND = validate.OneOf(KINDS, error=lazy_gettext("그런 공간 종류가 없습니다. 목록에서 골라 주세요."))
_FIGURE = validate.OneOf(FIGURES, error=lazy_gettext("그런 지표가 없습니다. 목록에서 골라 주세요."))
_ACCESS = validate.OneOf(ACCESSIBILITY, error=lazy_gettext("그런 접근성 항목이 없습니다. 목록에서 골라 주세요."))
_TEXT = validate.Length(max=100, error=lazy_gettext("찾는 말은 100자까지 쓸 수 있습니다."))
_PAGE = validate.Range(1, PAGE_LIMIT, error=lazy_gettext("쪽 번호가 바르지 않습니다."))
_PER_PAGE = validate.Range(1, 200, error=lazy_gettext("한 쪽에 200곳까지 볼 수 있습니다."))


class Query(Schema):
    """A query string: unknown parameters are somebody else's, and empty ones mean nothing."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def without_blanks(self, data: Any, **kwargs: Any) -> dict[str, Any]:
        return {key: value for key, value in data.items() if not (isinstance(value, str) and not value.strip())}


class SpaceQuery(Query):
    """Narrows the list of spaces. Loads to {"wanted": SpaceFilter, "page", "per_page"}."""

    district = fields.String(validate=_DISTRICT, metadata={"description": "MOIS code, 5 digits"})
    kind = fields.String(validate=_KIND, metadata={"description": "community, everyones, hub or public_facility"})
    q = fields.String(validate=_TEXT, metadata={"description": "words in the name, the address or a unit's name"})
    open = fields.Boolean(load_default=False, metadata={"description": "only what can be reserved online"})
    access = fields.List(
        fields.String(validate=_ACCESS), load_default=list, metadata={"description": "what a unit must have: codes"}
    )
    page = fields.Integer(load_default=1, validate=_PAGE)
    per_page = fields.Integer(load_default=PER_PAGE, validate=_PER_PAGE)

    @post_load
    def as_filter(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        words = (data.get("district", ""), data.get("kind", ""), data.get("q", ""))
        wanted = SpaceFilter(*words, data["open"], tuple(data["access"]))
        return {"wanted": wanted, "page": data["page"], "per_page": data["per_page"]}


class FigureQuery(Query):
    """Which figure the choropleth shows."""

    figure = fields.String(load_default=FIGURES[0], validate=_FIGURE)
