"""Sums of usage as the media contract shows them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence

from services.gateway.money import usd, usd_text
from services.gateway.problems import Json
from sfd.usage.v1 import usage_pb2, usage_service_pb2

RECENT = 10
COLUMNS = (
    *("created_at", "provider", "model", "kind", "drama_id", "run_id", "outcome", "cost_usd"),
    *("estimated", "submission_id"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def day_of(text: str | None) -> str:
    """Returns the day (UTC, YYYY-MM-DD) of an ISO date or moment; empty for none and for what is neither, as the contract has it."""
    try:
        moment = dt.datetime.fromisoformat(text or "")
        return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).date().isoformat()
    except (ValueError, OverflowError):
        return ""


def stats_json(reply: usage_service_pb2.SumGenerationsResponse, recent: list[Json]) -> dict[str, Json]:
    """Returns the contract's statistics; `recent` are the newest films as they are shown."""
    totals = reply.totals
    return {
        "total_generations": totals.generations,
        "total_cost": usd(totals.cost_nano_usd),
        "total_success": totals.succeeded,
        "total_failure": totals.failed,
        "success_rate": round(totals.succeeded / totals.generations, 4) if totals.generations else 0.0,
        "by_provider": [{"provider": one.vendor, **_counted(one.totals)} for one in reply.by_vendor],
        "by_model": [{"provider": one.vendor, "model": one.model, **_counted(one.totals)} for one in reply.by_model],
        "recent_generations": recent,
    }


def detailed_json(reply: usage_service_pb2.SumUsageResponse, start: str, end: str) -> dict[str, Json]:
    """Returns usage by day, provider and drama; the last day is in it."""
    totals = reply.totals
    return {
        "summary": {
            "total_generations": totals.generations,
            "total_cost": usd(totals.cost_nano_usd, 2),
            "total_video_duration": round(totals.film_seconds, 1),
            "total_processing_time": round(totals.work_seconds, 1),
            "average_cost_per_generation": usd(totals.cost_nano_usd // max(1, totals.generations), 4),
        },
        "daily": [
            {
                "date": one.day,
                "count": one.totals.generations,
                "cost": usd(one.totals.cost_nano_usd),
                "duration": one.totals.film_seconds,
                "success": one.totals.succeeded,
                "failed": one.totals.failed,
            }
            for one in reply.by_day
        ],
        "by_provider": [
            {
                "provider": one.vendor,
                "count": one.totals.generations,
                "cost": usd(one.totals.cost_nano_usd),
                "duration": one.totals.film_seconds,
                "avg_cost_per_second": _rate(one.totals),
            }
            for one in reply.by_vendor
        ],
        "by_drama": [
            {
                "drama_id": one.drama_id or None,
                "count": one.totals.generations,
                "cost": usd(one.totals.cost_nano_usd),
                "duration": one.totals.film_seconds,
            }
            for one in reply.by_drama
        ],
        "date_range": {"start": start or None, "end": end or None},
    }


def csv_head() -> bytes:
    """Returns the first line of an export."""
    return _lines([COLUMNS])


def csv_rows(entries: Sequence[usage_pb2.Entry]) -> bytes:
    """Returns lines of an export; costs are exact decimals, and no cell is a formula to a spreadsheet."""
    return _lines(
        [
            entry.created_at.ToJsonString(),
            *(
                _plain(text)
                for text in (entry.vendor, entry.model, entry.kind, entry.drama_id, entry.run_id, entry.outcome)
            ),
            usd_text(entry.cost_nano_usd),
            "true" if entry.estimated else "false",
            entry.submission_id,
        ]
        for entry in entries
    )


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _counted(totals: usage_pb2.Totals) -> dict[str, Json]:
    return {
        "count": totals.generations,
        "total_cost": usd(totals.cost_nano_usd),
        "avg_time": round(totals.work_seconds / totals.succeeded, 1) if totals.succeeded else 0.0,
    }


def _rate(totals: usage_pb2.Totals) -> float:
    return usd(round(totals.cost_nano_usd / totals.film_seconds), 4) if totals.film_seconds else 0.0
