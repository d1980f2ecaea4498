"""The pages of maps: address, view, who may call it."""

from services.maps.pages import districts, home, imports, space, space_stage
from shared.identity.access import ANYONE, roles
from shared.identity.actor import Role
from shared.web.pages import Page

CITY = roles(Role.CITY_STAFF)
STAFF = roles(Role.DISTRICT_STAFF, Role.CITY_STAFF)

PAGES = (
    Page("/", home.show, ANYONE),
    Page("/spaces/<int:space_id>", space.show, ANYONE),
    Page("/spaces/<int:space_id>/stage", space_stage.show, STAFF),
    Page("/spaces/<int:space_id>/stage", space_stage.save, STAFF, methods=("POST",)),
    Page("/districts", districts.show, ANYONE),
    Page("/districts/<code>", districts.one, ANYONE),
    Page("/imports", imports.show, CITY),
    Page("/imports", imports.save, CITY, methods=("POST",)),
    Page("/imports/<int:run_id>", imports.report, CITY),
    Page("/imports/<int:run_id>/report.csv", imports.report_csv, CITY),
)
