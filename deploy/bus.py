"""The bus as this house uses it: who listens to what, the worker of a service, and what an operator asks of it."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
from sqlalchemy import func, select

from deploy.clock import ticking
from deploy.house import House, reactions
from shared.bus import dead_letters, rebuild
from shared.bus.pump import pump
from shared.bus.runner import BusThreads, Member, health, subscriptions
from shared.bus.tables import inbox, outbox
from shared.bus.transport import Transport, open_transport
from shared.settings import SERVICES, Settings

SETTLED_SECONDS = 60


def members(house: House) -> list[Member]:
    """The three services with their databases and handlers."""
    return [Member(name, house.database(name), reactions(name).handlers) for name in SERVICES]


def start_all(house: House) -> BusThreads:
    """Relays and consumers of all services as threads of this process."""
    everyone = members(house)
    threads = BusThreads(everyone, _transport(house.settings, everyone))
    threads.start()
    return threads


def pump_all(house: House) -> None:
    """Carry every event to its subscribers, and return when all have applied it, whichever process did the work.

    Raises TimeoutError when the workers of other processes don't keep up within a minute.
    """
    everyone = members(house)
    with _opened(house.settings, everyone) as transport:
        pump(everyone, transport)
    deadline = time.monotonic() + SETTLED_SECONDS
    while waiting := sum(_not_applied(source, listener) for source in everyone for listener in everyone):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{waiting} events are published but not applied; see `maru bus status`")
        time.sleep(0.05)


def _not_applied(source: Member, listener: Member) -> int:
    """How many events of `source` have not reached `listener`; what it set aside has."""
    with source.db.read() as session:
        told = session.scalar(select(func.count()).where(outbox.c.name.in_(listener.handlers)))
    with listener.db.read() as session:
        heard = session.scalar(select(func.count()).where(inbox.c.source == source.service))
    return max((told or 0) - (heard or 0), 0)


def work(house: House, service: str) -> None:
    """Run one service's relay, consumer and clockwork until SIGTERM or Ctrl-C. Needs a broker, not memory."""
    if house.settings.embedded:
        raise click.ClickException(
            "MARU_BROKER is memory://, which ends at this process; set MARU_BROKER=amqp://…, or use `maru standalone`."
        )
    everyone = members(house)
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    mine = [member for member in everyone if member.service == service]
    with BusThreads(mine, _transport(house.settings, everyone)), ticking(house, (service,)):
        click.echo(f"{service}: relay and consumer are running; Ctrl-C stops them.")
        stopping.wait()


def status(house: House) -> Iterator[str]:
    """One line per service."""
    for name in SERVICES:
        seen = health(house.database(name))
        yield f"{name:<8} {seen.unpublished} not yet published (oldest {seen.lag:.1f} s), {seen.dead} dead letters"


def dead(house: House, service: str) -> Iterator[str]:
    """One line per dead letter, or a line that there is none."""
    waiting = dead_letters.dead_letters(house.database(service))
    for letter in waiting:
        event = letter.event
        yield (
            f"{event.id}  {event.name} v{event.version}  {event.aggregate}#{event.sequence}"
            f"  {letter.attempts} attempts, last {letter.last_failed_at:%Y-%m-%d %H:%M:%S} UTC: {letter.reason}"
        )
    if not waiting:
        yield f"{service} has no dead letters"


def replay(house: House, service: str, event_id: str | None) -> Iterator[str]:
    """Apply dead letters again; one line each. Raises ClickException for an id that is not waiting."""
    try:
        results = dead_letters.replay(house.database(service), reactions(service).handlers, event_id)
    except LookupError as error:
        raise click.ClickException(f"{error}; `maru bus dead {service}` lists them.") from None
    for result in results:
        outcome = f"still fails: {result.reason}" if result.reason else "applied"
        if result.replaced:
            outcome = "left out: a later event of the same thing was applied meanwhile"
        yield f"{result.event.id}  {result.event.name}  {outcome}"
    if not results:
        yield f"{service} has no dead letters"


def rebuild_service(house: House, service: str) -> int:
    """Drop and rebuild a service's projections from its log; how many events were applied again."""
    mine = reactions(service)
    return rebuild.rebuild(house.database(service), mine.handlers, mine.projections)


def _transport(settings: Settings, everyone: list[Member]) -> Transport:
    return open_transport(settings.broker, subscriptions(everyone), settings.bus_prefix)


@contextmanager
def _opened(settings: Settings, everyone: list[Member]) -> Iterator[Transport]:
    transport = _transport(settings, everyone)
    try:
        yield transport
    finally:
        transport.close()
