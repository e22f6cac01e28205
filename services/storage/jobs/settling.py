"""Money and key slots: how a hold becomes a cost, and what becomes of the paid calls that an ended job leaves open."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from services.storage.db import Pg
from services.storage.ids import uuid7
from services.storage.jobs import sql
from services.storage.jobs.rules import failure_json
from sfd.jobs.v1 import job_pb2

MOVE = """
UPDATE submissions SET state = $2, operation_id = CASE WHEN $3 = '' THEN operation_id ELSE $3 END, cost_nano_usd = $4, estimated = $5,
  failure = $6, detail = CASE WHEN $7 = '' THEN detail ELSE $7 END, updated_at = now()
WHERE id = $1
"""
_SETTLE = (
    "UPDATE runs SET held_nano_usd = greatest(0, held_nano_usd - $2), cost_nano_usd = cost_nano_usd + $3 WHERE id = $1"
)
_GIVE_SLOT = "UPDATE key_slots SET used = greatest(0, used - 1) WHERE account_id = $1 AND vendor = $2 AND key_id = $3"
# The seconds of film are read from the frozen request without parsing it as a document: a prompt cannot look like the field, because its
# quotes are escaped there.
_USAGE = """
INSERT INTO usage_entries (id, account_id, run_id, job_id, submission_id, vendor, model, kind, drama_id, outcome, cost_nano_usd, estimated, units,
                           film_seconds, work_seconds)
SELECT $1, s.account_id, s.run_id, s.job_id, s.id, s.vendor, s.model, j.kind, r.drama_id, s.state, s.cost_nano_usd, s.estimated, s.detail,
  CASE WHEN s.state = 'done' THEN coalesce(substring(s.request from '"seconds": ?"?([0-9]{1,6}([.][0-9]{1,6})?)')::float8, 0) ELSE 0 END,
  CASE WHEN s.state = 'done' THEN greatest(0, extract(epoch FROM now() - s.created_at)) ELSE 0 END
FROM submissions s JOIN jobs j ON j.id = s.job_id JOIN runs r ON r.id = s.run_id WHERE s.id = $2
ON CONFLICT (submission_id) DO NOTHING
"""
_TELL = """
WITH told AS (UPDATE jobs SET event_seq = event_seq + 1 WHERE id = $1 RETURNING id, run_id, account_id, event_seq, step, kind)
INSERT INTO events (account_id, run_id, job_id, run_public_id, drama_id, seq, type, data)
SELECT t.account_id, t.run_id, t.id, r.public_id, r.drama_id, t.event_seq, $2,
       json_build_object('step', t.step, 'kind', t.kind, 'submission', $3::text, 'vendor', $4::text, 'price_nano_usd', $5::bigint)::text
FROM told t JOIN runs r ON r.id = t.run_id
"""
_LEFT = f"""
SELECT {sql.SUBMISSION} FROM submissions s JOIN jobs j ON j.id = s.job_id WHERE s.job_id = ANY($1) AND j.has_submissions
  AND s.state IN ('intent', 'submitting', 'submit_unknown', 'submitted', 'running', 'fetching') ORDER BY s.id FOR UPDATE OF s
"""
_NOT_SENT = failure_json(job_pb2.Failure(reason="job_ended", message="Its job ended before it was sent."))
_UNKNOWN = failure_json(
    job_pb2.Failure(reason="job_ended", message="Its job ended before the vendor's answer was known.", charged=True)
)
_GIVEN_UP = failure_json(
    job_pb2.Failure(reason="job_ended", message="Its job ended while the vendor was at work.", charged=True)
)
_GIVEN_UP_BY_PERSON = failure_json(
    job_pb2.Failure(reason="abandoned", message="A person cancelled its job.", charged=True)
)
_HELD = f"SELECT {sql.SUBMISSION} FROM submissions s WHERE s.job_id = $1 AND s.state = 'needs_user' ORDER BY s.id FOR UPDATE"


async def settle(pg: Pg, row: Any, cost: int) -> None:
    """Turns the hold into a cost, gives the key's slot back and books the usage, once."""
    await pg.execute(_SETTLE, row["run_id"], row["price_nano_usd"], cost)
    await pg.execute("UPDATE jobs SET cost_nano_usd = cost_nano_usd + $2 WHERE id = $1", row["job_id"], cost)
    if row["key_slots"]:
        await pg.execute(_GIVE_SLOT, row["account_id"], row["vendor"], row["key_id"])
    await pg.execute(_USAGE, uuid7(), row["id"])


async def tell_needs_user(pg: Pg, row: Any) -> None:
    """Writes the event that a paid call waits for a person."""
    await pg.execute(_TELL, row["job_id"], "job.needs_user", str(row["id"]), row["vendor"], row["price_nano_usd"])


async def abandon_held(pg: Pg, job_id: uuid.UUID) -> None:
    """Gives up the paid calls of a locked job that wait for a person: who cancels the job has decided."""
    for row in await pg.fetch(_HELD, job_id):
        await pg.execute(MOVE, row["id"], "abandoned", "", 0, False, _GIVEN_UP_BY_PERSON, "")
        await settle(pg, row, 0)


async def settle_left(pg: Pg, job_ids: Sequence[uuid.UUID]) -> None:
    """Settles what ended jobs left open: nobody will ever report it, and it would hold money and slots for ever.

    What was not sent is not owed. What the vendor took is booked at its price, as an estimate: an order to stop does not make it free.
    What may have been sent waits for a person, with its price.
    """
    for row in await pg.fetch(_LEFT, list(job_ids)):
        match row["state"]:
            case "intent":
                await pg.execute(MOVE, row["id"], "not_accepted", "", 0, False, _NOT_SENT, "")
                await settle(pg, row, 0)
            case "submitting" | "submit_unknown":
                await pg.execute(MOVE, row["id"], "needs_user", "", 0, False, _UNKNOWN, "")
                await tell_needs_user(pg, row)
            case _:
                price = row["price_nano_usd"]
                await pg.execute(MOVE, row["id"], "failed", "", price, True, _GIVEN_UP, "")
                await settle(pg, row, price)
