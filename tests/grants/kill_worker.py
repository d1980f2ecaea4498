"""A process that test_kill.py kills: python -m tests.grants.kill_worker DATABASE CALL

It files the call's drafts, announces its results and pays what is approved, as far as that is not done, and says a line
for each unit of work. It begins when it is told to (a line on its standard input): the kills fall into the work.
"""

from __future__ import annotations

import sys
import threading
import time
from datetime import timedelta

from sqlalchemy import select

from services.grants import applications, payments
from services.grants.models import Application, Call, Tranche
from services.grants.policy import city_date
from services.grants.selection import announcement
from shared.database import Database
from tests.grants.conftest import DURING, resident
from tests.grants.paying import DONGJAK, LATER

PART = 10


def main(url: str, call_id: int) -> None:
    database = Database(url)
    announcement.BATCH = PART  # several units of work, of which each may be the last
    with database.read() as session:
        drafts = session.scalars(
            select(Application).where(Application.call_id == call_id, Application.phase == "draft")
        )
        todo = [(each.id, each.account_id) for each in drafts.all()]
        hour = session.get_one(Call, call_id).announce_at
        approved = session.scalars(
            select(Tranche.id).join(Application).where(Tranche.state == "approved").order_by(Tranche.id)
        ).all()
    say("ready")
    sys.stdin.readline()
    teller = threading.Thread(target=announce, args=(database, call_id, hour))
    teller.start()  # beside the others, whose calls are locked by none of it
    for (application_id, account_id), tranche_id in zip(todo, [*approved, *[0] * len(todo)], strict=False):
        applications.submit(
            database, resident(account_id), DURING, application_id=application_id, key=f"submit-{application_id}"
        )
        say(f"submitted {application_id}")
        pay(database, tranche_id)
    for tranche_id in approved:
        pay(database, tranche_id)
    teller.join()
    say("done")


def announce(database: Database, call_id: int, hour: object) -> None:
    assert hour is not None
    announcement.announce(database, LATER + timedelta(days=1), call_id)
    say("announced")


def pay(database: Database, tranche_id: int) -> None:
    if tranche_id:
        payments.pay(
            database,
            DONGJAK,
            LATER,
            tranche_id=tranche_id,
            reference=f"이체 {tranche_id}",
            paid_on=city_date(LATER),
        )
        say(f"paid {tranche_id}")
        time.sleep(0.002)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
