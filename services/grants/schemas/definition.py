"""A programme's rules as JSON: the document that a version keeps. What does not fit is named field by field."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_dump, post_load, validate

from services.grants.models.applications import PHASES
from services.grants.refusals import SENTENCES
from services.grants.rules import definition
from services.grants.rules.definition import EFFECTS, FIELD_KINDS, QUORUMS, ROLES, Definition
from services.grants.rules.file_kinds import ANY, Kind

KEY = validate.Regexp(r"^[a-z][a-z0-9_]{0,39}\Z", error=SENTENCES["key_unclear"])
MOST_WON = 10**13
FILE_KINDS = tuple(kind.value for kind in Kind if kind in ANY)
"""The kinds that a field for files may be limited to."""


def _range(least: int, most: int) -> validate.Range:
    return validate.Range(least, most, error=SENTENCES["number_out_of_range"])


def _rows(least: int | None, most: int | None = None) -> validate.Length:
    return validate.Length(least, most, error=SENTENCES["rows_out_of_range"])


def _one_of(words: Iterable[str]) -> validate.OneOf:
    return validate.OneOf(tuple(words), error=SENTENCES["choice_unlisted"])


def _longest(most: int) -> validate.Length:
    return validate.Length(max=most, error=SENTENCES["text_too_long"])


def _writing(text: str) -> None:
    """Raises ValidationError for what is no writing: control characters, lone surrogates."""
    if any((c < " " and c not in "\r\n\t") or "\ud800" <= c <= "\udfff" for c in text):
        raise ValidationError(SENTENCES["text_unclear"])


def _plain_value(value: Any) -> None:
    """What a requirement compares with is nothing, a whole number, or keys. Raises ValidationError."""
    keys = value if isinstance(value, list | tuple) else ()
    if value is None or (type(value) is int and 0 <= value <= MOST_WON):
        return
    if not keys or len(keys) > 50 or not all(isinstance(each, str) for each in keys):
        raise ValidationError(SENTENCES["choice_unlisted"])
    for each in keys:
        KEY(each)


class Made(Schema):
    """A schema that loads into the dataclass `made`."""

    made: type

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.made(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})

    @post_dump
    def spare(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out what says nothing."""
        return {name: value for name, value in data.items() if value is not None}


def _won(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, allow_none=True, validate=_range(1, MOST_WON), **options)


def _percent(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, allow_none=True, validate=_range(0, 100), **options)


def _whole(least: int, most: int, **options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=_range(least, most), **options)


def _key(**options: Any) -> fields.String:
    return fields.String(required=True, validate=KEY, **options)


class WordsSchema(Made):
    made = definition.Words
    ko = fields.String(required=True, validate=[_longest(400), _writing])
    en = fields.String(validate=[_longest(400), _writing])


def _words(**options: Any) -> fields.Nested:
    return fields.Nested(WordsSchema, **options)


class ChoiceSchema(Made):
    made = definition.Choice
    key = _key()
    label = _words(required=True)


class FieldSchema(Made):
    made = definition.Field
    key = _key()
    kind = fields.String(required=True, validate=_one_of(FIELD_KINDS))
    label = _words(required=True)
    hint = _words()
    required = fields.Boolean()
    longest = fields.Integer(strict=True, allow_none=True, validate=_range(1, 20_000))
    least = fields.Integer(strict=True, allow_none=True, validate=_range(0, MOST_WON))
    most = fields.Integer(strict=True, allow_none=True, validate=_range(0, MOST_WON))
    choices = fields.List(fields.Nested(ChoiceSchema), validate=_rows(None, 50))
    file_kinds = fields.List(fields.String(validate=_one_of(FILE_KINDS)))


class FormSchema(Made):
    made = definition.Form
    version = _whole(1, 10_000, required=True)
    fields_ = fields.List(
        fields.Nested(FieldSchema),
        required=True,
        data_key="fields",
        attribute="fields",
        validate=_rows(1, 60),
    )


class RequirementSchema(Made):
    made = definition.Requirement
    rule = _key()
    value = fields.Raw(allow_none=True, validate=_plain_value)


class StateSchema(Made):
    made = definition.State
    key = _key()
    phase = fields.String(required=True, validate=_one_of(PHASES))
    label = _words(required=True)
    public = _words(required=True)
    tone = fields.String(validate=_one_of(("info", "success", "warning", "danger", "neutral")))
    stage = fields.String(allow_none=True, validate=KEY)
    embargo = fields.String(allow_none=True, validate=KEY)


