"""What the public page of a call's results says, and from when on."""

from __future__ import annotations

from collections.abc import Callable

from services.grants.intake import checking
from services.grants.models import Application, Call
from services.grants.selection import results
from services.grants.selection.results import Results
from shared.database import Database
from tests.grants.conftest import AFTER, DONGJAK


def test_who_was_not_eligible_makes_no_announcement(
    database: Database, publish: Callable[..., Call], apply: Callable[..., Application]
) -> None:
    call = publish()
    refused = apply(call)
    checking.refuse(database, DONGJAK, AFTER, application_id=refused.id, reason="세 사람이 되지 않습니다.")
    with database.read() as session:
        assert results.of_call(session, session.get_one(Call, call.id), AFTER) == Results(None)
