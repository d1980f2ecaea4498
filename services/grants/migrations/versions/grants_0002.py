"""Everything from call to settlement: programmes, groups, reviews, committee, agreements, tranches, expenses."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "grants_0002"
down_revision = "grants_0001"
branch_labels = None
depends_on = None

PHASES = "'draft', 'intake', 'review', 'decision', 'selected', 'rejected', 'running', 'settling', 'closed', 'withdrawn'"
CHECKS = {
    "ck_application_phase": f"phase IN ({PHASES})",
    "ck_application_amounts": "requested_won >= 0 AND self_contribution_won >= 0 AND members >= 0",
    "ck_application_number": "(phase = 'draft') = (number IS NULL) OR phase = 'withdrawn'",
    "ck_application_award": "awarded_won IS NULL OR (awarded_won > 0 AND awarded_won <= requested_won)",
    "ck_application_reason": "phase <> 'rejected' OR reason <> ''",
}
LIVE = sa.text("phase <> 'withdrawn' AND group_id IS NOT NULL")


def upgrade() -> None:
    _new_tables()
    _call()
    _application()
    op.add_column("budget_line", sa.Column("district", sa.String(5)))
    op.add_column("budget_line", sa.Column("call_id", sa.Integer()))
    op.add_column("posting", sa.Column("application_id", sa.Integer()))
    op.create_index("ix_posting_application_id", "posting", ["application_id"])
    op.add_column("project", sa.Column("group_id", sa.Integer()))
    op.create_index("ix_project_group_id", "project", ["group_id"])
    _keep_minutes()


def _keep_minutes() -> None:
    """Closed minutes never change: the database refuses it."""
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER meeting_no_{action.lower()} BEFORE {action} ON meeting "
                "WHEN OLD.minutes_hash IS NOT NULL "
                "BEGIN SELECT RAISE(ABORT, 'the minutes are closed'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_minutes_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the minutes are closed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER meeting_minutes_kept BEFORE UPDATE OR DELETE ON meeting "
        "FOR EACH ROW WHEN (OLD.minutes_hash IS NOT NULL) EXECUTE FUNCTION refuse_minutes_change()"
    )


def _call() -> None:
    with op.batch_alter_table("call") as table:
        table.add_column(sa.Column("version_id", sa.Integer()))
        table.add_column(sa.Column("announce_at", UtcDateTime()))
        table.add_column(sa.Column("announced_at", UtcDateTime()))
        table.add_column(sa.Column("line_id", sa.Integer()))
        table.add_column(sa.Column("filed", sa.Integer(), nullable=False, server_default="0"))
        table.create_foreign_key("fk_call_version_id", "programme_version", ["version_id"], ["id"])
        table.create_foreign_key("fk_call_line_id", "budget_line", ["line_id"], ["id"])


def _application() -> None:
    op.execute(
        "UPDATE call SET filed = coalesce((SELECT max(number) FROM application WHERE application.call_id = call.id), 0)"
    )
    op.drop_index("uq_application_live", "application")
    with op.batch_alter_table("application") as table:
        for name in ("award", "reason", "state", "amounts"):
            table.drop_constraint(f"ck_application_{name}", type_="check")
        table.add_column(sa.Column("version_id", sa.Integer()))
        table.add_column(sa.Column("group_id", sa.Integer()))
        table.add_column(sa.Column("dong", sa.String(40), nullable=False, server_default=""))
        table.add_column(sa.Column("typed", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("answers", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("field_revisions", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("saved_at", UtcDateTime()))
        table.add_column(sa.Column("saved_by", sa.Integer()))
        table.add_column(sa.Column("phase", sa.String(12), nullable=False, server_default="intake"))
        table.add_column(sa.Column("state_since", UtcDateTime()))
        table.add_column(sa.Column("created_at", UtcDateTime()))
        table.add_column(sa.Column("correct_by", UtcDateTime()))
        table.add_column(sa.Column("announced_at", UtcDateTime()))
        table.add_column(sa.Column("reserve_rank", sa.Integer()))
        table.add_column(sa.Column("conditions", sa.Text(), nullable=False, server_default=""))
        table.alter_column("number", existing_type=sa.Integer(), nullable=True)
        table.alter_column("receipt", existing_type=sa.String(40), nullable=True)
        table.alter_column("filed_hash", existing_type=sa.String(64), nullable=True)
        table.alter_column("submitted_at", existing_type=UtcDateTime(), nullable=True)
        table.alter_column("state", existing_type=sa.String(12), type_=sa.String(40), existing_nullable=False)
        table.create_foreign_key("fk_application_version_id", "programme_version", ["version_id"], ["id"])
        table.create_foreign_key("fk_application_group_id", "applicant_group", ["group_id"], ["id"])
        for name, rule in CHECKS.items():
            table.create_check_constraint(name, sa.text(rule))
    # What was decided before went out at once, and its state says what it meant.
    op.execute("UPDATE application SET phase = state WHERE state <> 'submitted'")
    op.execute("UPDATE application SET announced_at = decided_at, state_since = decided_at")
    op.execute("UPDATE application SET created_at = submitted_at")
    op.create_index(
        "uq_application_live",
        "application",
        ["call_id", "group_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index("ix_application_call_id_phase", "application", ["call_id", "phase"])
    op.create_index("ix_application_group_id", "application", ["group_id"])


def _new_tables() -> None:
    op.create_table(
        "applicant_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", sa.String(80), nullable=False),
        sa.Column("district", sa.String(5), nullable=False),
        sa.Column("dong", sa.String(40), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("registration_number", sa.String(20), nullable=False),
        sa.Column("founded_on", sa.Date()),
        sa.Column("about", sa.String(2000), nullable=False),
        sa.Column("bank", sa.String(40), nullable=False),
        sa.Column("bank_account", sa.String(40), nullable=False),
        sa.Column("bank_holder", sa.String(80), nullable=False),
        sa.Column("invite_code", sa.String(40), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("idempotency_key", sa.String(64)),
        sa.Column("changed_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_applicant_group"),
        sa.UniqueConstraint("created_by", "idempotency_key", name="uq_applicant_group_created_by_idempotency_key"),
        sa.UniqueConstraint("invite_code", name="uq_applicant_group_invite_code"),
    )
    op.create_index("ix_applicant_group_district", "applicant_group", ["district"])
    op.create_index("ix_applicant_group_name_key", "applicant_group", ["name_key"])

    op.create_table(
        "clockwork",
        sa.Column("task", sa.String(60), nullable=False),
        sa.Column("well_at", UtcDateTime()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.PrimaryKeyConstraint("task", name="pk_clockwork"),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("district", sa.String(5)),
        sa.Column("copied_from", sa.Integer()),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_programme"),
        sa.UniqueConstraint("key", name="uq_programme_key"),
    )
    op.create_index("ix_programme_district", "programme", ["district"])

    op.create_table(
        "reviewer",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("affiliation", sa.String(120), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("birth_year", sa.Integer()),
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("expertise", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_reviewer"),
    )
    op.create_index("ix_reviewer_person_key", "reviewer", ["person_key"])

    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(5)),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("chair", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("appointed_by", sa.Integer(), nullable=False),
        sa.Column("appointed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('reviewer', 'committee')", name="ck_appointment_kind"),
        sa.CheckConstraint("starts_on <= ends_on", name="ck_appointment_times"),
        sa.ForeignKeyConstraint(["account_id"], ["reviewer.account_id"], name="fk_appointment_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_appointment"),
    )
    op.create_index("ix_appointment_account_id", "appointment", ["account_id"])
    op.create_index("ix_appointment_district_kind", "appointment", ["district", "kind"])

    op.create_table(
        "group_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("birth_year", sa.Integer()),
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime()),
        sa.CheckConstraint("role IN ('leader', 'member')", name="ck_group_member_role"),
        sa.ForeignKeyConstraint(["group_id"], ["applicant_group.id"], name="fk_group_member_group_id"),
        sa.PrimaryKeyConstraint("id", name="pk_group_member"),
        sa.UniqueConstraint("group_id", "account_id", name="uq_group_member_group_id_account_id"),
    )
    op.create_index("ix_group_member_account_id", "group_member", ["account_id"])
    op.create_index("ix_group_member_group_id", "group_member", ["group_id"])
    op.create_index("ix_group_member_person_key", "group_member", ["person_key"])

    op.create_table(
        "programme_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("definition_hash", sa.String(64), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime()),
        sa.Column("released_at", UtcDateTime()),
        sa.Column("frozen_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name="fk_programme_version_programme_id"),
        sa.PrimaryKeyConstraint("id", name="pk_programme_version"),
        sa.UniqueConstraint("programme_id", "number", name="uq_programme_version_programme_id_number"),
    )
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(5)),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("opened_at", UtcDateTime()),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("minutes_hash", sa.String(64)),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.CheckConstraint("state IN ('planned', 'open', 'closed', 'cancelled')", name="ck_meeting_state"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_meeting_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting"),
        sa.UniqueConstraint("created_by", "idempotency_key", name="uq_meeting_created_by_idempotency_key"),
    )
    op.create_index("ix_meeting_call_id", "meeting", ["call_id"])

    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("proposal", sa.String(10), nullable=False),
        sa.Column("proposed_won", sa.BigInteger()),
        sa.Column("rank", sa.Integer()),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(10)),
        sa.Column("awarded_won", sa.BigInteger()),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("recused", sa.Integer(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("abstained", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcDateTime()),
        sa.CheckConstraint(
            "state <> 'decided' OR (quorum > 0 AND 2 * quorum >= seats AND present - recused >= quorum)",
            name="ck_agenda_item_quorum",
        ),
        sa.CheckConstraint(
            "state <> 'decided' OR (votes_for > votes_against AND "
            "votes_for + votes_against + abstained = present - recused)",
            name="ck_agenda_item_majority",
        ),
        sa.CheckConstraint("state IN ('pending', 'voting', 'decided', 'deferred')", name="ck_agenda_item_state"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_agenda_item_application_id"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_agenda_item_meeting_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agenda_item"),
        sa.UniqueConstraint("meeting_id", "application_id", name="uq_agenda_item_meeting_id_application_id"),
    )
    op.create_index("ix_agenda_item_application_id", "agenda_item", ["application_id"])

    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("amount_won", sa.BigInteger(), nullable=False),
        sa.Column("self_contribution_won", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("budget", sa.JSON(), nullable=False),
        sa.Column("prepared_by", sa.Integer(), nullable=False),
        sa.Column("prepared_at", UtcDateTime(), nullable=False),
        sa.Column("signed_at", UtcDateTime()),
        sa.Column("replaced_at", UtcDateTime()),
        sa.Column("settlement_reminders", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_won > 0 AND self_contribution_won >= 0", name="ck_agreement_amounts"),
        sa.CheckConstraint("starts_on <= ends_on", name="ck_agreement_times"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_agreement_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agreement"),
        sa.UniqueConstraint("application_id", "version", name="uq_agreement_application_id_version"),
    )
    op.create_index(
        "uq_agreement_current",
        "agreement",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )

    op.create_table(
        "application_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("from_state", sa.String(40), nullable=False),
        sa.Column("to_state", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_application_step_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_application_step"),
    )
    op.create_index("ix_application_step_application_id", "application_step", ["application_id"])

    op.create_table(
        "change_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_rule", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.CheckConstraint("kind IN ('content', 'period', 'budget', 'members')", name="ck_change_request_kind"),
        sa.CheckConstraint("state IN ('open', 'approved', 'refused', 'withdrawn')", name="ck_change_request_state"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_change_request_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_change_request"),
        sa.UniqueConstraint(
            "application_id", "idempotency_key", name="uq_change_request_application_id_idempotency_key"
        ),
    )
    op.create_index("ix_change_request_application_id", "change_request", ["application_id"])

    op.create_table(
        "expense",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("payee", sa.String(120), nullable=False),
        sa.Column("payee_key", sa.String(120), nullable=False),
        sa.Column("payee_number", sa.String(20), nullable=False),
        sa.Column("amount_won", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(5), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("purpose", sa.String(500), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("worst", sa.String(5), nullable=False),
        sa.Column("accepted_won", sa.BigInteger()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Integer(), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.CheckConstraint("worst IN ('clean', 'flag', 'block')", name="ck_expense_worst"),
        sa.CheckConstraint("source IN ('grant', 'self')", name="ck_expense_source"),
        sa.CheckConstraint("state IN ('filed', 'accepted', 'refused', 'withdrawn')", name="ck_expense_state"),
        sa.CheckConstraint(
            "accepted_won IS NULL OR (accepted_won >= 0 AND accepted_won <= amount_won)", name="ck_expense_accepted"
        ),
        sa.CheckConstraint("amount_won > 0", name="ck_expense_amount"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_expense_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_expense"),
        sa.UniqueConstraint("application_id", "idempotency_key", name="uq_expense_application_id_idempotency_key"),
    )
    op.create_index("ix_expense_application_id", "expense", ["application_id"])
    op.create_index("ix_expense_likeness", "expense", ["spent_on", "amount_won"])
    op.create_index("ix_expense_state_filed_at", "expense", ["state", "filed_at"])

    op.create_table(
        "filing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("filed_hash", sa.String(64), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("filed_by", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_filing_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_filing"),
        sa.UniqueConstraint("application_id", "idempotency_key", name="uq_filing_application_id_idempotency_key"),
        sa.UniqueConstraint("application_id", "number", name="uq_filing_application_id_number"),
    )
    op.create_table(
        "interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('declared', 'membership', 'address', 'joint_application')", name="ck_interest_kind"
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_interest_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_interest"),
        sa.UniqueConstraint("account_id", "application_id", "kind", name="uq_interest_account_id_application_id_kind"),
    )
    op.create_index("ix_interest_application_id", "interest", ["application_id"])

    op.create_table(
        "interim_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("result", sa.String(10), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Integer(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.CheckConstraint("result IN ('passed', 'improve', 'failed')", name="ck_interim_check_result"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_interim_check_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_interim_check"),
        sa.UniqueConstraint(
            "application_id", "idempotency_key", name="uq_interim_check_application_id_idempotency_key"
        ),
    )
    op.create_index("ix_interim_check_application_id", "interim_check", ["application_id"])

    op.create_table(
        "milestone",
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("amount_won", sa.BigInteger()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by", sa.Integer()),
        sa.Column("confirmed_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_milestone_application_id"),
        sa.PrimaryKeyConstraint("application_id", "key", name="pk_milestone"),
    )
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("filed_by", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime()),
        sa.Column("answered_by", sa.Integer()),
        sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name="ck_objection_state"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_objection_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_objection"),
        sa.UniqueConstraint("application_id", name="uq_objection_application_id"),
    )
    op.create_table(
        "return_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("amount_won", sa.BigInteger(), nullable=False),
        sa.Column("interest_won", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.Integer(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reminded_at", UtcDateTime()),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("settled_at", UtcDateTime()),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.CheckConstraint("kind IN ('voluntary_return', 'clawback')", name="ck_return_order_kind"),
        sa.CheckConstraint("state IN ('due', 'paid', 'cancelled')", name="ck_return_order_state"),
        sa.CheckConstraint(
            "amount_won > 0 AND interest_won >= 0 AND interest_won <= amount_won", name="ck_return_order_amount"
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_return_order_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_return_order"),
        sa.UniqueConstraint("application_id", "idempotency_key", name="uq_return_order_application_id_idempotency_key"),
    )
    op.create_index("ix_return_order_application_id", "return_order", ["application_id"])
    op.create_index("ix_return_order_state_due_on", "return_order", ["state", "due_on"])

    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("total_tenths", sa.Integer()),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("sealed_hash", sa.String(64)),
        sa.Column("submitted_at", UtcDateTime()),
        sa.Column("assigned_at", UtcDateTime(), nullable=False),
        sa.Column("assigned_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('recused', 'cancelled') OR (state = 'submitted') = (sealed_hash IS NOT NULL)",
            name="ck_review_sealed",
        ),
        sa.CheckConstraint("state IN ('assigned', 'submitted', 'recused', 'cancelled')", name="ck_review_state"),
        sa.ForeignKeyConstraint(["account_id"], ["reviewer.account_id"], name="fk_review_account_id"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_review_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.UniqueConstraint(
            "application_id", "stage", "round", "account_id", name="uq_review_application_id_stage_round_account_id"
        ),
    )
    op.create_index("ix_review_account_id_state", "review", ["account_id", "state"])

    op.create_table(
        "stage_date",
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_stage_date_application_id"),
        sa.PrimaryKeyConstraint("application_id", "stage", name="pk_stage_date"),
    )

    op.create_table(
        "sanction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer()),
        sa.Column("district", sa.String(5), nullable=False),
        sa.Column("person_keys", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("imposed_by", sa.Integer(), nullable=False),
        sa.Column("imposed_at", UtcDateTime(), nullable=False),
        sa.Column("lifted_by", sa.Integer()),
        sa.Column("lifted_at", UtcDateTime()),
        sa.Column("lift_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name="ck_sanction_times"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_sanction_application_id"),
        sa.ForeignKeyConstraint(["group_id"], ["applicant_group.id"], name="fk_sanction_group_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sanction"),
    )
    op.create_index("ix_sanction_district", "sanction", ["district"])
    op.create_index("ix_sanction_group_id", "sanction", ["group_id"])

    op.create_table(
        "seat",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("chair", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", UtcDateTime()),
        sa.Column("left_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_seat_meeting_id"),
        sa.PrimaryKeyConstraint("meeting_id", "account_id", name="pk_seat"),
    )
    op.create_index("ix_seat_account_id", "seat", ["account_id"])

    op.create_table(
        "settlement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("paid_won", sa.BigInteger(), nullable=False),
        sa.Column("spent_won", sa.BigInteger(), nullable=False),
        sa.Column("refused_won", sa.BigInteger(), nullable=False),
        sa.Column("unspent_won", sa.BigInteger(), nullable=False),
        sa.Column("interest_won", sa.BigInteger(), nullable=False),
        sa.Column("to_return_won", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("report_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("filed_by", sa.Integer(), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("final_won", sa.BigInteger()),
        sa.Column("finalized_by", sa.Integer()),
        sa.Column("finalized_at", UtcDateTime()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'finalized') = (final_won IS NOT NULL)", name="ck_settlement_final"),
        sa.CheckConstraint("state IN ('filed', 'sent_back', 'finalized')", name="ck_settlement_state"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_settlement_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_settlement"),
        sa.UniqueConstraint("application_id", name="uq_settlement_application_id"),
    )
    op.create_table(
        "tranche",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_won", sa.BigInteger(), nullable=False),
        sa.Column("gates", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("requested_by", sa.Integer()),
        sa.Column("requested_at", UtcDateTime()),
        sa.Column("prepared_by", sa.Integer()),
        sa.Column("prepared_at", UtcDateTime()),
        sa.Column("approved_by", sa.Integer()),
        sa.Column("approved_at", UtcDateTime()),
        sa.Column("paid_by", sa.Integer()),
        sa.Column("paid_at", UtcDateTime()),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="ck_tranche_paid"),
        sa.CheckConstraint(
            "state IN ('planned', 'requested', 'prepared', 'approved', 'paid', 'cancelled')", name="ck_tranche_state"
        ),
        sa.CheckConstraint("amount_won > 0", name="ck_tranche_amount"),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> prepared_by", name="ck_tranche_second_person"),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_tranche_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tranche"),
        sa.UniqueConstraint("application_id", "number", name="uq_tranche_application_id_number"),
    )
    op.create_table(
        "return_payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("amount_won", sa.BigInteger(), nullable=False),
        sa.Column("late_interest_won", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "amount_won >= 0 AND late_interest_won >= 0 AND amount_won + late_interest_won > 0",
            name="ck_return_payment_sum",
        ),
        sa.ForeignKeyConstraint(["order_id"], ["return_order.id"], name="fk_return_payment_order_id"),
        sa.PrimaryKeyConstraint("id", name="pk_return_payment"),
        sa.UniqueConstraint("order_id", "idempotency_key", name="uq_return_payment_order_id_idempotency_key"),
    )
    op.create_index("ix_return_payment_order_id", "return_payment", ["order_id"])

    op.create_table(
        "signature",
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(10), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("party IN ('group', 'district')", name="ck_signature_party"),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name="fk_signature_agreement_id"),
        sa.PrimaryKeyConstraint("agreement_id", "party", name="pk_signature"),
    )
    op.create_table(
        "vote",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("choice", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("cast_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("choice IN ('for', 'against', 'abstain', 'recused')", name="ck_vote_choice"),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name="fk_vote_item_id"),
        sa.PrimaryKeyConstraint("item_id", "account_id", name="pk_vote"),
    )
