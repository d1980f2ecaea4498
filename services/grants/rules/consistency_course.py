"""Whether a programme's process leads from the draft to an end, past every guard that law and audits ask for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from services.grants.rules.consistency_problem import Problem
from services.grants.rules.definition import Definition, Transition

START = "draft"
ENDS = ("rejected", "closed", "withdrawn")
"""Phases in which an application may stay for good."""

EVENTS = {
    "submit": "intake",
    "select": "selected",
    "reject": "rejected",
    "agree": "running",
    "file_settlement": "settling",
    "finalize": "settling",
    "close": "closed",
}
"""The steps that every process has, because the program takes them, and the phase that each leads to."""
OPTIONAL_EVENTS = {"withdraw": "withdrawn", "correct": "intake", "request_correction": "intake", "archive": "closed"}
APPLICANTS = ("submit", "withdraw", "correct", "file_settlement")
"""The steps that applicants take; all others are the staff's or the clock's."""

GUARDED = {
    "submit": ("intake_open", "not_sanctioned"),
    "select": ("committee_decided", "no_overdue_return", "not_sanctioned"),
    "reserve": ("committee_decided",),
    "agree": ("agreement_signed",),
    "file_settlement": ("tranches_settled",),
    "finalize": ("settlement_filed", "expenses_decided"),
    "close": ("returns_paid",),
}
"""Guards without which a step would repeat what audits found."""


def course_problems(rules: Definition, guards: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the states and the rows between them."""
    yield from _states(rules)
    yield from _rows(rules, guards)
    yield from _guards(rules)
    yield from _reach(rules)


def _states(rules: Definition) -> Iterator[Problem]:
    seen: set[str] = set()
    stages = {each.key for each in rules.stages}
    used = set()
    by_key = {each.key: each for each in rules.states}
    told = {each.end for each in rules.transitions if each.event in ("select", "reserve")}
    for index, state in enumerate(rules.states):
        path = f"states.{index}"
        if state.key in seen:
            yield Problem(f"{path}.key", "key_repeated")
        seen.add(state.key)
        if (state.phase == "draft") != (state.key == START):
            yield Problem(f"{path}.phase", "draft_elsewhere")
        if state.stage is not None:
            if state.stage not in stages:
                yield Problem(f"{path}.stage", "stage_unknown")
            if state.stage in used:
                yield Problem(f"{path}.stage", "stage_twice")
            if state.phase != "review":
                yield Problem(f"{path}.phase", "stage_outside_review")
            used.add(state.stage)
        if state.embargo is not None:
            instead = by_key.get(state.embargo)
            if instead is None:
                yield Problem(f"{path}.embargo", "embargo_unknown")
            elif instead.embargo or instead.phase in ("selected", "rejected"):
                yield Problem(f"{path}.embargo", "embargo_tells")
        elif state.phase == "selected" or state.key in told:  # the announcement finds its applications by it
            yield Problem(f"{path}.embargo", "embargo_missing")
    if START not in by_key:
        yield Problem("states", "draft_missing")
    for index, stage in enumerate(rules.stages):
        if stage.key not in used:
            yield Problem(f"stages.{index}.key", "stage_unused")


def _rows(rules: Definition, guards: Collection[str]) -> Iterator[Problem]:
    phases = {each.key: each.phase for each in rules.states}
    taken: set[tuple[str, str]] = set()
    for index, row in enumerate(rules.transitions):
        path = f"transitions.{index}"
        if any(start not in phases for start in row.start):
            yield Problem(f"{path}.start", "state_unknown")
        if row.end not in phases:
            yield Problem(f"{path}.end", "state_unknown")
        elif {**EVENTS, **OPTIONAL_EVENTS}.get(row.event, phases[row.end]) != phases[row.end]:
            yield Problem(f"{path}.end", "event_leads_elsewhere")
        for start in row.start:
            if (row.event, start) in taken:
                yield Problem(f"{path}.start", "step_unclear")
            taken.add((row.event, start))
        if (row.role == "applicant") != (row.event in APPLICANTS):
            yield Problem(f"{path}.role", "role_unfit")
        if any(guard not in guards for guard in row.guards):
            yield Problem(f"{path}.guards", "guard_unknown")
    events = {row.event for row in rules.transitions}
    for event in EVENTS:
        if event not in events:
            yield Problem("transitions", f"no_{event}")
    if "withdraw" not in events:
        yield Problem("transitions", "no_withdraw", blocks=False)
    if not any(row.event == "submit" and START in row.start for row in rules.transitions):
        yield Problem("transitions", "submit_not_from_draft")


def _guards(rules: Definition) -> Iterator[Problem]:
    for index, row in enumerate(rules.transitions):
        for guard in sorted(needed_guards(rules, row)):
            if guard not in row.guards:
                yield Problem(f"transitions.{index}.guards", f"needs_{guard}")


def needed_guards(rules: Definition, row: Transition) -> set[str]:
    """The guards that a row must carry: by its event, and by what it leads past, whatever it is called."""
    states = {each.key: each for each in rules.states}
    needed = set(GUARDED.get(row.event, ()))
    end = states.get(row.end)
    starts = [states[key] for key in row.start if key in states]
    if end is None:
        return needed
    before = {state.phase for state in starts}
    if end.phase == "selected" and before - {"selected"}:
        needed |= {*GUARDED["select"]}
    if end.phase in ("running", "settling") and before - {"running", "settling", "selected"}:
        needed |= {*GUARDED["select"], "agreement_signed"}
    elif end.phase == "running" and "selected" in before:
        needed.add("agreement_signed")
    if end.phase == "closed" and before - {"closed"}:
        needed.add("returns_paid")
    if row.event == "advance" and "intake" in before:
        needed.add("intake_over")
    if row.event in ("advance", "reject") and any(state.stage for state in starts):
        needed.add("reviews_in")
    if row.event == "reject" and "decision" in before:
        needed.add("committee_decided")
    return needed


def _reach(rules: Definition) -> Iterator[Problem]:
    known = {each.key for each in rules.states}
    forward: dict[str, set[str]] = {key: set() for key in known}
    for row in rules.transitions:
        for start in row.start:
            if start in known and row.end in known:
                forward[start].add(row.end)
    backward: dict[str, set[str]] = {key: set() for key in known}
    for start, followers in forward.items():
        for end in followers:
            backward[end].add(start)
    ends = {each.key for each in rules.states if each.phase in ENDS}
    reached = _spread({START} & known, forward)
    leading = _spread(ends, backward)
    for index, state in enumerate(rules.states):
        if state.key not in reached and START in known:
            yield Problem(f"states.{index}.key", "state_unreachable")
        if state.key not in leading:
            yield Problem(f"states.{index}.key", "state_dead_end")


def _spread(found: set[str], ways: dict[str, set[str]]) -> set[str]:
    new = set(found)
    while new:
        new = {end for start in new for end in ways[start]} - found
        found = found | new
    return found