class TransitionSchema(Made):
    made = definition.Transition
    event = _key()
    start = fields.List(fields.String(validate=KEY), required=True, validate=_rows(1))
    end = _key()
    role = fields.String(required=True, validate=_one_of(ROLES))
    label = _words(required=True)
    guards = fields.List(fields.String(validate=KEY))


class CriterionSchema(Made):
    made = definition.Criterion
    key = _key()
    label = _words(required=True)
    hint = _words()
    most = _whole(1, 100)
    weight = _whole(1, 20)


class StageSchema(Made):
    made = definition.Stage
    key = _key()
    label = _words(required=True)
    reviewers = _whole(1, 15, required=True)
    days = _whole(1, 120, required=True)
    rubric = fields.List(fields.Nested(CriterionSchema), required=True, validate=_rows(1, 20))
    pass_tenths = fields.Integer(strict=True, allow_none=True, validate=_range(0, 100_000))
    outlier_tenths = _whole(1, 100_000)


class CommitteeSchema(Made):
    made = definition.Committee
    seats = _whole(1, 50)
    quorum = fields.String(validate=_one_of(QUORUMS))


class LimitsSchema(Made):
    made = definition.Limits
    project_won = _won()
    group_won = _won()
    group_awards = fields.Integer(strict=True, allow_none=True, validate=_range(1, 100))
    dong_won = _won()
    district_won = _won()


class TrancheSchema(Made):
    made = definition.TranchePlan
    percent = _percent()
    amount_won = _won()
    gates = fields.List(fields.String(validate=KEY))


class CostItemSchema(Made):
    made = definition.CostItem
    key = _key()
    label = _words(required=True)
    ceiling_won = _won()
    ceiling_percent = _percent()


class CostCategorySchema(Made):
    made = definition.CostCategory
    key = _key()
    label = _words(required=True)
    items = fields.List(fields.Nested(CostItemSchema), required=True, validate=_rows(1, 40))
    ceiling_percent = _percent()


class SettlementSchema(Made):
    made = definition.SettlementRules
    categories = fields.List(fields.Nested(CostCategorySchema), required=True, validate=_rows(1, 30))
    self_percent = _whole(0, 100)
    reallocation_percent = _whole(0, 100)
    return_days = _whole(1, 365)
    late_tenths = _whole(0, 1_000)
    sanction_years = _whole(0, 10)
    cash_most_won = _whole(0, 10**9)
    report_days = _whole(1, 365)
    findings = fields.Dict(fields.String(validate=KEY), fields.String(validate=_one_of(EFFECTS)))


class StrandSchema(Made):
    made = definition.Strand
    key = _key()
    label = _words(required=True)
    required = fields.Boolean()


class DefinitionSchema(Made):
    made = definition.Definition
    label = _words(required=True)
    about = _words(required=True)
    strands = fields.List(fields.Nested(StrandSchema), required=True, validate=_rows(1, 30))
    form = fields.Nested(FormSchema, required=True)
    requirements = fields.List(fields.Nested(RequirementSchema), required=True, validate=_rows(None, 30))
    states = fields.List(fields.Nested(StateSchema), required=True, validate=_rows(1, 60))
    transitions = fields.List(fields.Nested(TransitionSchema), required=True, validate=_rows(1, 120))
    stages = fields.List(fields.Nested(StageSchema), required=True, validate=_rows(None, 10))
    committee = fields.Nested(CommitteeSchema, required=True)
    limits = fields.Nested(LimitsSchema, required=True)
    tranches = fields.List(fields.Nested(TrancheSchema), required=True, validate=_rows(1, 12))
    settlement = fields.Nested(SettlementSchema, required=True)
    objection_days = _whole(0, 90)
    correction_days = _whole(1, 60)


_SCHEMA = DefinitionSchema()


def load(document: Mapping[str, Any]) -> Definition:
    """The rules in a document. Raises marshmallow's ValidationError where it does not fit."""
    return _loaded(_canonical(document))


def dump(rules: Definition) -> dict[str, Any]:
    """The document of these rules."""
    return json.loads(_canonical(_SCHEMA.dump(rules)))


def digest(document: Mapping[str, Any]) -> str:
    """The SHA-256 of a document's canonical JSON."""
    return hashlib.sha256(_canonical(document).encode()).hexdigest()


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=256)
def _loaded(text: str) -> Definition:
    loaded: Definition = _SCHEMA.load(json.loads(text))
    return loaded
