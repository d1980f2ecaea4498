"""The models and the migrations describe one database; the projection of spaces is rebuilt from its events."""

from sqlalchemy import select

from services.grants.models import Base, Space
from shared import migrations
from tests.grants.test_applications import tell_space


def test_the_migrations_make_what_the_models_say(database):
    assert migrations.check(database, "services.grants", Base.metadata) == []


def test_a_space_is_kept_as_it_was_last_told(database):
    tell_space(database, 7, name="처음 이름")
    tell_space(database, 7, name="새 이름", stage="retired")
    with database.read() as session:
        (space,) = session.scalars(select(Space)).all()
    assert (space.name, space.stage) == ("새 이름", "retired")
