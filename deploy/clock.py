"""The clockwork as this house uses it: the tickers of the services, and how their tasks are."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from deploy.house import House, tasks
from shared import ticker
from shared.settings import SERVICES
from shared.ticker import Ticker


@contextmanager
def ticking(house: House, services: Iterable[str] = SERVICES) -> Iterator[None]:
    """The scheduled work of these services goes on meanwhile, in threads of this process."""
    with ExitStack() as stack:
        for service in services:
            if mine := tasks(service):
                stack.enter_context(Ticker(service, house.database(service), house.settings, mine))
        yield


def status(house: House) -> Iterator[str]:
    """One line per task."""
    for service in SERVICES:
        mine = tasks(service)
        known = {each.name: each for each in ticker.health(house.database(service))} if mine else {}
        for task in mine:
            seen = known.get(task.name)
            well = f"last well {seen.well_at:%Y-%m-%d %H:%M:%S} UTC" if seen and seen.well_at else "never went well"
            if seen is None:
                well = "has not run yet"
            failing = f"; failed {seen.failures} times since: {seen.reason}" if seen and seen.failures else ""
            yield f"{service:<8} {task.name:<20} {well}{failing}"
    if not any(tasks(service) for service in SERVICES):
        yield "no service has scheduled work"
