"""What every table of grants hangs on."""

from sqlalchemy.orm import DeclarativeBase

from shared.audit import audit_table
from shared.bus.tables import bus_tables
from shared.database import metadata
from shared.ticker import clockwork_table


class Base(DeclarativeBase):
    metadata = metadata()


KEY_LENGTH = 64
AUDIT = audit_table(Base.metadata)
bus_tables(Base.metadata)
clockwork_table(Base.metadata)
