"""The JSON API of grants: parse, call, dump."""

from services.grants.api import applications, budget, calls, projects

APIS = (calls.blueprint, applications.blueprint, projects.blueprint, projects.districts, budget.blueprint)
