"""Units as sets of others, accessibility, and which facts people edited here."""

import json

import sqlalchemy as sa
from alembic import op

revision = "maps_0002"
down_revision = "maps_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("space", "unit"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("accessibility", sa.JSON(), nullable=False, server_default="[]"))
            batch.add_column(sa.Column("edited", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("unit") as batch:
        batch.add_column(sa.Column("parts", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("whole", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Until now a unit that was not its own atom was the whole building.
    unit = sa.table("unit", sa.column("id", sa.BigInteger), sa.column("atoms", sa.Text), sa.column("whole", sa.Boolean))
    connection = op.get_bind()
    for unit_id, atoms in connection.execute(sa.select(unit.c.id, sa.cast(unit.c.atoms, sa.Text))).all():
        if f"unit:{unit_id}" not in json.loads(atoms):
            connection.execute(sa.update(unit).where(unit.c.id == unit_id).values(whole=True))
    for table in ("space", "unit"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("accessibility", server_default=None)
            batch.alter_column("edited", server_default=None)
    with op.batch_alter_table("unit") as batch:
        batch.alter_column("parts", server_default=None)
        batch.alter_column("whole", server_default=None)
