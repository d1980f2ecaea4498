"""Who may call what, for the tables of addresses and ways."""

from shared.identity.access import roles
from shared.identity.actor import Role

CITY = roles(Role.CITY_STAFF)
STAFF = roles(Role.DISTRICT_STAFF, Role.CITY_STAFF)
REVIEWERS = roles(Role.REVIEWER)
COMMITTEE = roles(Role.REVIEWER, Role.DISTRICT_STAFF, Role.CITY_STAFF)
