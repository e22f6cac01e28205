"""How large a drama may be: it is read whole, in one message, so what is in it has one limit together."""

from __future__ import annotations

import uuid

from kit.errors import InvalidInput
from services.storage.db import Pg
from services.storage.dramas.kinds import ASSET, CHARACTER, EPISODE, SCENE, Kind
from sfd.dramas.v1 import drama_pb2 as pb

MAX_BYTES = 12 * 1024 * 1024
"""A message holds 16 MiB. The rest is for what people do not write: ETags, URLs, and assets that machines make."""
_ROW = 96
"""Bytes of an entity beside its texts: its ETag, its numbers, and the tags and lengths of its fields."""
_NUMBERS = frozenset({"main", "duration"})


def check_whole(drama: pb.Drama) -> None:
    """Raises `InvalidInput` for a drama that is too large to be read again."""
    if drama.ByteSize() > MAX_BYTES:
        raise _too_large("drama")


async def check_stored(pg: Pg, key: uuid.UUID, where: str) -> None:
    """Raises `InvalidInput` when the stored drama has become too large; `where` is the field that was written."""
    if await pg.fetchval(_SIZE, key) > MAX_BYTES:
        raise _too_large(where)


def _too_large(where: str) -> InvalidInput:
    return InvalidInput(
        f"A drama holds at most {MAX_BYTES >> 20} MiB of text together.", field=where, reason="drama_too_large"
    )


def _bytes(kind: Kind) -> str:
    columns = dict.fromkeys(["id", *kind.group, *(one for one in kind.fields.values() if one not in _NUMBERS)])
    # octet_length reads the length of a stored text, not the text.
    texts = [f"array_to_string({one}, ' ')" if one == "depends_on" else one for one in columns]
    whole = " + ".join(f"coalesce(octet_length({text}), 0)" for text in texts)
    return f"(SELECT coalesce(sum({_ROW} + {whole}), 0)::bigint FROM {kind.table} WHERE drama_id = $1)"


_OWN = ("title", "description", "premise", "url", "metadata")
_SIZE = f"""
SELECT {" + ".join(f"coalesce(octet_length({column}), 0)" for column in _OWN)}
  + {" + ".join(_bytes(kind) for kind in (CHARACTER, EPISODE, SCENE, ASSET))}
FROM dramas WHERE id = $1
"""
