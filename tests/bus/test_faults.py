"""Processes die and connections break at any moment; the full dose is tests/bus/full_faults.py."""

from functools import partial

from shared.bus.dead_letters import dead_letters
from tests.bus.faults import SUBSCRIBERS, Faults, drop_connections
from tests.bus.town import Town


def test_nothing_is_lost_repeated_or_reordered_when_processes_are_killed(town: Town) -> None:
    interrupt = None if town.broker.startswith("memory:") else partial(drop_connections, town.prefix)
    figures = Faults(town, events=300, seed=3).run(kills=5, interrupt=interrupt, interruptions=1 if interrupt else 0)
    assert figures["settled"]
    for service in SUBSCRIBERS:
        seen = figures[service]
        assert isinstance(seen, dict)
        assert seen["events"] >= 300
        assert (seen["lost"], seen["twice"], seen["out_of_order"]) == (0, 0, 0)
        assert dead_letters(town.databases[service]) == []
