"""The demonstration accounts: of every role, with a password that is printed at the start and shown at the sign-in.

No living person's name: they are called after what they do.
"""

from datetime import datetime

from sqlalchemy import select

from shared.database import Database
from shared.identity import accounts
from shared.identity.actor import SYSTEM, Role
from shared.identity.models import Account

PASSWORD = "maru-demo-2020"  # noqa: S105 - printed on purpose, and only ever set by `maru demo`
ACCOUNTS: tuple[tuple[str, str, tuple[Role, ...], str | None, tuple[int, ...]], ...] = (
    ("resident", "주민 가온", (Role.RESIDENT,), None, ()),
    ("neighbor", "주민 나래", (Role.RESIDENT,), None, ()),
    ("keeper", "활력소 지기 다솜", (Role.SPACE_KEEPER,), None, (1, 2)),
    ("dongjak", "동작구 마을센터", (Role.DISTRICT_STAFF,), "11590", ()),
    ("seongbuk", "성북구 마을센터", (Role.DISTRICT_STAFF,), "11290", ()),
    ("accounts", "동작구 마을센터 회계", (Role.DISTRICT_STAFF,), "11590", ()),
    ("reviewer", "심사위원 라온", (Role.REVIEWER,), None, ()),
    ("juror", "심사위원 마루", (Role.REVIEWER,), None, ()),
    ("chair", "위원장 바다", (Role.REVIEWER,), None, ()),
    ("city", "시 지역공동체담당관", (Role.CITY_STAFF,), None, ()),
    ("admin", "운영 관리자", (Role.ADMINISTRATOR,), None, ()),
)


RESIDENTS = [row for row in ACCOUNTS if Role.RESIDENT in row[2]]


def load(database: Database, now: datetime) -> None:
    """Make the accounts that are not there yet."""
    with database.read() as session:
        there = set(session.scalars(select(Account.login)))
    for login, name, roles, district, spaces in ACCOUNTS:
        if login not in there:
            accounts.create(
                database,
                SYSTEM,
                now,
                login=login,
                name=name,
                password=PASSWORD,
                roles=roles,
                district=district,
                spaces=spaces,
            )


def hints(database: Database) -> list[dict[str, str]]:
    """What the sign-in page shows of the demonstration: nothing where it was not loaded."""
    with database.read() as session:
        there = set(session.scalars(select(Account.login).where(Account.login.in_([row[0] for row in ACCOUNTS]))))
    if len(there) < len(ACCOUNTS):
        return []
    return [{"login": login, "name": name, "password": PASSWORD} for login, name, *_ in ACCOUNTS]
