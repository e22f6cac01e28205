"""The same request id and the same request give the first answer again; another request under the same id is refused.

The reply is stored in the transaction that did the work, so there is no moment in which one exists without the other.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
from google.protobuf.message import Message

from kit.errors import AlreadyExists, Conflict, InvalidInput, SfdError
from services.storage.db import Database, Pg, Row

M = TypeVar("M", bound=Message)

INSERT = "INSERT INTO idempotency (account_id, method, request_id, request_sha256, reply) VALUES ($1, $2, $3, $4, $5)"
_SELECT = "SELECT request_sha256, reply, created_at FROM idempotency WHERE account_id = $1 AND method = $2 AND request_id = $3"
# Held until the transaction ends. Two ids that hash alike only make one caller try again.
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))"
MAX_REQUEST_ID = 255


def request_hash(request: Message) -> str:
    """Returns SHA-256 over the request's deterministic bytes, hexadecimal."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()


def check_request_id(request_id: str) -> None:
    """Raises `InvalidInput` for an id that is too long or not printable ASCII."""
    if len(request_id) > MAX_REQUEST_ID or not (request_id.isascii() and request_id.isprintable()):
        raise InvalidInput("request_id must be at most 255 printable ASCII characters.", field="request_id")


async def replay(
    database: Database, account: uuid.UUID, method: str, request_id: str, sha256: str, reply: type[M]
) -> M | None:
    """Returns the first answer, or None when there is none; raises `AlreadyExists` when the request was another one."""
    return _same(await database.row(_SELECT, account, method, request_id), sha256, reply)


async def once(
    database: Database,
    account: uuid.UUID,
    method: str,
    request_id: str,
    request: Message,
    reply: type[M],
    work: Callable[[Pg], Awaitable[M]],
) -> M:
    """Runs `work` in a transaction and stores its reply there; a repeat returns the stored one.

    Raises `Conflict` (`idempotency_in_flight`) while another call under the same id is at work, in this process or another one.
    """
    check_request_id(request_id)
    if not request_id:
        return await database.unit(work)
    sha256 = request_hash(request)
    known = await replay(database, account, method, request_id, sha256, reply)
    if known is not None:
        return known

    async def remembered(pg: Pg) -> M:
        if not await pg.fetchval(_LOCK, f"{account}/{method}/{request_id}"):
            raise Conflict(
                "The first request with this id is not done yet.",
                reason="idempotency_in_flight",
                field="request_id",
                retryable=True,
            )
        # Whoever held it may have committed since we looked.
        first = _same(await pg.fetchrow(_SELECT, account, method, request_id), sha256, reply)
        if first is not None:
            return first
        answer = await work(pg)
        await pg.execute(INSERT, account, method, request_id, sha256, answer.SerializeToString())
        return answer

    try:
        return await database.unit(remembered)
    except asyncpg.UniqueViolationError as error:
        # Somebody else was first under the same id; any other taken id is not ours to explain.
        known = await replay(database, account, method, request_id, sha256, reply)
        if known is None:
            raise AlreadyExists("The id is taken.") from error
        return known
    except SfdError:
        # The same request may have come twice at once: this one was refused for what the other did.
        known = await replay(database, account, method, request_id, sha256, reply)
        if known is None:
            raise
        return known


def _same(row: Row | None, sha256: str, reply: type[M]) -> M | None:
    """Returns the stored answer; raises `AlreadyExists` when it was given to another request."""
    if row is None:
        return None
    if row["request_sha256"] != sha256:
        raise AlreadyExists(
            "This request id was used for another request.", reason="idempotency_key_reused", field="request_id"
        )
    return reply.FromString(row["reply"])
