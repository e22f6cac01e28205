"""What the bucket could not remove stays written down, so that it is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from botocore.stub import Stubber

from services.storage.chores import Chores
from services.storage.config import StorageSettings
from services.storage.db import Database
from services.storage.dramas.store import DramaStore
from services.storage.objects import Objects

_SETTINGS: dict[str, Any] = {
    "internal_secret": "s" * 32,
    "database_url": "postgresql://nobody@127.0.0.1/none",
    "r2_bucket": "sfd",
    "r2_endpoint_url": "http://127.0.0.1:9",
    "r2_access_key_id": "id",
    "r2_secret_access_key": "secret",
}


class Garbage:
    """Two keys to be removed; remembers which rows were done."""

    done: Sequence[int] = ()

    async def fetch(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """Answers the statements of the chore."""
        if "UPDATE garbage" in sql:
            return [{"id": 1, "object_key": "a"}, {"id": 2, "object_key": "b"}]
        if sql.startswith("DELETE FROM garbage"):
            (self.done,) = args
        return []


async def test_a_key_that_the_bucket_kept_stays_written_down() -> None:
    bucket = Objects(StorageSettings(_env_file=None, **_SETTINGS))
    rows = Garbage()
    database = cast(Database, rows)
    with Stubber(bucket._client) as stub:
        stub.add_response("delete_objects", {"Errors": [{"Key": "a", "Code": "InternalError"}]})
        await Chores(database, bucket, DramaStore(database))._garbage()
    assert rows.done == [2]
