"""The statements of deliveries."""

from __future__ import annotations

from services.storage.webhooks.rules import AT_ONCE, FAILING_DAYS, KEPT_DAYS

ENDPOINT = (
    "id, account_id, public_id, url, events, drama_id, description, enabled, disabled_reason, disabled_at, failing_since,"
    " CASE WHEN old_secret_until > now() THEN old_secret_until END AS old_secret_until, created_at, updated_at"
)
DELIVERY = (
    "d.id, d.account_id, d.endpoint_id, d.message_id, d.state, d.attempts, d.run_after, d.last_status, d.last_error,"
    " d.last_attempt_at, d.ended_at, d.pos, d.run_id, d.job_id, d.run_public_id, d.drama_id, d.seq, d.type, d.data,"
    " d.event_at, d.created_at"
)

# A part of the relay's statement, which has `placed (id, pos)`: in one snapshot an event that is visible meets every endpoint that
# was there before it. The first condition is looked at once, so that a house without webhooks pays nothing for each event.
# gen_random_uuid and not time first: the order of rows comes from their position.
ON_PLACED = """
told AS (
  INSERT INTO webhook_deliveries (id, account_id, endpoint_id, message_id, pos, run_id, job_id, run_public_id, drama_id, seq, type, data,
                                  event_at)
  SELECT gen_random_uuid(), e.account_id, w.id, 'msg_' || p.pos || '_' || substr(w.public_id, 4), p.pos, e.run_id, e.job_id,
         e.run_public_id, e.drama_id, e.seq, e.type, e.data, e.created_at
  FROM placed p JOIN events e ON e.id = p.id JOIN webhook_endpoints w ON w.account_id = e.account_id
  WHERE EXISTS (SELECT FROM webhook_endpoints WHERE enabled) AND w.enabled AND w.drama_id IN ('', e.drama_id)
    AND EXISTS (SELECT FROM unnest(w.events) f WHERE f = '*' OR f = e.type OR (f LIKE '%.*' AND starts_with(e.type, left(f, -1))))
  RETURNING 1)
"""

LOST = """
UPDATE webhook_deliveries SET state = 'queued', run_after = now() WHERE id IN (
  SELECT id FROM webhook_deliveries WHERE state = 'running' AND lease_until < now() ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED)
"""
# Endpoints that have something waiting are found by jumping along the index, and each gives its oldest few in turn: what one
# endpoint has piled up never stands before another one's.
LEASE = f"""
WITH RECURSIVE waiting AS (
  (SELECT endpoint_id FROM webhook_deliveries WHERE state = 'queued' ORDER BY endpoint_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.endpoint_id FROM webhook_deliveries d WHERE d.state = 'queued' AND d.endpoint_id > w.endpoint_id
          ORDER BY d.endpoint_id LIMIT 1)
  FROM waiting w WHERE w.endpoint_id IS NOT NULL),
busy AS (SELECT endpoint_id, count(*) AS n FROM webhook_deliveries WHERE state = 'running' GROUP BY endpoint_id),
due AS (
  SELECT d.id FROM waiting w JOIN webhook_endpoints e ON e.id = w.endpoint_id AND e.enabled
  LEFT JOIN busy b ON b.endpoint_id = w.endpoint_id
  CROSS JOIN LATERAL (
    SELECT q.id, q.run_after, row_number() OVER (ORDER BY q.run_after, q.id) + coalesce(b.n, 0) AS place FROM (
      SELECT id, run_after FROM webhook_deliveries
      WHERE endpoint_id = w.endpoint_id AND state = 'queued' AND run_after <= now() ORDER BY run_after, id LIMIT {AT_ONCE}) q) d
  WHERE d.place <= CASE WHEN e.failing_since IS NULL THEN {AT_ONCE} ELSE 1 END
  ORDER BY d.place, d.run_after LIMIT $1),
taken AS (
  UPDATE webhook_deliveries d SET state = 'running', lease_id = gen_random_uuid(), lease_until = now() + make_interval(secs => $2)
  WHERE d.id = ANY(ARRAY(SELECT id FROM due)) AND d.state = 'queued' RETURNING {DELIVERY}, d.lease_id)
SELECT t.*, e.public_id AS webhook_id, e.url, e.secret, CASE WHEN e.old_secret_until > now() THEN e.old_secret END AS old_secret,
       k.id AS key_id, k.master_version, k.wrapped
FROM taken t JOIN webhook_endpoints e ON e.id = t.endpoint_id JOIN data_keys k ON k.account_id = t.account_id AND k.retired_at IS NULL
ORDER BY t.pos, t.created_at
"""
LOCK = "SELECT id, endpoint_id, attempts FROM webhook_deliveries WHERE id = $1 AND lease_id = $2 AND state IN ('queued', 'running') FOR UPDATE"
SUCCEEDED = """
UPDATE webhook_deliveries SET state = 'succeeded', attempts = attempts + 1, lease_id = NULL, lease_until = NULL, last_status = $2,
  last_error = '', last_attempt_at = now(), ended_at = now() WHERE id = $1
"""
AGAIN = """
UPDATE webhook_deliveries SET state = 'queued', attempts = attempts + 1, lease_id = NULL, lease_until = NULL, last_status = $2,
  last_error = $3, last_attempt_at = now(), run_after = now() + make_interval(secs => $4) WHERE id = $1
"""
GIVEN_BACK = """
UPDATE webhook_deliveries SET state = 'queued', lease_id = NULL, lease_until = NULL, last_error = $2,
  run_after = now() + make_interval(secs => $3) WHERE id = $1
"""
DEAD = """
UPDATE webhook_deliveries SET state = 'dead', attempts = attempts + 1, lease_id = NULL, lease_until = NULL, last_status = $2,
  last_error = $3, last_attempt_at = now(), ended_at = now() WHERE id = $1
"""
HEALTHY = "UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL"
FAILING = "UPDATE webhook_endpoints SET failing_since = now() WHERE id = $1 AND failing_since IS NULL"
DISABLE = """
UPDATE webhook_endpoints SET enabled = false, disabled_reason = $2, disabled_at = now(), updated_at = now() WHERE id = $1 AND enabled
RETURNING id
"""
DISABLE_FAILING = f"""
UPDATE webhook_endpoints SET enabled = false, disabled_reason = 'failing', disabled_at = now(), updated_at = now()
WHERE id = $1 AND enabled AND failing_since < now() - interval '{FAILING_DAYS} days' RETURNING id
"""
BURY = """
UPDATE webhook_deliveries SET state = 'dead', last_error = 'endpoint_disabled', ended_at = now() WHERE endpoint_id = $1 AND state = 'queued'
"""
REPLAY = """
SET state = 'queued', attempts = 0, run_after = now(), lease_id = NULL, lease_until = NULL, ended_at = NULL
"""
OLD = f"""
DELETE FROM webhook_deliveries WHERE id IN (
  SELECT id FROM webhook_deliveries WHERE created_at < now() - interval '{KEPT_DAYS} days' ORDER BY created_at LIMIT 5000) RETURNING 1
"""
