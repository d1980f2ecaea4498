"""Closing a meeting: its minutes are written from what happened, and never change afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import programmes
from services.grants.committee import finding, recusals
from services.grants.models import AUDIT, AgendaItem, Application, Call, Meeting, Seat, Vote
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
        text = written(meeting, call, rules, seats, rows, _votes(session, rows))
        meeting.minutes, meeting.minutes_hash, meeting.state = text, digest(text), "closed"
        record(session, AUDIT, actor, now, "meeting.closed", f"meeting:{meeting.id}", {"hash": meeting.minutes_hash})
        return meeting


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
) -> str:
    """The minutes as text, one line each."""
    return "\n".join((*_head(meeting, call, rules, seats), *_items(rows, votes, seats), ""))


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
    rows: Sequence[tuple[AgendaItem, Application]], votes: Mapping[int, Sequence[Vote]], seats: Sequence[Seat]
) -> Iterable[str]:
    names = {seat.account_id: seat.name for seat in seats}
    for number, (item, application) in enumerate(rows, 1):
        yield ""
        yield f"제{number}호 {application.title} ({application.group_name}, 접수번호 {application.receipt})"
        yield f"   - 신청 금액: {words.won(application.requested_won)}"
        for vote in votes.get(item.id, ()):
            if vote.choice == "recused":
                yield f"   - {_recusal(vote, names)}"
        yield from _decided(item) if item.state == "decided" else (f"   - 의결: 보류 (사유: {item.reason})",)


def _decided(item: AgendaItem) -> Iterable[str]:
    yield f"   - 의결 때 재적 {item.seats}명, 출석 {item.present}명, 회피·제척 {item.recused}명, 정족수 {item.quorum}명"
    yield f"   - 표결: 찬성 {item.votes_for}, 반대 {item.votes_against}, 기권 {item.abstained}"
    rank = f" {item.rank}번" if item.rank else ""
    yield f"   - 의결: {words.OUTCOMES[item.outcome]}{rank} ({words.moment(item.decided_at)})"
    if item.awarded_won:
        yield f"   - 선정 금액: {words.won(item.awarded_won)}"
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
