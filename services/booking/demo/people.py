"""The demonstration's people and groups: where they live, what they belong to, whom the spaces trust."""

from __future__ import annotations

from random import Random

from services.booking import group_standing, groups, people
from services.booking.demo.stage import Stage, Story, neighbour
from shared.districts import DISTRICTS
from shared.identity.actor import Actor

DONGJAK, GWANAK = "11590", "11620"
NEIGHBOURS = 60
READERS, CHOIR, DIGITAL, COUNCIL = "느린 독서회", "골목 합창단", "디지털 이웃", "주민자치회 문화분과"


def who_they_are(stage: Stage) -> Story:
    """Everybody tells where they live: fees and turns go by it."""
    yield stage.ago(89)
    chance = Random("maru people")  # noqa: S311 - a demonstration, not a secret
    homes = {"resident": DONGJAK, "neighbor": GWANAK}
    for login, district in homes.items():
        people.tell_about_me(stage.database, stage.people[login], stage.moment, district=district)
    for number in range(1, NEIGHBOURS + 1):
        district = DONGJAK if number % 3 == 0 else chance.choice(DISTRICTS).code
        people.tell_about_me(stage.database, neighbour(number), stage.moment, district=district)


def registered_groups(stage: Stage) -> Story:
    """Four groups: one of `resident`, one of `neighbor` that is trusted, one whose kind still waits for its centre."""
    resident, other = stage.people["resident"], stage.people["neighbor"]
    yield stage.ago(84)
    _make(stage, READERS, "residents", resident, other, neighbour(3), neighbour(6))
    choir = _make(stage, CHOIR, "supported", other, resident, neighbour(9), neighbour(12), neighbour(15))
    council = _make(stage, COUNCIL, "council", neighbour(18), neighbour(21))
    yield stage.ago(80)
    centre = stage.people["dongjak"]
    for group, kind in ((choir, "supported"), (council, "council")):
        group_standing.confirm_kind(stage.database, centre, stage.moment, group, kind)
    yield stage.ago(76)
    code = groups.read(stage.database, other, choir).group.invite_code
    keeper = stage.people["keeper"]
    group_standing.trust(stage.database, keeper, stage.moment, keeper.spaces[1], code=code)
    yield stage.ago(4)
    _make(stage, DIGITAL, "nonprofit", neighbour(24), neighbour(27), neighbour(30))


def _make(stage: Stage, name: str, kind: str, leader: Actor, *members: Actor) -> int:
    group = groups.make(stage.database, leader, stage.moment, name, kind, DONGJAK)
    code, group_id = group.invite_code, group.id
    for member in members:
        groups.join(stage.database, member, stage.moment, code)
    stage.groups[name] = group_id
    return group_id
