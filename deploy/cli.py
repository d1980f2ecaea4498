"""The command line: `maru COMMAND`. Each failure that somebody can mend is one line, and the exit code is not 0."""

import sys
from pathlib import Path
from typing import Any

import click

from deploy.house import House
from shared import logs
from shared.bus.transport import BrokerUnavailableError
from shared.clock import now
from shared.database import DatabaseUnavailable
from shared.identity.actor import SYSTEM, Role
from shared.refusal import Refusal
from shared.settings import DATABASES, SERVICES, Settings, SettingsError

service_name = click.Choice(SERVICES)


class Failure(click.ClickException):
    """Something that somebody can mend; printed as one line."""

    def show(self, file: Any = None) -> None:
        for line in self.message.splitlines():
            click.secho(f"maru: {line}", file=file or sys.stderr, err=True, fg="red")


class Commands(click.Group):
    """Turns the errors that somebody can mend into one line each."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (SettingsError, DatabaseUnavailable, BrokerUnavailableError) as error:
            raise Failure(str(error)) from error
        except Refusal as error:
            raise Failure(_sentence(error)) from error
        except BrokenPipeError:
            raise  # click ends quietly: whoever reads has read enough, as `head` does
        except OSError as error:
            where = error.filename or "input/output"
            raise Failure(f"{where}: {error.strerror or error}; mend it and run again.") from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Maru: a city's community spaces and community grants."""
    settings = Settings.from_environment()
    logs.configure(settings.log_level, settings.log_format)
    house = House(settings)
    context.obj = house
    context.call_on_close(house.close)


@main.command()
@click.option("--demo/--no-demo", default=True, help="Load the demonstration into an empty house (the default).")
@click.pass_obj
def standalone(house: House, demo: bool) -> None:
    """Start everything in this one process: all services, relay and consumers, on the embedded default."""
    from deploy.standalone import run

    run(house, demo)


@main.command()
@click.argument("service", type=click.Choice([*SERVICES, "auth"]))
@click.pass_obj
def serve(house: House, service: str) -> None:
    """Serve one service with the production server (behind a gateway, beside `maru work`)."""
    from deploy.server import serve as run

    run(house.settings, service)


@main.command()
@click.argument("service", type=service_name)
@click.pass_obj
def work(house: House, service: str) -> None:
    """Run one service's relay, consumer and clockwork until stopped."""
    from deploy.bus import work as run

    run(house, service)


@main.command()
@click.argument("names", nargs=-1, type=click.Choice(DATABASES))
@click.pass_obj
def migrate(house: House, names: tuple[str, ...]) -> None:
    """Bring the databases (all, or the named ones) to their newest revision."""
    changed = house.migrate(names or DATABASES)
    for name in names or DATABASES:
        click.echo(f"{name}: {'migrated' if name in changed else 'up to date'}")


@main.command()
@click.pass_obj
def demo(house: House) -> None:
    """Load the demonstration; running it again changes nothing."""
    from deploy.demo import load

    house.migrate()
    load(house, now(), lambda step: click.echo(f"loading {step} ..."))


@main.group(name="import")
def import_group() -> None:
    """Bring real data in. Every row is imported, or listed with its line, field and reason."""


@import_group.command(name="spaces")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--report", type=click.Path(path_type=Path), help="Write what was refused or noted to this CSV file.")
@click.pass_obj
def import_spaces(house: House, file: Path, report: Path | None) -> None:
    """Import spaces from a file of the national standard data set 공공시설개방정보 (cp949 or UTF-8)."""
    from services.maps.imports import import_spaces as run

    data = _bytes_of(file)
    house.migrate(["maps"])
    result = run(house.database("maps"), SYSTEM, now(), file_name=file.name, data=data)
    for line in result.lines():
        click.echo(line)
    if report:
        report.write_bytes(result.csv())
        click.echo(f"report written to {report}")


@import_group.command(name="districts")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def import_districts(house: House, file: Path) -> None:
    """Import the districts' boundaries from GeoJSON or TopoJSON; names are joined, MOIS codes stored."""
    from services.maps.district_boundaries import import_districts as run

    data = _bytes_of(file)
    house.migrate(["maps"])
    result = run(house.database("maps"), SYSTEM, now(), file_name=file.name, data=data)
    for line in result.lines():
        click.echo(line)


@main.command()
@click.pass_obj
def clock(house: House) -> None:
    """Per scheduled task: when it last went well, or where it fails."""
    from deploy.clock import status

    for line in status(house):
        click.echo(line)


@main.group()
def bus() -> None:
    """Look at the bus, and deliver again what could not be applied."""


@bus.command(name="status")
@click.pass_obj
def bus_status(house: House) -> None:
    """Per service: events not yet published, events applied, dead letters."""
    from deploy.bus import status

    for line in status(house):
        click.echo(line)


@bus.command(name="dead")
@click.argument("service", type=service_name)
@click.pass_obj
def bus_dead(house: House, service: str) -> None:
    """List a service's dead letters with their reasons."""
    from deploy.bus import dead

    for line in dead(house, service):
        click.echo(line)


@bus.command(name="replay")
@click.argument("service", type=service_name)
@click.argument("event", required=False)
@click.pass_obj
def bus_replay(house: House, service: str, event: str | None) -> None:
    """Apply a service's dead letters again: one by its event id, or all."""
    from deploy.bus import replay

    for line in replay(house, service, event):
        click.echo(line)


@main.command()
@click.argument("service", type=service_name)
@click.pass_obj
def rebuild(house: House, service: str) -> None:
    """Drop a service's projections and build them again from the events it received."""
    from deploy.bus import rebuild_service as run

    click.echo(f"{service}: {run(house, service)} events applied again")


@main.command()
@click.argument("login")
@click.option("--name", required=True, help="What other people see.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.option("--district", help="MOIS code of the district that district staff works for, such as 11590.")
@click.password_option(help="At least ten characters; asked for when left out.")
@click.pass_obj
def account(house: House, login: str, name: str, roles: tuple[str, ...], district: str | None, password: str) -> None:
    """Make an account that signs in with a password."""
    from shared.identity import accounts

    house.migrate(["identity"])
    made = accounts.create(
        house.database("identity"),
        SYSTEM,
        now(),
        login=login,
        name=name,
        password=password,
        roles=[Role(role) for role in roles],
        district=district,
    )
    click.echo(f"account {made.account_id} ({login}) may sign in")


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise Failure(f"{file} does not exist; check the path.") from None
    except IsADirectoryError:
        raise Failure(f"{file} is a folder; name one file in it.") from None
    except PermissionError:
        raise Failure(f"{file} may not be read; give this user the right to read it.") from None


def _sentence(refusal: Refusal) -> str:
    """The English sentence of a refusal (the command line is the operators')."""
    from deploy.words import english

    return english(refusal)


if __name__ == "__main__":
    main()
