"""The demonstration: every service loads its own, and the bus carries it to the others."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module

from sqlalchemy import select

from deploy.bus import pump_all
from deploy.house import House
from shared.identity import demo as identity_demo
from shared.identity.models import Account


def load(house: House, now: datetime, tell: Callable[[str], None]) -> None:
    """Load whatever of the demonstration is not there yet; running it again changes nothing."""
    tell("accounts")
    identity_demo.load(house.database("identity"), now)
    with house.database("identity").read() as session:
        logins = [login for login, *_ in identity_demo.ACCOUNTS]
        accounts = session.scalars(select(Account).where(Account.login.in_(logins)).order_by(Account.id))
        people = {account.login: account.actor() for account in accounts}
    tell("spaces and their units")
    import_module("services.maps.demo").load(house.database("maps"), now)
    pump_all(house)
    tell("reservations")
    import_module("services.booking.demo").load(house.database("booking"), now, people)
    tell("calls, projects and the budget")
    import_module("services.grants.demo").load(house.database("grants"), now, people)
    pump_all(house)
