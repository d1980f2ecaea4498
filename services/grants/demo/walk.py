"""One application of the demonstration on its way after it was selected: how far it goes, when, and who acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from services.grants.demo import cast
from services.grants.demo.cast import Stage
from services.grants.models import Application, Call, GroupMember
from services.grants.policy import SEOUL
from shared.identity.actor import Actor, Role

ROAD = ("announced", "offered", "agreed", "paid", "spending", "interim", "second", "settling", "closed", "archived")
REACH = {"overdue": "settling", "returning": "settling", "terminated": "paid"}


@dataclass(frozen=True)
class Walk:
    """One application on its way. `at` counts days from the day of the agreement."""

    stage: Stage
    call: Call
    id: int
    goal: str
    begun: datetime

    def at(self, days: float) -> datetime:
        """So many days after the beginning; a part of a day is an hour of that office day, from 10 to 20."""
        whole = int(days)
        hour = 10 + round((days - whole) * 10)
        moment = (self.begun + timedelta(days=whole)).astimezone(SEOUL).replace(hour=hour, minute=0)
        return self.stage.past(moment)

    @property
    def staff(self) -> Actor:
        return cast.staff(self.stage, self.call.district)

    @property
    def leader(self) -> Actor:
        application = self.application()
        with self.stage.database.read() as session:
            found = session.scalar(
                select(GroupMember.account_id).where(
                    GroupMember.group_id == application.group_id, GroupMember.role == "leader"
                )
            )
        return Actor(account_id=found, name=application.representative, roles=frozenset({Role.RESIDENT}))

    def application(self) -> Application:
        with self.stage.database.read() as session:
            return session.get_one(Application, self.id)

    def reaches(self, step: str) -> bool:
        goal = REACH.get(self.goal, self.goal)
        return goal in ROAD and ROAD.index(goal) >= ROAD.index(step)
