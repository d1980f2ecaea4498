"""The ranking of a call: its applications by their review score, with the sums that show where the budget ends.

Scores are shown of what came through its reviews only; before that they are sealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import programmes
from services.grants.calls import FUNDED
from services.grants.models import Application, Call, Review
from services.grants.rules.definition import Definition
from services.grants.selection import announcement
from services.grants.selection.kept_back import Kept
from services.grants.wording import minutes

AFTER_REVIEW = ("decision", "rejected", *FUNDED)


@dataclass(frozen=True)
class Row:
    """An application in the ranking. `score_tenths`: the average of its last review stage, None where there was none;
    `won` is the award, or what would be proposed, `cumulative_won` with all above it; `proposal` is what the score and
    the budget suggest; `waiting` for the committee."""

    place: int
    application_id: int
    number: int | None
    title: str
    group_name: str
    strand: str
    district: str
    dong: str
    state: str
    phase: str
    requested_won: int
    awarded_won: int | None
    reserve_rank: int | None
    score_tenths: int | None
    proposed_won: int | None
    cumulative_won: int
    proposal: str
    reason: str
    waiting: bool

    @property
    def won(self) -> int:
        return self.awarded_won or self.proposed_won or 0


def rows(session: Session, call: Call, kept: Mapping[int, Kept] | None = None) -> list[Row]:
    """The whole ranking, the best first; what has no score stands last, in the order of filing. Those `kept` back from
    the reader look undecided. Four queries."""
    kept = kept or {}
    rules = programmes.rules_of_call(session, call)
    hidden = set(announcement.embargoed_states(session, call))
    found = session.execute(
        select(
            Application.id,
            Application.number,
            Application.title,
            Application.group_name,
            Application.strand,
            Application.district,
            Application.dong,
            Application.state,
            Application.phase,
            Application.requested_won,
            Application.awarded_won,
            Application.reserve_rank,
        ).where(Application.call_id == call.id, Application.phase.in_(AFTER_REVIEW))
    ).all()
    scores = scores_of(session, call, rules)
    ordered = sorted(found, key=lambda each: (-(scores.get(each.id, (-1, False))[0]), each.number or 0))
    cumulative, made = 0, []
    for place, each in enumerate(ordered, 1):
        score, passed = scores.get(each.id, (None, True))
        shown = kept[each.id].shown if each.id in kept else None
        state, phase = (shown.key, shown.phase) if shown else (each.state, each.phase)
        awarded_won = each.awarded_won if phase in FUNDED else None
        waiting = phase == "decision" and state not in hidden
        asked_won = min(each.requested_won, call.ceiling_won, rules.limits.project_won or call.ceiling_won)
        counts = phase in FUNDED or (phase == "decision" and passed)
        proposal = "reject"
        if counts:
            cumulative += awarded_won or asked_won
            proposal = "select" if cumulative <= call.budget_won else "reserve"
        made.append(
            Row(
                place=place,
                application_id=each.id,
                number=each.number,
                title=each.title,
                group_name=each.group_name,
                strand=each.strand,
                district=each.district,
                dong=each.dong,
                state=state,
                phase=phase,
                requested_won=each.requested_won,
                awarded_won=awarded_won,
                reserve_rank=None if shown else each.reserve_rank,
                score_tenths=score,
                proposed_won=asked_won if waiting and proposal != "reject" else None,
                cumulative_won=cumulative,
                proposal=proposal,
                reason=_suggested(proposal, score, asked_won < each.requested_won) if waiting else "",
                waiting=waiting,
            )
        )
    return made


def _suggested(proposal: str, score_tenths: int | None, less: bool) -> str:
    """The reason that goes with a suggested proposal; the committee may say it otherwise."""
    if proposal == "reject":
        return minutes.not_passed(score_tenths or 0)
    if proposal == "reserve":
        return minutes.BUDGET_ENDS
    return minutes.CEILING if less else ""


def scores_of(
    session: Session, call: Call, rules: Definition, application_id: int | None = None
) -> dict[int, tuple[int, bool]]:
    """Application -> the average of its last stage's last round (tenths of a point, half up), and whether it passes;
    of one only, where that is asked."""
    wanted = [Application.call_id == call.id, Application.phase.in_(AFTER_REVIEW), Review.state == "submitted"]
    if application_id is not None:
        wanted.append(Application.id == application_id)
    order = {stage.key: index for index, stage in enumerate(rules.stages)}
    latest: dict[int, tuple[tuple[int, int], str, int, int]] = {}
    for each, stage, round_, total, count in session.execute(
        select(Review.application_id, Review.stage, Review.round, func.sum(Review.total_tenths), func.count())
        .join(Application, Application.id == Review.application_id)
        .where(*wanted)
        .group_by(Review.application_id, Review.stage, Review.round)
    ):
        rank = (order.get(stage, -1), round_)
        if each not in latest or rank > latest[each][0]:
            latest[each] = (rank, stage, int(total or 0), int(count))
    found = {}
    for each, (_, key, total, count) in latest.items():
        average = (2 * total + count) // (2 * count)
        known = rules.stage(key)
        found[each] = (average, known is None or known.pass_tenths is None or average >= known.pass_tenths)
    return found


def part(ranking: Sequence[Row], offset: int, limit: int) -> Sequence[Row]:
    """A page of the ranking."""
    return ranking[offset : offset + limit]
