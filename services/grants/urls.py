"""The addresses of grants: page, view, who may call it. What belongs to one district is checked in the use case."""

from services.grants.pages import applications, budget, calls, decisions, intermediaries, projects
from shared.identity.access import ANYONE, SIGNED_IN, roles
from shared.identity.actor import Role
from shared.web.pages import Page

CITY = roles(Role.CITY_STAFF)
STAFF = roles(Role.DISTRICT_STAFF, Role.CITY_STAFF)

PAGES = (
    Page("/", calls.index, ANYONE),
    Page("/calls/new", calls.new, STAFF),
    Page("/calls/new", calls.create, STAFF, methods=("POST",)),
    Page("/calls/<int:call_id>", calls.show, ANYONE),
    Page("/calls/<int:call_id>/edit", calls.edit, STAFF),
    Page("/calls/<int:call_id>/edit", calls.save, STAFF, methods=("POST",)),
    Page("/calls/<int:call_id>/publish", calls.publish, STAFF, methods=("POST",)),
    Page("/calls/<int:call_id>/apply", applications.form, SIGNED_IN),
    Page("/calls/<int:call_id>/apply", applications.submit, SIGNED_IN, methods=("POST",)),
    Page("/calls/<int:call_id>/applications", applications.of_call, STAFF),
    Page("/applications/<int:application_id>", applications.show, SIGNED_IN),
    Page("/applications/<int:application_id>/withdraw", applications.withdraw, SIGNED_IN, methods=("POST",)),
    Page("/applications/<int:application_id>/decide", decisions.form, STAFF),
    Page("/applications/<int:application_id>/decide", decisions.decide, STAFF, methods=("POST",)),
    Page("/mine", applications.mine, SIGNED_IN),
    Page("/projects", projects.index, ANYONE),
    Page("/projects.csv", projects.export, ANYONE),
    Page("/budget", budget.show, CITY),
    Page("/intermediaries", intermediaries.index, ANYONE),
    Page("/intermediaries/<district>/edit", intermediaries.edit, CITY),
    Page("/intermediaries/<district>/edit", intermediaries.save, CITY, methods=("POST",)),
)
