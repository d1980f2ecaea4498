"""The JSON API of grants: parse, call, dump."""

from services.grants.api import (
    applications,
    budget,
    calls,
    expenses,
    files,
    groups,
    payments,
    programmes,
    projects,
    reviewing,
    selecting,
)

APIS = (
    calls.blueprint,
    applications.blueprint,
    programmes.blueprint,
    projects.blueprint,
    projects.districts,
    budget.blueprint,
    files.blueprint,
    groups.blueprint,
    payments.blueprint,
    reviewing.reviews,
    reviewing.intake,
    selecting.announced,
    selecting.blueprint,
    expenses.blueprint,
    expenses.projects,
)
