"""Sums over settled paid calls and films that cost nothing, exact: integers of nano-USD are added in SQL."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from kit.errors import InvalidInput
from services.storage.db import Database
from services.storage.ids import page_size
from services.storage.jobs.convert import stamp
from services.storage.jobs.rules import check_text
from services.storage.jobs.runs import moment_key, next_token
from sfd.usage.v1 import usage_pb2, usage_service_pb2

G = usage_service_pb2.GroupBy
_GROUPS: Mapping[int, str] = {
    G.GROUP_BY_UNSPECIFIED: "",
    G.GROUP_BY_VENDOR: "vendor",
    G.GROUP_BY_MODEL: "vendor, model",
    G.GROUP_BY_DAY: "day",
    G.GROUP_BY_DRAMA: "drama_id",
}
# Tries at one job are one generation.
_SUMS = """
SELECT {columns} count(*) AS generations, count(*) FILTER (WHERE ok) AS succeeded, coalesce(sum(cost), 0)::bigint AS cost,
       coalesce(sum(film), 0)::float8 AS film_seconds, coalesce(sum(work), 0)::float8 AS work_seconds
FROM (
  SELECT {columns} job_id, bool_or(ok) AS ok, sum(cost) AS cost, sum(film) AS film, sum(work) AS work FROM (
    SELECT u.vendor, u.model, u.drama_id, to_char(u.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, u.job_id,
           u.outcome = 'done' AS ok, u.cost_nano_usd AS cost, u.film_seconds AS film, u.work_seconds AS work
    FROM usage_entries u WHERE {where}
    UNION ALL {films}
  ) e GROUP BY {columns} job_id
) j {group}
"""
# A film of no drama that nothing was paid for is a generation too: the local film maker's, and one that ended before it was bought.
_FREE = """
    SELECT r.label AS vendor, regexp_replace(coalesce(nullif(r.metadata, '')::json->>'resolved_model', ''), '^[^/]*/', '') AS model,
           r.drama_id, to_char(r.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, r.id AS job_id, r.state = 'succeeded' AS ok,
           0::bigint AS cost, CASE WHEN r.state = 'succeeded' THEN (nullif(r.result, '')::json->>'duration')::float8 END AS film,
           CASE WHEN r.state = 'succeeded' THEN extract(epoch FROM r.finished_at - r.created_at)::float8 END AS work
    FROM runs r WHERE {where} AND r.kind = 'generate_video' AND r.state IN ('succeeded', 'failed')
      AND NOT EXISTS (SELECT 1 FROM usage_entries u WHERE u.account_id = r.account_id AND u.run_id = r.id)
"""
_ENTRIES = """
SELECT u.id, u.created_at, u.vendor, u.model, u.kind, u.drama_id, u.outcome, u.cost_nano_usd, u.estimated, u.submission_id,
       coalesce(r.public_id, '') AS run_id
FROM usage_entries u LEFT JOIN runs r ON r.id = u.run_id WHERE {where} ORDER BY u.created_at, u.id LIMIT {limit}
"""
MAX_GROUPS = 1000


class Sums:
    """The table `usage_entries`, read."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def sum(
        self, account: uuid.UUID, request: usage_service_pb2.SumUsageRequest
    ) -> usage_service_pb2.SumUsageResponse:
        """Returns sums in all and by the groups asked for; raises `InvalidInput`."""
        where, args = _where(account, request.filter)
        films = _FREE.format(where=_of_runs(where))
        found: dict[int, list[usage_pb2.Group]] = {}
        for group in dict.fromkeys((G.GROUP_BY_UNSPECIFIED, *request.group_by)):
            if group not in _GROUPS:
                raise InvalidInput("group_by is no group.", field="group_by")
            columns = _GROUPS[group]
            order = "day" if columns == "day" else f"cost DESC, {columns}"
            sql = _SUMS.format(
                columns=f"{columns}," if columns else "",
                where=where,
                films=films,
                group=f"GROUP BY {columns} ORDER BY {order} LIMIT {MAX_GROUPS}" if columns else "",
            )
            found[group] = [_group(row, columns) for row in await self._db.fetch(sql, *args)]
        return usage_service_pb2.SumUsageResponse(
            totals=found[G.GROUP_BY_UNSPECIFIED][0].totals,
            by_vendor=found.get(G.GROUP_BY_VENDOR),
            by_model=found.get(G.GROUP_BY_MODEL),
            by_day=found.get(G.GROUP_BY_DAY),
            by_drama=found.get(G.GROUP_BY_DRAMA),
        )

    async def entries(
        self, account: uuid.UUID, request: usage_service_pb2.ListEntriesRequest
    ) -> usage_service_pb2.ListEntriesResponse:
        """Returns a page of entries, oldest first; raises `InvalidInput`."""
        size = page_size(request.page_size)
        where, args = _where(account, request.filter)
        if request.page_token:
            args += moment_key(request.page_token)
            where += f" AND (u.created_at, u.id) > (${len(args) - 1}, ${len(args)})"
        rows = await self._db.fetch(_ENTRIES.format(where=where, limit=size + 1), *args)
        return usage_service_pb2.ListEntriesResponse(
            entries=[_entry(row) for row in rows[:size]], next_page_token=next_token(rows, size)
        )


def _where(account: uuid.UUID, wanted: usage_service_pb2.Filter) -> tuple[str, list[Any]]:
    where = "u.account_id = $1"
    args: list[Any] = [account]
    for field in ("vendor", "drama_id"):
        value = getattr(wanted, field)
        if value:
            check_text(value, f"filter.{field}", 1000)
            args.append(value)
            where += f" AND u.{field} = ${len(args)}"
    if wanted.start_day:
        args.append(_midnight(wanted.start_day, "start_day"))
        where += f" AND u.created_at >= ${len(args)}"
    if wanted.end_day:
        end = _midnight(wanted.end_day, "end_day")
        args.append(end + dt.timedelta(days=1))
        where += f" AND u.created_at < ${len(args)}"
    return where, args


def _of_runs(where: str) -> str:
    """The same condition on runs, which have their vendor in `label` and are booked when they end."""
    names = {"u.vendor": "r.label", "u.created_at": "r.finished_at", "u.": "r."}
    for name, other in names.items():
        where = where.replace(name, other)
    return where


def _midnight(day: str, field: str) -> dt.datetime:
    try:
        found = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), dt.UTC)
    except ValueError as error:
        raise InvalidInput(f"{field} is no day such as 2026-11-21.", field=f"filter.{field}") from error
    if not 1970 <= found.year <= 9000:
        raise InvalidInput(f"{field} is out of range.", field=f"filter.{field}")
    return found


def _group(row: Any, columns: str) -> usage_pb2.Group:
    names = columns.split(", ") if columns else []
    return usage_pb2.Group(
        **{name: row[name] for name in names},
        totals=usage_pb2.Totals(
            generations=row["generations"],
            succeeded=row["succeeded"],
            failed=row["generations"] - row["succeeded"],
            cost_nano_usd=row["cost"],
            film_seconds=row["film_seconds"],
            work_seconds=row["work_seconds"],
        ),
    )


def _entry(row: Any) -> usage_pb2.Entry:
    return usage_pb2.Entry(
        id=str(row["id"]),
        created_at=stamp(row["created_at"]),
        vendor=row["vendor"],
        model=row["model"],
        kind=row["kind"],
        drama_id=row["drama_id"],
        outcome=row["outcome"],
        cost_nano_usd=row["cost_nano_usd"],
        estimated=row["estimated"],
        submission_id=str(row["submission_id"]),
        run_id=row["run_id"],
    )
