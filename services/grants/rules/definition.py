"""What a programme is made of: form, eligibility, process, reviews, committee, limits, tranches, settlement. Pure.

A version of a programme is one document of these (`schemas.definition` reads and writes it). Nothing in the program
names a programme: what differs between them stands here as data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FIELD_KINDS = ("text", "long_text", "number", "won", "date", "choice", "files", "budget", "members", "place")
ROLES = ("applicant", "staff", "city", "system")
QUORUMS = ("more_than_half", "at_least_half", "at_least_two_thirds")
EFFECTS = ("block", "flag", "off")
KNOWN_FIELDS = {
    "title": "text",
    "plan": "long_text",
    "requested_won": "won",
    "self_contribution_won": "won",
    "budget": "budget",
    "members": "members",
    "place": "place",
    "dong": "text",
}
"""Fields that the program itself reads where a form has them; `title` and `requested_won` every form has, and who
applies to a programme with a ceiling for each dong is asked for the dong in any case."""


@dataclass(frozen=True)
class Words:
    """A text in Korean, and in English where somebody wrote it."""

    ko: str
    en: str = ""

    def in_language(self, language: str) -> str:
        return self.en if language == "en" and self.en else self.ko


@dataclass(frozen=True)
class Choice:
    key: str
    label: Words


@dataclass(frozen=True)
class Field:
    """A question of the form. `longest`: characters; `least` and `most`: of a number, an amount, members or files."""

    key: str
    kind: str
    label: Words
    hint: Words = field(default_factory=lambda: Words(""))
    required: bool = True
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    choices: tuple[Choice, ...] = ()
    file_kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """The questions in their order; `version` counts their changes."""

    version: int
    fields: tuple[Field, ...]

    def field(self, key: str) -> Field | None:
        return next((each for each in self.fields if each.key == key), None)


@dataclass(frozen=True)
class Requirement:
    """An eligibility rule (`rules.eligibility` names them) with its value."""

    rule: str
    value: Any = None


@dataclass(frozen=True)
class State:
    """A state of the process. `phase` says what it means to the program (`models.PHASES`); `label` is for the staff,
    `public` for everyone else. `stage`: the review stage that runs in it. `embargo`: until the announcement the public
    reads the words of the state named here instead."""

    key: str
    phase: str
    label: Words
    public: Words
    tone: str = "info"
    stage: str | None = None
    embargo: str | None = None


@dataclass(frozen=True)
class Transition:
    """A row of the process: `event` leads from one of `start` to `end`, for `role`, when all `guards` are green."""

    event: str
    start: tuple[str, ...]
    end: str
    role: str
    label: Words
    guards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Criterion:
    """A line of the rubric: up to `most` points, counted `weight` times."""

    key: str
    label: Words
    hint: Words = field(default_factory=lambda: Words(""))
    most: int = 10
    weight: int = 1


@dataclass(frozen=True)
class Stage:
    """A review stage: how many reviewers read each application, by which rubric, and which average (in tenths of a
    point) passes. Scores further than `outlier_tenths` from the others' middle are shown as outliers."""

    key: str
    label: Words
    reviewers: int
    days: int
    rubric: tuple[Criterion, ...]
    pass_tenths: int | None = None
    outlier_tenths: int = 200

    @property
    def most_tenths(self) -> int:
        """The best possible total, in tenths of a point."""
        return sum(each.most * each.weight for each in self.rubric) * 10


@dataclass(frozen=True)
class Committee:
    """How the subsidy committee decides: the quorum of its seats, at least `seats` of them."""

    seats: int = 3
    quorum: str = "more_than_half"


@dataclass(frozen=True)
class Limits:
    """Ceilings in won, None where there is none: of a project, of a group's awards in a year, of a dong's and of a
    district's in a call; and how many awards a group may have in a year."""

    project_won: int | None = None
    group_won: int | None = None
    group_awards: int | None = None
    dong_won: int | None = None
    district_won: int | None = None


@dataclass(frozen=True)
class TranchePlan:
    """A part of the award: a percentage, or an amount; the last one takes the rest. `gates` are guards' keys."""

    percent: int | None = None
    amount_won: int | None = None
    gates: tuple[str, ...] = ()


@dataclass(frozen=True)
class CostItem:
    """A 보조세목: `ceiling_won` for what is bought of it on one day from one payee, `ceiling_percent` of the agreed
    grant for all of it."""

    key: str
    label: Words
    ceiling_won: int | None = None
    ceiling_percent: int | None = None


@dataclass(frozen=True)
class CostCategory:
    """A 보조비목 with its items; `ceiling_percent` of the agreed grant, None where there is no ceiling."""

    key: str
    label: Words
    items: tuple[CostItem, ...]
    ceiling_percent: int | None = None


@dataclass(frozen=True)
class SettlementRules:
    """How what was paid is accounted for.

    `self_percent`: the least self-contribution in per cent of the request. `reallocation_percent`: up to this part of
    a category may move to another without approval. `return_days`: days to return what is due. `late_tenths`: interest
    on a late return in tenths of a per cent a year. `sanction_years`: exclusion after a clawback. `cash_most_won`: the
    largest expense in cash. `findings`: code of a finding (`rules.findings`) -> what it does: block, flag or off;
    what is not named here does what the finding does by itself.
    """

    categories: tuple[CostCategory, ...]
    self_percent: int = 0
    reallocation_percent: int = 20
    return_days: int = 30
    late_tenths: int = 50
    sanction_years: int = 3
    cash_most_won: int = 50_000
    report_days: int = 30
    findings: dict[str, str] = field(default_factory=dict)

    def item(self, category: str, item: str) -> CostItem | None:
        found = next((each for each in self.categories if each.key == category), None)
        return next((each for each in found.items if each.key == item), None) if found else None


@dataclass(frozen=True)
class Strand:
    """A strand (분야) of the programme; `required` ones are part of every call."""

    key: str
    label: Words
    required: bool = False


@dataclass(frozen=True)
class Definition:
    """All rules of one version of a programme."""

    label: Words
    about: Words
    strands: tuple[Strand, ...]
    form: Form
    requirements: tuple[Requirement, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    stages: tuple[Stage, ...]
    committee: Committee
    limits: Limits
    tranches: tuple[TranchePlan, ...]
    settlement: SettlementRules
    objection_days: int = 10
    correction_days: int = 5

    def state(self, key: str) -> State:
        """Raises KeyError for a state that the process does not have."""
        for state in self.states:
            if state.key == key:
                return state
        raise KeyError(key)

    def transition(self, event: str, state: str) -> Transition | None:
        """The row that leads on from `state` by `event`; None where there is none."""
        return next((each for each in self.transitions if each.event == event and state in each.start), None)

    def stage(self, key: str) -> Stage | None:
        return next((each for each in self.stages if each.key == key), None)

    def strand(self, key: str) -> Strand | None:
        return next((each for each in self.strands if each.key == key), None)
