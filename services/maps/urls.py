"""The pages of maps: address, view, who may call it."""

from services.maps.pages import districts, home, imports, space, space_stage, units
from shared.identity.access import ANYONE, roles
from shared.identity.actor import Role
from shared.web.pages import Page

CITY = roles(Role.CITY_STAFF)
STAFF = roles(Role.DISTRICT_STAFF, Role.CITY_STAFF)
KEEPERS = roles(Role.SPACE_KEEPER, Role.DISTRICT_STAFF, Role.CITY_STAFF)

PAGES = (
    Page("/", home.show, ANYONE),
    Page("/spaces/<int:space_id>", space.show, ANYONE),
    Page("/spaces/<int:space_id>/stage", space_stage.show, STAFF),
    Page("/spaces/<int:space_id>/stage", space_stage.save, STAFF, methods=("POST",)),
    Page("/spaces/<int:space_id>/facts", units.facts, KEEPERS),
    Page("/spaces/<int:space_id>/facts", units.save_facts, KEEPERS, methods=("POST",)),
    Page("/spaces/<int:space_id>/follow", units.follow, KEEPERS, methods=("POST",)),
    Page("/spaces/<int:space_id>/units", units.index, KEEPERS),
    Page("/spaces/<int:space_id>/units/new", units.new, KEEPERS),
    Page("/spaces/<int:space_id>/units/new", units.add, KEEPERS, methods=("POST",)),
    Page("/spaces/<int:space_id>/units/join", units.joining, KEEPERS),
    Page("/spaces/<int:space_id>/units/join", units.join, KEEPERS, methods=("POST",)),
    Page("/spaces/<int:space_id>/units/<int:unit_id>", units.one, KEEPERS),
    Page("/spaces/<int:space_id>/units/<int:unit_id>", units.save, KEEPERS, methods=("POST",)),
    Page("/spaces/<int:space_id>/units/<int:unit_id>/divide", units.division, KEEPERS),
    Page("/spaces/<int:space_id>/units/<int:unit_id>/divide", units.divide, KEEPERS, methods=("POST",)),
    Page("/spaces/<int:space_id>/units/<int:unit_id>/service", units.service, KEEPERS, methods=("POST",)),
    Page("/districts", districts.show, ANYONE),
    Page("/districts/<code>", districts.one, ANYONE),
    Page("/imports", imports.show, CITY),
    Page("/imports", imports.save, CITY, methods=("POST",)),
    Page("/imports/<int:run_id>", imports.report, CITY),
    Page("/imports/<int:run_id>/report.csv", imports.report_csv, CITY),
)
