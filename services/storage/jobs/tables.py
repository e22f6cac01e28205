"""runs, jobs, edges, attempts, submissions, key_slots, events, relay, idempotency, dead_letters.

States of runs and jobs:
  queued     -> running       a worker leases it (a run: its first job is leased)
  running    -> queued        retry, snooze, lost lease: with `run_after`
  running    -> succeeded | failed | cancelled
  queued     -> cancelled     a person, or a failed hard parent
Terminal states are final.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import (
    text as sql,
)

from services.storage.schema import key, metadata, moment, money, owner, text

STATES = "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')"


def _run() -> Column[object]:
    return Column("run_id", Uuid, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False)


def _count(name: str) -> Column[object]:
    return Column(name, Integer, nullable=False, server_default="0")


def _flag(name: str) -> Column[object]:
    return Column(name, Boolean, nullable=False, server_default="false")


runs = Table(
    "runs",
    metadata,
    key(),
    owner(),
    text("public_id"),
    text("kind"),
    text("drama_id", ""),
    text("label", ""),
    text("state", "queued"),
    _count("total"),
    _count("open_jobs"),
    _count("succeeded"),
    _count("failed"),
    _count("fatal"),
    _count("cancelled"),
    text("result", ""),
    text("failure", ""),
    text("metadata", ""),
    _flag("cancel_requested"),
    money("cost_nano_usd"),
    money("held_nano_usd"),
    money("ceiling_nano_usd"),
    _count("event_seq"),
    moment("created_at", now=True),
    moment("started_at"),
    moment("finished_at"),
    UniqueConstraint("account_id", "public_id"),
    CheckConstraint(STATES, name="state"),
    Index("ix_runs_account_created", "account_id", "created_at", "id"),
    Index("ix_runs_account_drama", "account_id", "drama_id", "created_at", "id"),
    Index("ix_runs_account_kind", "account_id", "kind", "created_at", "id"),
    Index("ix_runs_account_label", "account_id", "kind", "label", "created_at", "id"),
)

jobs = Table(
    "jobs",
    metadata,
    key(),
    owner(),
    _run(),
    text("public_id"),
    text("step"),
    Column("place", Integer, nullable=False),
    text("kind"),
    text("queue"),
    text("payload_type"),
    text("input"),
    text("output", ""),
    text("state", "queued"),
    _count("waits_on"),
    _count("attempt"),
    Column("max_attempts", Integer, nullable=False, server_default="3"),
    _count("lease_losses"),
    moment("run_after", now=True),
    Column("lease_id", Uuid, nullable=True),
    moment("lease_until"),
    text("worker", ""),
    Column("progress", Double, nullable=False, server_default="0"),
    text("progress_message", ""),
    text("failure", ""),
    text("metadata", ""),
    _flag("reused"),
    _flag("optional"),
    _flag("held"),
    _flag("quiet"),
    _flag("woken"),
    _flag("alone"),
    _flag("has_parents"),
    _flag("has_submissions"),
    _flag("cancel_requested"),
    _count("event_seq"),
    money("cost_nano_usd"),
    moment("created_at", now=True),
    moment("started_at"),
    moment("finished_at"),
    UniqueConstraint("run_id", "step"),
    UniqueConstraint("account_id", "public_id"),
    CheckConstraint(STATES, name="state"),
    CheckConstraint("waits_on >= 0", name="waits_on"),
    Index(
        "ix_jobs_due",
        "queue",
        "account_id",
        "run_after",
        "id",
        postgresql_where=sql("state = 'queued' AND waits_on = 0 AND NOT held"),
    ),
    Index("ix_jobs_leased", "lease_until", postgresql_where=sql("state = 'running'")),
    Index("ix_jobs_waiting", "run_id", postgresql_where=sql("state = 'queued' AND waits_on > 0")),
    Index("ix_jobs_run_place", "run_id", "place"),
)

edges = Table(
    "edges",
    metadata,
    Column("parent_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("child_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("hard", Boolean, nullable=False),
    PrimaryKeyConstraint("parent_id", "child_id"),
    Index("ix_edges_child", "child_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("job_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    text("worker", ""),
    text("failure"),
    moment("ended_at", now=True),
    PrimaryKeyConstraint("job_id", "number"),
)

submissions = Table(
    "submissions",
    metadata,
    key(),
    owner(),
    _run(),
    Column("job_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    text("purpose"),
    text("state"),
    text("vendor"),
    text("model"),
    text("key_id", ""),
    _count("key_slots"),
    text("request"),
    text("request_sha256"),
    text("operation_id", ""),
    text("told_operation_id", ""),
    _count("callbacks"),
    money("price_nano_usd"),
    money("cost_nano_usd"),
    _flag("estimated"),
    text("failure", ""),
    text("detail", ""),
    text("drama_id", ""),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    UniqueConstraint("job_id", "number"),
    Index(
        "uq_submissions_open",
        "job_id",
        "purpose",
        unique=True,
        postgresql_where=sql("state NOT IN ('not_accepted', 'failed', 'abandoned')"),
    ),
    Index("ix_submissions_account", "account_id", "created_at", "id"),
    Index("ix_submissions_drama", "account_id", "drama_id", "created_at", "id"),
    Index("ix_submissions_needs_user", "account_id", postgresql_where=sql("state = 'needs_user'")),
    # A hash takes an id of any length.
    Index(
        "ix_submissions_operation",
        "operation_id",
        postgresql_using="hash",
        postgresql_where=sql("state IN ('submitted', 'running', 'fetching')"),
    ),
)

key_slots = Table(
    "key_slots",
    metadata,
    owner(),
    text("vendor"),
    text("key_id"),
    _count("used"),
    PrimaryKeyConstraint("account_id", "vendor", "key_id"),
    CheckConstraint("used >= 0", name="used"),
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("pos", BigInteger, nullable=True),
    owner(),
    Column("run_id", Uuid, nullable=False),
    Column("job_id", Uuid, nullable=True),
    text("run_public_id"),
    text("drama_id", ""),
    Column("seq", Integer, nullable=False),
    text("type"),
    text("data", "{}"),
    moment("created_at", now=True),
    _flag("published"),
    Index("uq_events_pos", "pos", unique=True, postgresql_where=sql("pos IS NOT NULL")),
    Index("ix_events_unplaced", "id", postgresql_where=sql("pos IS NULL")),
    Index("ix_events_unpublished", "pos", postgresql_where=sql("pos IS NOT NULL AND NOT published")),
    Index("ix_events_run", "run_id", "pos"),
    Index("ix_events_drama", "account_id", "drama_id", "pos"),
    Index("ix_events_created", "created_at"),
)

relay = Table(
    "relay",
    metadata,
    Column("id", Integer, primary_key=True),
    text("holder", ""),
    moment("until", now=True),
    Column("last_pos", BigInteger, nullable=False, server_default="0"),
)

idempotency = Table(
    "idempotency",
    metadata,
    owner(),
    text("method"),
    text("request_id"),
    text("request_sha256"),
    Column("reply", LargeBinary, nullable=False),
    moment("created_at", now=True),
    PrimaryKeyConstraint("account_id", "method", "request_id"),
    Index("ix_idempotency_created", "created_at"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("job_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    owner(),
    text("reason"),
    text("failure"),
    moment("created_at", now=True),
    # No foreign key: a letter stays sent in again even when its new run is gone.
    Column("redriven_run_id", Uuid, nullable=True),
    Index("ix_dead_letters_account_created", "account_id", "created_at", "job_id"),
)
