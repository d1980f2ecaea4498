"""The rules of calls, applications and decisions, as checklists. Pure: no Flask, no database.

Each check yields (field, code); `refusals.SENTENCES` holds the sentence of each code. Sources: the call's own terms
(ceiling, period, strands) and the invariants of the design.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.grants.call_phases import Phase, call_phase
from services.grants.models import Call
from services.grants.rules.definition import Definition
from shared.districts import BY_CODE
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

SEOUL = ZoneInfo("Asia/Seoul")

TITLE, GROUP, TEXT, REASON, MEMBERS = 120, 80, 10_000, 1_000, 10_000
Problems = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class CallTerms:
    """What a call says. `district` None is the whole city; times are aware; None elsewhere is not filled in."""

    district: str | None
    programme: str
    title: str
    body: str
    strands: tuple[str, ...]
    opens_at: datetime | None
    closes_at: datetime | None
    results_on: date | None
    budget_won: int | None
    ceiling_won: int | None
    rolling: bool = False


def call_problems(terms: CallTerms, rules: Definition | None) -> Problems:
    """What is wrong with a call's terms; `rules` are those of its programme, None where there is no such programme."""
    if terms.district is not None and terms.district not in BY_CODE:
        yield "district", "district_unknown"
    yield from text_problems("title", terms.title, TITLE)
    yield from text_problems("body", terms.body, TEXT)
    if rules is None:
        yield "programme", "programme_unknown"
    elif not set(terms.strands) <= {strand.key for strand in rules.strands}:
        yield "strands", "strand_unknown"
    elif not {strand.key for strand in rules.strands if strand.required} <= set(terms.strands) or not terms.strands:
        yield "strands", "strand_required"
    for name in ("opens_at", "closes_at", "results_on"):
        if getattr(terms, name) is None:
            yield name, "date_missing"
    if terms.opens_at and terms.closes_at and terms.closes_at <= terms.opens_at:
        yield "closes_at", "closes_before_opening"
    if terms.closes_at and terms.results_on and terms.results_on < terms.closes_at.astimezone(SEOUL).date():
        yield "results_on", "results_before_close"
    yield from _positive("budget_won", terms.budget_won)
    yield from _positive("ceiling_won", terms.ceiling_won)
    if terms.budget_won and terms.ceiling_won and terms.ceiling_won > terms.budget_won:
        yield "ceiling_won", "ceiling_over_budget"
    most = rules.limits.project_won if rules else None
    if most and terms.ceiling_won and terms.ceiling_won > most:
        yield "ceiling_won", "ceiling_over_programme"


def call_figures(rules: Definition | None) -> dict[str, object]:
    """What the sentences of `call_problems` name: the params of their refusal."""
    most = rules.limits.project_won if rules else None
    return {"ceiling_over_programme_most": f"{most:,}"} if most else {}


def check_period(call: Call, now: datetime) -> None:
    """An application comes in [opens_at, closes_at): one at the closing second is late. Raises Refusal."""
    phase = call_phase(call, now)
    if phase is Phase.DRAFT:
        raise Refusal("not_found", 404)
    if phase is Phase.UPCOMING:
        raise Refusal("call_not_open_yet")
    if phase is Phase.CLOSED:
        raise Refusal("call_closed")


def reason_problems(reason: str, required: bool) -> Problems:
    """What is wrong with the reason of a decision, which its group reads."""
    if required and not reason.strip():
        yield "reason", "reason_missing"
    else:
        yield from text_problems("reason", reason, REASON, required=False)


def runs_call(actor: Actor, district: str | None) -> bool:
    """Whether the actor runs calls of this district; the city's own (None) are run by city staff."""
    return actor.has(Role.CITY_STAFF) if district is None else actor.runs_district(district)


def check_runs(actor: Actor, district: str | None) -> None:
    """Raises Refusal other_district (403) for anybody who does not run calls of this district (invariant 13)."""
    if not runs_call(actor, district):
        raise Refusal("other_district", 403)


def refuse_problems(problems: Problems, unread: Mapping[str, list[str]] | None = None, **params: object) -> None:
    """Raises Refusal invalid_input (422) when there are any. `unread` are fields whose text was no value at all."""
    fields: dict[str, list[str]] = {}
    for field, code in problems:
        fields.setdefault(field, []).append(code)
    fields.update(unread or {})
    if fields:
        raise Refusal("invalid_input", 422, fields=fields, **params)


def city_date(now: datetime) -> date:
    """The city's calendar day at `now`."""
    return now.astimezone(SEOUL).date()


def text_problems(field: str, value: str, longest: int, required: bool = True) -> Problems:
    """What is wrong with a text: missing, longer than `longest` characters, or holding what is no writing."""
    if required and not value.strip():
        yield field, "text_missing"
    elif len(value) > longest:
        yield field, "text_too_long"
    elif any((c < " " and c not in "\r\n\t") or "\ud800" <= c <= "\udfff" for c in value):
        yield field, "text_unclear"


def _positive(field: str, won: int | None) -> Problems:
    if won is None:
        yield field, "won_missing"
    elif won <= 0:
        yield field, "won_not_positive"
