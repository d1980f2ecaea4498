"""Everything in one process: the services behind one server; relay, consumers and clockwork in threads beside it."""

import signal
import time
from types import FrameType

import click
import waitress

from deploy.bus import start_all
from deploy.clock import ticking
from deploy.demo import load
from deploy.house import House
from deploy.port import reserve
from shared.clock import now
from shared.identity.demo import hints
from shared.web.pages import UPLOAD_BYTES

THREADS = 16
REQUEST_BYTES = 4 * UPLOAD_BYTES
"""The most that the server itself receives, on the disk: what is more than a form may bring the service refuses in its
own words, and only what is far more the server."""


def run(house: House, demo: bool) -> None:
    """Start, print where it listens, and serve until Ctrl-C or SIGTERM; then stop cleanly."""
    started = time.monotonic()
    settings = house.settings
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    listener = reserve(settings.host, settings.port)
    port = listener.getsockname()[1]
    click.echo(f"Maru keeps its data in {settings.data}")
    click.echo("[1/4] migrating the databases ...")
    house.migrate()
    click.echo("[2/4] starting the bus ...")
    bus = start_all(house)
    server = None
    try:
        if demo:
            click.echo("[3/4] loading the demonstration (only what is missing) ...")
            load(house, now(), lambda step: click.echo(f"      {step} ..."))
        else:
            click.echo("[3/4] no demonstration asked for")
        click.echo("[4/4] starting the services ...")
        server = waitress.create_server(
            house.wsgi(),
            sockets=[listener],
            threads=THREADS,
            ident="maru",
            clear_untrusted_proxy_headers=True,
            max_request_body_size=REQUEST_BYTES,
        )
        click.secho(
            f"\nMaru listens on http://{_shown(settings.host)}:{port} after {time.monotonic() - started:.1f} s."
            " Ctrl-C stops it.",
            bold=True,
        )
        _print_accounts(house)
        with ticking(house):
            server.run()
    finally:
        if server:
            server.close()
        bus.stop()
        house.close()
        click.echo("Maru has stopped; what was entered is kept.")


def _print_accounts(house: House) -> None:
    accounts = hints(house.database("identity"))
    if not accounts:
        return
    click.echo(f"\nDemonstration accounts (password {accounts[0]['password']}):")
    for account in accounts:
        click.echo(f"  {account['login']:<10} {account['name']}")
    if _shown(house.settings.host) != "localhost" or house.settings.host in ("0.0.0.0", "::"):  # noqa: S104
        click.secho("Whoever reaches this address can sign in with them; start with --no-demo elsewhere.", fg="yellow")
    click.echo("")


def _shown(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host  # noqa: S104 - compared, not bound


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
