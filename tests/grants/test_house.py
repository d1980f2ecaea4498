"""The models and the migrations describe one database; the projection of spaces is rebuilt from its events."""

from sqlalchemy import select

from services.grants.events import HANDLERS, PROJECTIONS
from services.grants.models import Base, Space
from shared import migrations
from shared.bus.rebuild import rebuild
from tests.grants.test_applications import tell_space
from tests.maps.town import add_space


def test_the_migrations_make_what_the_models_say(database):
    assert migrations.check(database, "services.grants", Base.metadata) == []


def test_a_rebuild_gives_identical_rows(house, database):
    add_space(house.databases["maps"], "one")
    add_space(house.databases["maps"], "two", stage="workshop")
    house.pump()
    before = spaces(database)
    assert len(before) == 2
    with database.write() as session:
        session.execute(Space.__table__.update().values(name="?"))
        session.add(Space(id=99, name="없는 곳", district="11590", stage="open"))
    assert rebuild(database, HANDLERS, PROJECTIONS) == 2
    assert spaces(database) == before


def spaces(database):
    with database.read() as session:
        return [tuple(row) for row in session.execute(select(*Space.__table__.c).order_by(Space.id))]


def test_a_space_is_kept_as_it_was_last_told(database):
    tell_space(database, 7, name="처음 이름")
    tell_space(database, 7, name="새 이름", stage="retired")
    with database.read() as session:
        (space,) = session.scalars(select(Space)).all()
    assert (space.name, space.stage) == ("새 이름", "retired")
