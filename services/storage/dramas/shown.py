"""Which stored objects are still shown somewhere when the drama, or the entity, that they were made for goes.

A drama that was written anew from another one shows the portraits of the first, and a person may link any picture anywhere: what is
still shown stays, and belongs to the drama that shows it from then on.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from services.storage.db import Pg

Urls = Callable[[Any], Sequence[str]]
"""Gives the URLs that a row of `assets` is known by."""
_BELOW = (
    ("characters", "url"),
    ("characters", "premise_url"),
    ("episodes", "url"),
    ("scenes", "image_url"),
    ("scenes", "video_url"),
    ("drama_assets", "url"),
)
_PLACES = " UNION ALL ".join(
    (
        "SELECT d.id, d.public_id FROM dramas d WHERE d.url = u.url AND d.account_id = $1",
        *(
            f"SELECT d.id, d.public_id FROM {table} e JOIN dramas d ON d.id = e.drama_id"
            f" WHERE e.{column} = u.url AND d.account_id = $1"
            for table, column in _BELOW
        ),
    )
)
_SHOWN = f"""
SELECT u.asset, min(p.public_id) AS drama FROM unnest($3::uuid[], $4::text[]) AS u(asset, url)
CROSS JOIN LATERAL ({_PLACES}) p WHERE p.id <> $2 GROUP BY u.asset
"""
# What a person has put into the asset library is not the drama's, whatever drama uses it.
_LISTED = "SELECT DISTINCT stored_id FROM library_assets WHERE stored_id = ANY($1) AND owned"
_KEEP = """
UPDATE assets a SET drama_id = k.drama FROM unnest($2::uuid[], $3::text[]) AS k(id, drama) WHERE a.id = k.id AND a.account_id = $1
"""
# The library lists them as the products of the drama, and its copies go with that drama.
_UNLIST = "DELETE FROM library_assets WHERE account_id = $1 AND stored_id = ANY($2) AND NOT owned"


async def keep_shown(pg: Pg, drama: Any, assets: Sequence[Any], urls: Urls) -> set[uuid.UUID]:
    """Labels those of `assets` that other dramas of the account show, or its library lists, as theirs; returns their ids.

    `drama` is the locked row of the one that loses them.
    """
    if not assets:
        return set()
    account = drama["account_id"]
    known = [(row["id"], url) for row in assets for url in urls(row)]
    ids, names = [asset for asset, _ in known], [url for _, url in known]
    kept = {row["asset"]: row["drama"] for row in await pg.fetch(_SHOWN, account, drama["id"], ids, names)}
    await pg.execute(_UNLIST, account, list(kept))
    for row in await pg.fetch(_LISTED, [row["id"] for row in assets]):
        kept.setdefault(row["stored_id"], "")
    await pg.execute(_KEEP, account, list(kept), list(kept.values()))
    return set(kept)
