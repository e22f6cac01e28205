"""The approach that this record replaces, as a peer: one JSON object per drama, one index object for the list, one object per job.

Nothing is cached and nothing is locked: that is how it was. Objects lie in the same bucket server that our own house uses.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
INDEX = "dramas/index.json"


class OneObject:
    """Dramas as objects in a bucket of their own."""

    def __init__(self, endpoint: str, access_key: str, secret_key: str, bucket: str = "one-object") -> None:
        self._bucket = bucket
        self._s3: S3Client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            region_name="auto",
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, max_pool_connections=32),
        )
        self._s3.create_bucket(Bucket=bucket)

    async def fill_index(self, count: int) -> None:
        """Writes an index of so many dramas."""
        entries = {
            f"drama_{n:06}": {
                "id": f"drama_{n:06}",
                "title": f"Drama {n}",
                "description": "A short description of what happens in it.",
                "premise": "A lighthouse keeper finds a letter from the sister she lost at sea.",
                "url": None,
                "created_at": f"2026-01-01T00:00:00.{n:06}Z",
                "updated_at": f"2026-01-01T00:00:00.{n:06}Z",
            }
            for n in range(count)
        }
        await self._thread(lambda: self._put(INDEX, {"version": 1, "count": count, "dramas": entries}))

    async def list(self, limit: int = 100) -> list[Any]:
        """Returns the newest summaries."""

        def work() -> list[Any]:
            entries = self._get(INDEX)["dramas"].values()
            return sorted(entries, key=lambda one: str(one["updated_at"]), reverse=True)[:limit]

        return await self._thread(work)

    async def put(self, drama: dict[str, Any]) -> None:
        """Stores a drama."""
        await self._thread(lambda: self._put(f"dramas/{drama['id']}/drama.json", drama))

    async def get(self, drama_id: str) -> Any:
        """Returns a drama."""
        return await self._thread(lambda: self._get(f"dramas/{drama_id}/drama.json"))

    async def patch(self, drama_id: str, change: Callable[[Any], None], *, index: bool = True) -> None:
        """Changes a drama: read whole, hash, change, write whole; then the index likewise."""

        def work() -> None:
            key = f"dramas/{drama_id}/drama.json"
            drama = self._get(key)
            hashlib.sha256(json.dumps(drama, separators=(",", ":")).encode()).hexdigest()
            change(drama)
            self._put(key, drama)
            if index:
                known = self._get(INDEX)
                entry = known["dramas"].setdefault(drama_id, {"id": drama_id})
                entry["updated_at"] = "2026-11-26T00:00:00Z"
                self._put(INDEX, known)

        await self._thread(work)

    async def start_production(self, drama_id: str, steps: int) -> None:
        """Writes one object per step and one for the parent, one after another."""

        def work() -> None:
            drama = self._get(f"dramas/{drama_id}/drama.json")
            names = [f"job_{drama['id']}_{n}" for n in range(steps)]
            for name in names:
                self._put(f"jobs/{name}.json", {"job_id": name, "status": "pending", "prompt": "p" * 200})
            self._put(f"jobs/job_drama_{drama_id}.json", {"child_jobs": names, "status": "running"})

        await self._thread(work)

    async def _thread(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work)

    def _put(self, key: str, value: Any) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=json.dumps(value, separators=(",", ":")).encode())

    def _get(self, key: str) -> Any:
        return json.loads(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
