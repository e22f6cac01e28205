"""`make bench-dramas`: a page of 100 dramas, one drama read and one changed, among 1,000, 10,000 and 100,000 dramas.

Beside it the approach with one JSON object per drama and an index object. All calls go one after another, ours through the gateway with
every check on; the median of them is told. The page at the end of the list is reached with a cursor that points there.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import asyncpg
import httpx

from bench.growth import median_ms, record, table
from bench.one_object import OneObject
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.testing.house import house
from stack.servers import Servers

SIZES = (1_000, 10_000, 100_000)
CALLS = 40
_FILL = """
INSERT INTO dramas (id, account_id, public_id, title, description, premise, etag, created_at, updated_at, export_due)
SELECT gen_random_uuid(), $1, 'drama_' || lpad(n::text, 6, '0'), 'Drama ' || n, 'A short description of what happens in it.',
  'A lighthouse keeper finds a letter from the sister she lost at sea.', repeat('0', 64),
  now() - interval '1 day' + n * interval '1 millisecond', now() - interval '1 day' + n * interval '1 millisecond', false
FROM generate_series($2::int, $3::int) AS n
"""


async def run(folder: Path) -> str:
    """Returns the tables."""
    ours: list[list[object]] = []
    theirs: list[list[object]] = []
    async with Servers(folder / "servers") as servers, house(servers, folder / "house") as made:
        await made.start("gateway")
        database = await asyncpg.connect(servers.postgres_dsn)
        peer = OneObject(servers.s3.endpoint, servers.s3.access_key, servers.s3.secret_key)
        async with httpx.AsyncClient(base_url=made.url, timeout=60) as client:
            there = 0
            for size in SIZES:
                await database.execute(_FILL, DEFAULT_ACCOUNT_ID, there, size - 1)
                await database.execute("ANALYZE dramas")
                there = size
                ours.append([size, *await _ours(client, size)])
                theirs.append([size, *await _theirs(peer, size)])
                print(ours[-1], theirs[-1], flush=True)
        await database.close()
    head = ("dramas", "first page of 100, ms", "last page, ms", "GET one, ms", "PATCH one, ms")
    return (
        f"SFD, through the gateway:\n\n{table(head, ours)}\n\nOne JSON object per drama and one index, without a gateway:\n\n"
        f"{table((head[0], head[1], *head[3:]), theirs)}\n\nGrowth of the first page from the smallest to the largest: "
        f"SFD {_growth(ours):.2f}x, one object {_growth(theirs):.1f}x."
    )


async def _ours(client: httpx.AsyncClient, size: int) -> list[float]:
    one = f"/dramas/drama_{size // 2:06}"

    async def page(cursor: str = "") -> httpx.Response:
        answer = await client.get("/dramas", params={"limit": 100, **({"cursor": cursor} if cursor else {})})
        assert len(answer.raise_for_status().json()["dramas"]) == 100
        return answer

    async def read() -> None:
        (await client.get(one)).raise_for_status()

    async def change() -> None:
        (await client.patch(one, json={"title": "Another"})).raise_for_status()

    last = await _last_cursor(client, size)
    return [
        await median_ms(page, CALLS),
        await median_ms(lambda: page(last), CALLS),
        await median_ms(read, CALLS),
        await median_ms(change, CALLS),
    ]


async def _last_cursor(client: httpx.AsyncClient, size: int) -> str:
    """Returns the cursor behind which about a hundred dramas are left."""
    cursor, left = "", size
    while left > 100:
        step = min(1000, left - 100)
        answer = await client.get("/dramas", params={"limit": step, **({"cursor": cursor} if cursor else {})})
        cursor, left = str(answer.raise_for_status().json()["cursor"]), left - step
    return cursor


async def _theirs(peer: OneObject, size: int) -> list[float]:
    await peer.fill_index(size)
    one = f"drama_{size // 2:06}"
    await peer.put({"id": one, "title": "Drama", "characters": [], "episodes": [], "assets": []})
    calls = 5 if size > 10_000 else 10
    return [
        await median_ms(peer.list, calls),
        await median_ms(lambda: peer.get(one), CALLS),
        await median_ms(lambda: peer.patch(one, lambda drama: drama.update(title="Another")), calls),
    ]


def _growth(rows: list[list[object]]) -> float:
    first, last = rows[0][1], rows[-1][1]
    assert isinstance(first, float)
    assert isinstance(last, float)
    return last / first


def main() -> int:
    """Returns 0 once it is measured and recorded."""
    record("bench-dramas", asyncio.run(run(Path(".sfd/bench-dramas").resolve())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
