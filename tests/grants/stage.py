"""Rows for tests that begin in the middle of the course: what others' use cases made before, written directly."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from services.grants import programmes
from services.grants.models import ApplicantGroup, Application, Call, GroupMember
from shared.database import Database

_numbers = count(1)


def group(
    database: Database,
    now: datetime,
    accounts: Sequence[int] = (1,),
    *,
    district: str = "11590",
    names: Sequence[str] = (),
    **columns: Any,
) -> int:
    """A group whose first account is its leader; `names` are members without an account. Its number."""
    unique = next(_numbers)
    with database.write() as session:
        values = {
            "name": f"느티나무 이웃회 {unique}",
            "name_key": f"느티나무이웃회{unique}",
            "district": district,
            "bank": "마을은행",
            "bank_account": f"100-200-{unique:06d}",
            "bank_holder": "느티나무",
            "invite_code": f"code-{unique}",
            "created_by": accounts[0] if accounts else 0,
            "created_at": now,
        }
        made = ApplicantGroup(**(values | columns))
        session.add(made)
        session.flush()
        for index, account_id in enumerate(accounts):
            session.add(
                GroupMember(
                    group_id=made.id,
                    account_id=account_id,
                    name=f"주민 {account_id}",
                    person_key=f"person-{account_id}",
                    role="leader" if index == 0 else "member",
                    joined_at=now,
                )
            )
        for name in names:
            session.add(GroupMember(group_id=made.id, name=name, person_key=f"person-{name}", joined_at=now))
        return made.id


def application(
    database: Database,
    call: Call,
    group_id: int,
    now: datetime,
    *,
    state: str = "submitted",
    account_id: int = 1,
    **columns: Any,
) -> int:
    """An application in any state of its programme's process, as if it had come there by its steps. Its number."""
    with database.write() as session:
        call = session.get_one(Call, call.id, with_for_update=True)
        version = programmes.version_of_call(session, call)
        phase = programmes.rules_of(version).state(state).phase
        number = next(_numbers)
        filed = state != "draft"
        call.filed = max(call.filed, number) if filed else call.filed
        values: dict[str, Any] = {
            "call_id": call.id,
            "version_id": version.id,
            "group_id": group_id,
            "district": call.district or "11590",
            "number": number if filed else None,
            "receipt": f"{now.year}-{call.id:04d}-{number:04d}" if filed else None,
            "account_id": account_id,
            "representative": f"주민 {account_id}",
            "group_name": session.get_one(ApplicantGroup, group_id).name,
            "members": 7,
            "title": "골목 화단 가꾸기",
            "strand": call.strands[0],
            "plan": "봄마다 꽃을 심습니다.",
            "requested_won": 2_000_000,
            "self_contribution_won": 0,
            "idempotency_key": f"stage-{number}",
            "filed_hash": "0" * 64 if filed else None,
            "state": state,
            "phase": phase,
            "state_since": now,
            "created_at": now - timedelta(hours=1),
            "submitted_at": now if filed else None,
        }
        if phase in ("selected", "running", "settling", "closed"):
            values |= {"awarded_won": 2_000_000, "decided_at": now, "announced_at": now}
        if phase == "rejected":
            values |= {"reason": "예산이 모자랐습니다.", "decided_at": now, "announced_at": now}
        made = Application(**(values | columns))
        session.add(made)
        session.flush()
        return made.id
