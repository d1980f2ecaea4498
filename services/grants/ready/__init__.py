"""The ready-made programmes, as data: what a city starts with, copies and changes in the browser."""

from collections.abc import Callable

from services.grants.ready import district_plan, dong_plan, integrated_call, public_benefit, space_funding
from services.grants.rules.definition import Definition

READY: dict[str, Callable[[], Definition]] = {
    "integrated_call": integrated_call.definition,
    "public_benefit": public_benefit.definition,
    "dong_plan": dong_plan.definition,
    "district_plan": district_plan.definition,
    "space_funding": space_funding.definition,
}
"""A programme's key -> its rules."""
