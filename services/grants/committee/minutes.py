"""Closing a meeting: its minutes are written from what happened, and never change afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from services.grants import programmes
from services.grants.committee import earlier, finding, recusals
from services.grants.committee.earlier import Earlier
from services.grants.models import AUDIT, AgendaItem, Application, ApplicationStep, Call, Meeting, Seat, Vote
from services.grants.rules.definition import Definition
from services.grants.wording import minutes as words
from shared.audit import record
from shared.database import Database
from shared.districts import name_of
from shared.identity.actor import Actor
from shared.refusal import Refusal


def close(database: Database, actor: Actor, now: datetime, *, meeting_id: int) -> Meeting:
    """End a meeting; what was not reached is put off. Again gives the closed meeting.

    Raises Refusal: not_found, other_district, meeting_not_open, vote_running.
    """
    with database.write() as session:
        meeting, call = finding.locked_meeting(session, actor, meeting_id)
        if meeting.state == "closed":
            return meeting
        finding.check_open(meeting)
        rows = _agenda(session, meeting)
        if any(item.state == "voting" for item, _ in rows):
            raise Refusal("vote_running")
        for item, _ in rows:
            if item.state == "pending":
                item.state, item.reason = "deferred", words.NOT_REACHED
        meeting.closed_at = now
        rules = programmes.rules_of_call(session, call)
        seats = finding.seats(session, meeting.id)
        before = earlier.of_items(session, [item.id for item, _ in rows])
        text = written(meeting, call, rules, seats, rows, _votes(session, rows), before)
        meeting.minutes, meeting.minutes_hash, meeting.state = text, digest(text), "closed"
        record(session, AUDIT, actor, now, "meeting.closed", f"meeting:{meeting.id}", {"hash": meeting.minutes_hash})
        return meeting


def held_back(session: Session, actor: Actor, meeting: Meeting, now: datetime) -> bool:
    """Whether a reader has to wait for the minutes: they are kept from an item that this meeting decided and whose
    result was never announced, and the minutes tell it. They are one text with one hash, so that all of it waits. What
    was reconsidered since had been announced: only to that can one object."""
    reconsidered = exists().where(
        ApplicationStep.application_id == AgendaItem.application_id,
        ApplicationStep.event == "reconsider",
        ApplicationStep.at > AgendaItem.decided_at,
    )
    untold = session.scalars(
        select(AgendaItem)
        .join(Application, Application.id == AgendaItem.application_id)
        .where(
            AgendaItem.meeting_id == meeting.id,
            AgendaItem.state == "decided",
            Application.phase != "withdrawn",
            ~reconsidered,
            or_(Application.announced_at.is_(None), Application.announced_at > now),
        )
    ).all()
    return any(
        recusals.kept_from(session, actor.account_id, untold[at : at + recusals.BATCH], now)
        for at in range(0, len(untold), recusals.BATCH)
    )


def check_readable(session: Session, actor: Actor, meeting: Meeting, now: datetime) -> None:
    """Raises Refusal: not_found (nothing is written yet), minutes_held_back (403)."""
    if meeting.state != "closed":
        raise Refusal("not_found", 404)
    if held_back(session, actor, meeting, now):
        raise Refusal("minutes_held_back", 403)


def digest(text: str) -> str:
    """The SHA-256 of the minutes: shown under them and recorded."""
    return hashlib.sha256(text.encode()).hexdigest()


def written(
    meeting: Meeting,
    call: Call,
    rules: Definition,
    seats: Sequence[Seat],
    rows: Sequence[tuple[AgendaItem, Application]],
    votes: Mapping[int, Sequence[Vote]],
    before: Mapping[int, Sequence[Earlier]],
) -> str:
    """The minutes as text, one line each. `before`: item -> what was voted on before its last proposal."""
    return "\n".join((*_head(meeting, call, rules, seats), *_items(rows, votes, seats, before), ""))


def _head(meeting: Meeting, call: Call, rules: Definition, seats: Sequence[Seat]) -> Iterable[str]:
    present = [seat for seat in seats if seat.arrived_at is not None]
    absent = [seat for seat in seats if seat.arrived_at is None]
    where = name_of(call.district, "ko") if call.district else "서울특별시"
    yield f"{where} 보조금심의위원회 회의록"
    yield ""
    yield f"1. 회의명: {meeting.title}"
    yield f"2. 대상 공고: {call.title}"
    yield f"3. 일시: {words.moment(meeting.opened_at)} ~ {words.moment(meeting.closed_at)}"
    yield f"4. 장소: {meeting.place}"
    yield f"5. 재적위원 {len(seats)}명, 출석위원 {len(present)}명, 불참위원 {len(absent)}명"
    yield f"   - 출석: {_names(present)}"
    yield f"   - 불참: {_names(absent)}"
    for seat in present:
        if seat.left_at is not None:
            yield f"   - 중간에 나감: {seat.name} ({words.moment(seat.left_at)})"
    yield f"6. 의사정족수: {words.QUORUMS[rules.committee.quorum]} 출석(안건마다 회피·제척 위원을 빼고 셈)"
    yield ""
    yield "7. 안건과 의결"


def _items(
    rows: Sequence[tuple[AgendaItem, Application]],
    votes: Mapping[int, Sequence[Vote]],
    seats: Sequence[Seat],
    before: Mapping[int, Sequence[Earlier]],
) -> Iterable[str]:
    names = {seat.account_id: seat.name for seat in seats}
    for number, (item, application) in enumerate(rows, 1):
        yield ""
        yield f"제{number}호 {application.title} ({application.group_name}, 접수번호 {application.receipt})"
        yield f"   - 신청 금액: {words.won(application.requested_won)}"
        for vote in votes.get(item.id, ()):
            if vote.choice == "recused":
                yield f"   - {_recusal(vote, names)}"
        for each in before.get(item.id, ()):
            yield f"   - 의결되지 않은 제안: {_proposed(each)} ({words.moment(each.at)}에 제안을 바꿈)"
            not_voted = f", 표결하지 않음 {each.not_voted}" if each.not_voted else ""
            yield f"     표결: 찬성 {each.votes_for}, 반대 {each.votes_against}, 기권 {each.abstained}{not_voted}"
        yield from _decided(item) if item.state == "decided" else _deferred(item)


def _proposed(each: Earlier | AgendaItem) -> str:
    """What was proposed, with its amount and rank."""
    rank = f" {each.rank}번" if each.rank else ""
    return f"{words.OUTCOMES[each.proposal]}{rank}{f' {words.won(each.proposed_won)}' if each.proposed_won else ''}"


def _deferred(item: AgendaItem) -> Iterable[str]:
    if item.seats:
        yield f"   - 제안: {_proposed(item)}"
        yield f"   - 표결: 찬성 {item.votes_for}, 반대 {item.votes_against}, 기권 {item.abstained}"
    yield f"   - 의결: 보류 (사유: {item.reason})"


def _decided(item: AgendaItem) -> Iterable[str]:
    yield f"   - 의결 때 재적 {item.seats}명, 출석 {item.present}명, 회피·제척 {item.recused}명, 정족수 {item.quorum}명"
    yield f"   - 표결: 찬성 {item.votes_for}, 반대 {item.votes_against}, 기권 {item.abstained}"
    rank = f" {item.rank}번" if item.rank else ""
    yield f"   - 의결: {words.OUTCOMES[item.outcome]}{rank} ({words.moment(item.decided_at)})"
    if item.awarded_won:
        label = "선정할 때의 한도" if item.outcome == "reserve" else "선정 금액"
        yield f"   - {label}: {words.won(item.awarded_won)}"
    if item.conditions:
        yield f"   - 조건: {_one_line(item.conditions)}"
    if item.reason:
        yield f"   - 사유: {_one_line(item.reason)}"


def _recusal(vote: Vote, names: Mapping[int, str]) -> str:
    kind, said = recusals.kind_and_words(vote)
    return f"{names.get(vote.account_id, '위원')}: {words.RECUSED.get(kind, kind)}{f', {said}' if said else ''}"


def _names(seats: Sequence[Seat]) -> str:
    return ", ".join(f"{seat.name}(위원장)" if seat.chair else seat.name for seat in seats) or "없음"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _agenda(session: Session, meeting: Meeting) -> list[tuple[AgendaItem, Application]]:
    rows = session.execute(
        select(AgendaItem, Application)
        .join(Application, Application.id == AgendaItem.application_id)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(AgendaItem.position, AgendaItem.id)
    )
    return [(item, application) for item, application in rows]


def _votes(session: Session, rows: Sequence[tuple[AgendaItem, Application]]) -> dict[int, list[Vote]]:
    found: dict[int, list[Vote]] = {}
    meeting_ids = {item.meeting_id for item, _ in rows}
    for vote in session.scalars(
        select(Vote)
        .join(AgendaItem, AgendaItem.id == Vote.item_id)
        .where(AgendaItem.meeting_id.in_(meeting_ids))
        .order_by(Vote.account_id)
    ):
        found.setdefault(vote.item_id, []).append(vote)
    return found
