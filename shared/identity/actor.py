"""The actor: who does something, as every use case receives it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What an account may be; one account may have several."""

    RESIDENT = "resident"
    SPACE_KEEPER = "space_keeper"
    DISTRICT_STAFF = "district_staff"
    REVIEWER = "reviewer"
    CITY_STAFF = "city_staff"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Actor:
    """Somebody, or nobody yet (`account_id` None).

    `district` is the MOIS code that a district's staff is bound to; `spaces` are the ids of the spaces that a
    keeper runs.
    """

    account_id: int | None = None
    name: str = ""
    roles: frozenset[Role] = field(default_factory=frozenset)
    district: str | None = None
    spaces: tuple[int, ...] = ()

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None

    def has(self, *roles: Role) -> bool:
        """Whether one of the roles is the actor's; an administrator has every role but resident."""
        if Role.ADMINISTRATOR in self.roles and any(role is not Role.RESIDENT for role in roles):
            return True
        return not self.roles.isdisjoint(roles)

    def runs_district(self, district: str) -> bool:
        """Whether the actor works for this district: its own staff, city staff or an administrator (invariant 13)."""
        if self.has(Role.CITY_STAFF):
            return True
        return Role.DISTRICT_STAFF in self.roles and self.district == district


NOBODY = Actor()
SYSTEM = Actor(account_id=0, name="maru", roles=frozenset({Role.ADMINISTRATOR}))
"""The actor of imports, of the demonstration and of scheduled work."""
