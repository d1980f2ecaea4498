"""An objection to each announced decision, rather than one for good; a photo's details, which tell slips apart.

Photos that are there already have none, and are known by the perceptual hash alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "grants_0004"
down_revision = "grants_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("objection") as table:
        table.drop_constraint("uq_objection_application_id", type_="unique")
    op.create_index("ix_objection_application_id", "objection", ["application_id"])
    op.add_column("attachment", sa.Column("detail_hash", sa.String(64)))
