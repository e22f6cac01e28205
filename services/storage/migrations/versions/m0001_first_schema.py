"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expands the schema."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accounts_public_id")),
    )
    op.create_table(
        "assets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("capability", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("width", sa.Integer(), server_default="0", nullable=False),
        sa.Column("height", sa.Integer(), server_default="0", nullable=False),
        sa.Column("duration", sa.Double(), server_default="0", nullable=False),
        sa.Column("metadata", sa.Text(), server_default="{}", nullable=False),
        sa.Column("drama_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'live')", name=op.f("ck_assets_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
        sa.UniqueConstraint("capability", name=op.f("uq_assets_capability")),
        sa.UniqueConstraint("object_key", name=op.f("uq_assets_object_key")),
    )
    op.create_index("ix_assets_account_created", "assets", ["account_id", "created_at", "id"], unique=False)
    op.create_index("ix_assets_account_drama", "assets", ["account_id", "drama_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_assets_pending", "assets", ["created_at"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_table(
        "copies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("target_key", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copies")),
    )
    op.create_table(
        "data_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("master_version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_keys")),
    )
    op.create_table(
        "dramas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("premise", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("media_revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("export_due", sa.Boolean(), server_default="true", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dramas")),
        sa.UniqueConstraint("account_id", "public_id", name=op.f("uq_dramas_account_id_public_id")),
    )
    op.create_index("ix_dramas_account_updated", "dramas", ["account_id", "updated_at", "id"], unique=False)
    op.create_index("ix_dramas_export_due", "dramas", ["updated_at"], unique=False, postgresql_where="export_due")
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("run_public_id", sa.Text(), nullable=False),
        sa.Column("drama_id", sa.Text(), server_default="", nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_created", "events", ["created_at"], unique=False)
    op.create_index("ix_events_drama", "events", ["account_id", "drama_id", "pos"], unique=False)
    op.create_index("ix_events_run", "events", ["run_id", "pos"], unique=False)
    op.create_index("ix_events_unplaced", "events", ["id"], unique=False, postgresql_where=sa.text("pos IS NULL"))
    op.create_index(
        "ix_events_unpublished",
        "events",
        ["pos"],
        unique=False,
        postgresql_where=sa.text("pos IS NOT NULL AND NOT published"),
    )
    op.create_index("uq_events_pos", "events", ["pos"], unique=True, postgresql_where=sa.text("pos IS NOT NULL"))
    op.create_table(
        "friendly_keys",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("drama_id", sa.Text(), nullable=False),
        sa.Column("target_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "drama_id", "target_key", name=op.f("pk_friendly_keys")),
    )
    op.create_table(
        "garbage",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_garbage")),
    )
    op.create_table(
        "idempotency",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("request_sha256", sa.Text(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "method", "request_id", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_created", "idempotency", ["created_at"], unique=False)
    op.create_table(
        "key_slots",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_key_slots_used")),
        sa.PrimaryKeyConstraint("account_id", "vendor", "key_id", name=op.f("pk_key_slots")),
    )
    op.create_table(
        "relay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_pos", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("drama_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("open_jobs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("succeeded", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fatal", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.Column("metadata", sa.Text(), server_default="", nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ceiling_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("event_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_runs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("account_id", "public_id", name=op.f("uq_runs_account_id_public_id")),
    )
    op.create_index("ix_runs_account_created", "runs", ["account_id", "created_at", "id"], unique=False)
    op.create_index("ix_runs_account_drama", "runs", ["account_id", "drama_id", "created_at", "id"], unique=False)
    op.create_table(
        "usage_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("drama_id", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("units", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_entries")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_usage_entries_submission_id")),
    )
    op.create_index("ix_usage_entries_account_created", "usage_entries", ["account_id", "created_at"], unique=False)
    op.create_table(
        "vault_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("preview", sa.Text(), server_default="", nullable=False),
        sa.Column("last_validated", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'invalid', 'quota_exceeded', 'revoked')", name=op.f("ck_vault_keys_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_keys")),
    )
    op.create_table(
        "characters",
        sa.Column("drama_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("voice_description", sa.Text(), nullable=False),
        sa.Column("main", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("premise_url", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["drama_id"], ["dramas.id"], name=op.f("fk_characters_drama_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("drama_id", "id", name=op.f("pk_characters")),
    )
    op.create_table(
        "drama_assets",
        sa.Column("drama_id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("depends_on", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=True),
        sa.Column("machine", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("kind IN ('image', 'video')", name=op.f("ck_drama_assets_kind")),
        sa.CheckConstraint(
            "owner_kind IN ('drama', 'character', 'episode', 'scene')", name=op.f("ck_drama_assets_owner_kind")
        ),
        sa.ForeignKeyConstraint(["drama_id"], ["dramas.id"], name=op.f("fk_drama_assets_drama_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("drama_id", "owner_kind", "owner_id", "id", name=op.f("pk_drama_assets")),
    )
    op.create_table(
        "episodes",
        sa.Column("drama_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("premise", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["drama_id"], ["dramas.id"], name=op.f("fk_episodes_drama_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("drama_id", "id", name=op.f("pk_episodes")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("payload_type", sa.Text(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("waits_on", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.Integer(), server_default="3", nullable=False),
        sa.Column("lease_losses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("progress", sa.Double(), server_default="0", nullable=False),
        sa.Column("progress_message", sa.Text(), server_default="", nullable=False),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.Column("metadata", sa.Text(), server_default="", nullable=False),
        sa.Column("reused", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("optional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("held", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("quiet", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("alone", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("has_parents", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("has_submissions", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("event_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_jobs_state")
        ),
        sa.CheckConstraint("waits_on >= 0", name=op.f("ck_jobs_waits_on")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_jobs_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("account_id", "public_id", name=op.f("uq_jobs_account_id_public_id")),
        sa.UniqueConstraint("run_id", "step", name=op.f("uq_jobs_run_id_step")),
    )
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["queue", "account_id", "run_after", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued' AND waits_on = 0 AND NOT held"),
    )
    op.create_index(
        "ix_jobs_leased", "jobs", ["lease_until"], unique=False, postgresql_where=sa.text("state = 'running'")
    )
    op.create_index("ix_jobs_run_place", "jobs", ["run_id", "place"], unique=False)
    op.create_index(
        "ix_jobs_waiting",
        "jobs",
        ["run_id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued' AND waits_on > 0"),
    )
    op.create_table(
        "scenes",
        sa.Column("drama_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("episode_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("video_url", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["drama_id"], ["dramas.id"], name=op.f("fk_scenes_drama_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("drama_id", "id", name=op.f("pk_scenes")),
    )
    op.create_table(
        "takes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("drama_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("output", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["drama_id"], ["dramas.id"], name=op.f("fk_takes_drama_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takes")),
    )
    op.create_index("ix_takes_drama_slot", "takes", ["drama_id", "slot", "created_at"], unique=False)
    op.create_index("uq_takes_live", "takes", ["drama_id", "slot"], unique=True, postgresql_where="live")
    op.create_table(
        "attempts",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_attempts_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_attempts")),
    )
    op.create_table(
        "dead_letters",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_dead_letters_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_dead_letters")),
    )
    op.create_table(
        "edges",
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["jobs.id"], name=op.f("fk_edges_child_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["parent_id"], ["jobs.id"], name=op.f("fk_edges_parent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_id", "child_id", name=op.f("pk_edges")),
    )
    op.create_index("ix_edges_child", "edges", ["child_id"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), server_default="", nullable=False),
        sa.Column("key_slots", sa.Integer(), server_default="0", nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("request_sha256", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Text(), server_default="", nullable=False),
        sa.Column("price_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("estimated", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_submissions_job_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_submissions_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("job_id", "number", name=op.f("uq_submissions_job_id_number")),
    )
    op.create_index("ix_submissions_account", "submissions", ["account_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_submissions_needs_user",
        "submissions",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("state = 'needs_user'"),
    )
    op.create_index(
        "uq_submissions_open",
        "submissions",
        ["job_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('not_accepted', 'failed', 'abandoned')"),
    )
    op.execute(
        "INSERT INTO accounts (id, public_id, display_name) VALUES ('00000000-0000-7000-8000-000000000001', 'default', 'Built-in account')"
    )
    op.execute("INSERT INTO relay (id) VALUES (1)")


def downgrade() -> None:
    """Contracts it again."""
    op.drop_index(
        "uq_submissions_open",
        table_name="submissions",
        postgresql_where=sa.text("state NOT IN ('not_accepted', 'failed', 'abandoned')"),
    )
    op.drop_index(
        "ix_submissions_needs_user", table_name="submissions", postgresql_where=sa.text("state = 'needs_user'")
    )
    op.drop_index("ix_submissions_account", table_name="submissions")
    op.drop_table("submissions")
    op.drop_index("ix_edges_child", table_name="edges")
    op.drop_table("edges")
    op.drop_table("dead_letters")
    op.drop_table("attempts")
    op.drop_index("uq_takes_live", table_name="takes", postgresql_where="live")
    op.drop_index("ix_takes_drama_slot", table_name="takes")
    op.drop_table("takes")
    op.drop_table("scenes")
    op.drop_index("ix_jobs_waiting", table_name="jobs", postgresql_where=sa.text("state = 'queued' AND waits_on > 0"))
    op.drop_index("ix_jobs_run_place", table_name="jobs")
    op.drop_index("ix_jobs_leased", table_name="jobs", postgresql_where=sa.text("state = 'running'"))
    op.drop_index(
        "ix_jobs_due", table_name="jobs", postgresql_where=sa.text("state = 'queued' AND waits_on = 0 AND NOT held")
    )
    op.drop_table("jobs")
    op.drop_table("episodes")
    op.drop_table("drama_assets")
    op.drop_table("characters")
    op.drop_table("vault_keys")
    op.drop_index("ix_usage_entries_account_created", table_name="usage_entries")
    op.drop_table("usage_entries")
    op.drop_index("ix_runs_account_drama", table_name="runs")
    op.drop_index("ix_runs_account_created", table_name="runs")
    op.drop_table("runs")
    op.drop_table("relay")
    op.drop_table("key_slots")
    op.drop_index("ix_idempotency_created", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("garbage")
    op.drop_table("friendly_keys")
    op.drop_index("uq_events_pos", table_name="events", postgresql_where=sa.text("pos IS NOT NULL"))
    op.drop_index(
        "ix_events_unpublished", table_name="events", postgresql_where=sa.text("pos IS NOT NULL AND NOT published")
    )
    op.drop_index("ix_events_unplaced", table_name="events", postgresql_where=sa.text("pos IS NULL"))
    op.drop_index("ix_events_run", table_name="events")
    op.drop_index("ix_events_drama", table_name="events")
    op.drop_index("ix_events_created", table_name="events")
    op.drop_table("events")
    op.drop_index("ix_dramas_export_due", table_name="dramas", postgresql_where="export_due")
    op.drop_index("ix_dramas_account_updated", table_name="dramas")
    op.drop_table("dramas")
    op.drop_table("data_keys")
    op.drop_table("copies")
    op.drop_index("ix_assets_pending", table_name="assets", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_assets_account_drama", table_name="assets")
    op.drop_index("ix_assets_account_created", table_name="assets")
    op.drop_table("assets")
    op.drop_table("accounts")
