"""Pages among many rows are read by key: an index gives them in order, and nothing is sorted, skipped or thrown away."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest

from kit.testing.house import House
from services.storage.db import Database, Row
from services.storage.dramas.store import DramaStore
from services.storage.jobs.runs import Runs
from services.storage.jobs.submissions import Submissions
from sfd.dramas.v1 import drama_service_pb2 as dramas
from sfd.jobs.v1 import job_pb2, job_service_pb2
from stack.servers import Servers

pytestmark = pytest.mark.system
MANY = 100_000
PAGE = 100


class Explaining(Database):
    """A database that keeps the plan of each statement with what it really read."""

    plans: list[dict[str, Any]]

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        """Explains the statement, then runs it."""
        (row,) = await super().fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *args)
        self.plans.append(row[0][0]["Plan"])
        return await super().fetch(sql, *args)


@pytest.fixture
async def database(storage_house: House, servers: Servers) -> AsyncIterator[Explaining]:
    made = Explaining(servers.postgres_dsn, size=1)
    made.plans = []
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def account(storage_house: House, servers: Servers) -> AsyncIterator[uuid.UUID]:
    """An account with 100,000 dramas, and with 20,000 runs and paid calls of which every hundredth is of the drama `mine`."""
    owner = uuid.uuid4()
    sql = await asyncpg.connect(servers.postgres_dsn)
    await sql.execute(
        f"""INSERT INTO dramas (id, account_id, public_id, title, description, premise, etag, export_due, updated_at)
            SELECT gen_random_uuid(), '{owner}', 'd' || n, '', '', '', '', false, now() - n * interval '1 second'
            FROM generate_series(1, {MANY}) n"""
    )
    await sql.execute(
        f"""INSERT INTO runs (id, account_id, public_id, kind, drama_id, state, created_at)
            SELECT gen_random_uuid(), '{owner}', 'r' || n, 'k', CASE WHEN n % 100 = 0 THEN 'mine' ELSE 'd' || n END, 'failed',
              now() - n * interval '1 second' FROM generate_series(1, 20000) n"""
    )
    await sql.execute(
        f"""INSERT INTO jobs (id, account_id, run_id, public_id, step, place, kind, queue, payload_type, input, state)
            SELECT gen_random_uuid(), account_id, id, public_id, 's', 0, 'k', 'q', 'x', '', 'failed' FROM runs
            WHERE account_id = '{owner}'"""
    )
    await sql.execute(
        f"""INSERT INTO submissions (id, account_id, run_id, job_id, number, purpose, state, vendor, model, request, request_sha256,
                                     drama_id, created_at)
            SELECT gen_random_uuid(), r.account_id, r.id, j.id, 1, 'p', 'done', 'v', 'm', '', '', r.drama_id, r.created_at
            FROM runs r JOIN jobs j ON j.run_id = r.id WHERE r.account_id = '{owner}'"""
    )
    await sql.execute("ANALYZE dramas, runs, submissions")
    yield owner
    await sql.close()


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns all nodes of a plan."""
    return [plan, *(one for below in plan.get("Plans", ()) for one in nodes(below))]


def check(plan: dict[str, Any], table: str, index: str, rows: int) -> None:
    """The rows come from the index in its order; no more of them are read than are shown and one."""
    assert not [one for one in nodes(plan) if "Sort" in one["Node Type"] or one["Node Type"] == "Seq Scan"]
    (scan,) = [one for one in nodes(plan) if one.get("Relation Name") == table]
    assert (scan["Node Type"], scan["Index Name"]) == ("Index Scan", index)
    assert scan["Actual Rows"] <= rows
    assert scan.get("Rows Removed by Filter", 0) == 0


async def test_a_page_of_dramas_is_read_by_key(database: Explaining, account: uuid.UUID) -> None:
    store, token = DramaStore(database), ""
    for _ in range(3):
        page = await store.page(account, dramas.ListDramasRequest(page_size=PAGE, page_token=token))
        token = page.next_page_token
        assert len(page.dramas) == PAGE
    assert [one.id for one in page.dramas] == [f"d{n}" for n in range(2 * PAGE + 1, 3 * PAGE + 1)]
    assert len(database.plans) == 3
    for plan in database.plans:
        check(plan, "dramas", "ix_dramas_account_updated", PAGE + 1)


async def test_a_page_of_a_dramas_runs_is_read_by_key(database: Explaining, account: uuid.UUID) -> None:
    runs, token, found = Runs(database), "", []
    for _ in range(2):
        request = job_service_pb2.ListRunsRequest(drama_id="mine", page_size=PAGE, page_token=token)
        page = await runs.list(account, request)
        token = page.next_page_token
        found += [one.public_id for one in page.runs]
    assert (found, token) == ([f"r{n}" for n in range(100, 20_001, 100)], "")
    for plan in database.plans:
        check(plan, "runs", "ix_runs_account_drama", PAGE + 1)


async def test_a_page_of_a_dramas_paid_calls_is_read_by_key(database: Explaining, account: uuid.UUID) -> None:
    calls, token, found = Submissions(database), "", 0
    for _ in range(2):
        request = job_service_pb2.ListSubmissionsRequest(drama_id="mine", page_size=PAGE, page_token=token)
        page = await calls.list(account, request, None)
        token = page.next_page_token
        found += len(page.submissions)
    assert (found, token) == (200, "")
    for plan in database.plans:
        check(plan, "submissions", "ix_submissions_drama", PAGE + 1)
    held = job_service_pb2.ListSubmissionsRequest(drama_id="mine", state=job_pb2.SUBMISSION_STATE_NEEDS_USER)
    assert list((await calls.list(account, held, None)).submissions) == []
