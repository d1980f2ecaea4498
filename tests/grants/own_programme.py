"""A district's own programme, as a draft, for the tests of its pages."""

from datetime import timedelta

from services.grants import programmes
from services.grants.models import ProgrammeVersion
from services.grants.programmes import building
from services.grants.rules.definition import Words
from shared.database import Database
from tests.grants.conftest import DONGJAK, OPENS

BEFORE = OPENS - timedelta(days=2)


def copied(database: Database) -> ProgrammeVersion:
    """동작구's own copy of the 통합공모, a draft."""
    with database.read() as session:
        source = programmes.newest(session, "integrated_call").id
    name = Words("우리 <b>동네</b> 사업", "Our programme")
    return building.copy(database, DONGJAK, BEFORE, version_id=source, district="11590", name=name, key="own")


def path(version: ProgrammeVersion, rest: str = "") -> str:
    return f"/grants/programmes/{version.programme_id}/{version.number}{rest}"


def kept(database: Database, version: ProgrammeVersion) -> ProgrammeVersion:
    with database.read() as session:
        return session.get_one(ProgrammeVersion, version.id, options=[building.WHOLE])
