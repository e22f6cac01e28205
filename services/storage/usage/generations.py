"""Films of no drama, counted as they are there, with what the ledger has booked for all of them."""

from __future__ import annotations

import uuid
from typing import Any

from services.storage.db import Database
from services.storage.usage.sums import MAX_GROUPS
from sfd.usage.v1 import usage_pb2, usage_service_pb2

_ALL, _BY_VENDOR, _BY_MODEL = 3, 1, 0
"""What `grouping(vendor, model)` says: a bit for each that is not told."""
RUN_KIND, JOB_KIND = "generate_video", "video.generate"
# Who has made a film, else who is to make it; the model as it was asked for. A removed film has its lines in the ledger alone: they say
# who made it, and it is counted no more.
_SUMS = f"""
WITH told AS MATERIALIZED (
  SELECT r.id, r.state, r.label, nullif(r.result, '')::json AS result, nullif(r.metadata, '')::json AS labels,
         extract(epoch FROM r.finished_at - r.created_at) AS took
  FROM runs r WHERE r.account_id = $1 AND r.kind = '{RUN_KIND}'
), films AS (
  SELECT id, state, coalesce(nullif(split_part(result->>'generator', '/', 1), ''), label) AS vendor, coalesce(labels->>'model', '') AS model,
         CASE WHEN state = 'succeeded' THEN took END AS took,
         CASE WHEN state = 'succeeded' THEN (result->>'duration')::float8 END AS seconds FROM told
), booked AS (
  SELECT run_id, sum(cost_nano_usd) AS cost, (array_agg(vendor ORDER BY cost_nano_usd DESC, id))[1] AS vendor,
         (array_agg(model ORDER BY cost_nano_usd DESC, id))[1] AS model
  FROM usage_entries WHERE account_id = $1 AND kind = '{JOB_KIND}' GROUP BY run_id
), rows AS (
  SELECT coalesce(f.vendor, b.vendor) AS vendor, coalesce(f.model, b.model) AS model, f.id, f.state, f.took, f.seconds, b.cost
  FROM films f FULL JOIN booked b ON b.run_id = f.id
)
SELECT vendor, model, grouping(vendor, model) AS told, count(id) AS generations, count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
       count(*) FILTER (WHERE state = 'failed') AS failed, coalesce(sum(cost), 0)::bigint AS cost,
       coalesce(sum(seconds), 0)::float8 AS film_seconds, coalesce(sum(took), 0)::float8 AS work_seconds
FROM rows GROUP BY GROUPING SETS ((), (vendor), (vendor, model)) ORDER BY cost DESC, vendor, model
"""


async def sum_generations(database: Database, account: uuid.UUID) -> usage_service_pb2.SumGenerationsResponse:
    """Returns the sums in all, by vendor, and by vendor and model; money is added as integers."""
    groups: dict[int, list[usage_pb2.Group]] = {_ALL: [], _BY_VENDOR: [], _BY_MODEL: []}
    for row in await database.fetch(_SUMS, account):
        groups[row["told"]].append(_group(row))
    return usage_service_pb2.SumGenerationsResponse(
        totals=groups[_ALL][0].totals,
        by_vendor=groups[_BY_VENDOR][:MAX_GROUPS],
        by_model=groups[_BY_MODEL][:MAX_GROUPS],
    )


def _group(row: Any) -> usage_pb2.Group:
    return usage_pb2.Group(
        vendor=row["vendor"] or "",
        model=row["model"] or "",
        totals=usage_pb2.Totals(
            generations=row["generations"],
            succeeded=row["succeeded"],
            failed=row["failed"],
            cost_nano_usd=row["cost"],
            film_seconds=row["film_seconds"],
            work_seconds=row["work_seconds"],
        ),
    )
