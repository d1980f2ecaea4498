"""What every table of booking hangs on."""

from sqlalchemy.orm import DeclarativeBase

from shared.audit import audit_table
from shared.bus.tables import bus_tables
from shared.database import metadata


class Base(DeclarativeBase):
    metadata = metadata()


AUDIT = audit_table(Base.metadata)
bus_tables(Base.metadata)
