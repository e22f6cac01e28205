"""The hot statements of the queue, one text each.

Locks are always taken in the order job, run, dependants by id. A report locks its rows in a statement of its own before it looks at
edges: a statement sees the database as it was when it began, so edges added while it waited for a lock would be missed. Only runs of
a single job (`alone`), which have no edges, are finished in one statement.
"""

from __future__ import annotations

from services.storage.jobs.rules import LEASE_SECONDS

JOB = """j.id, j.account_id, j.run_id, j.public_id, j.step, j.kind, j.queue, j.payload_type, j.input, j.output, j.state, j.waits_on,
  j.attempt, j.max_attempts, j.lease_losses, j.run_after, j.lease_id, j.lease_until, j.progress, j.progress_message, j.failure,
  j.metadata, j.reused, j.optional, j.held, j.cancel_requested, j.cost_nano_usd, j.created_at, j.started_at, j.finished_at"""

SUBMISSION = """s.id, s.account_id, s.run_id, s.job_id, s.number, s.purpose, s.state, s.vendor, s.model, s.key_id, s.key_slots, s.request,
  s.request_sha256, s.operation_id, s.told_operation_id, s.price_nano_usd, s.cost_nano_usd, s.estimated, s.failure, s.detail, s.created_at, s.updated_at"""

RUN = """r.id, r.account_id, r.public_id, r.kind, r.drama_id, r.state, r.total, r.succeeded, r.failed, r.cancelled, r.result, r.failure,
  r.metadata, r.cancel_requested, r.cost_nano_usd, r.held_nano_usd, r.ceiling_nano_usd, r.created_at, r.started_at, r.finished_at,
  CASE WHEN r.state IN ('queued', 'running') AND r.total > 0 THEN
    (SELECT count(*) FROM jobs x WHERE x.run_id = r.id AND x.state = 'running') ELSE 0 END AS running,
  CASE WHEN r.state = 'running' AND r.total = 1 THEN (SELECT max(x.progress) FROM jobs x WHERE x.run_id = r.id) END AS progress"""

# Due jobs, fair among accounts: a loose index scan finds the accounts, each gives its oldest, then one of each in turn.
LEASE = f"""
WITH RECURSIVE account AS (
  (SELECT account_id FROM jobs WHERE queue = $1 AND state = 'queued' AND waits_on = 0 AND NOT held ORDER BY account_id LIMIT 1)
  UNION ALL
  SELECT (SELECT n.account_id FROM jobs n
          WHERE n.queue = $1 AND n.state = 'queued' AND n.waits_on = 0 AND NOT n.held AND n.account_id > a.account_id
          ORDER BY n.account_id LIMIT 1)
  FROM account a WHERE a.account_id IS NOT NULL
), due AS (
  SELECT d.id, d.run_after, d.quiet, row_number() OVER (PARTITION BY a.account_id ORDER BY d.run_after, d.id) AS turn
  FROM account a CROSS JOIN LATERAL (
    SELECT q.id, q.run_after, q.quiet FROM jobs q
    WHERE q.queue = $1 AND q.state = 'queued' AND q.waits_on = 0 AND NOT q.held AND q.account_id = a.account_id
      AND q.run_after <= now() AND q.kind = ANY($2)
    ORDER BY q.run_after, q.id LIMIT $3 FOR UPDATE SKIP LOCKED
  ) d
), leased AS (
  UPDATE jobs j SET state = 'running', lease_id = gen_random_uuid(), lease_until = now() + interval '{LEASE_SECONDS} seconds',
    worker = $4, started_at = coalesce(j.started_at, now()), quiet = false, woken = false,
    event_seq = j.event_seq + CASE WHEN j.quiet THEN 0 ELSE 1 END
  FROM (SELECT id, quiet FROM due ORDER BY turn, run_after, id LIMIT $3) p
  WHERE j.id = p.id
  RETURNING {JOB}, j.event_seq, j.has_parents, j.has_submissions, p.quiet AS silent
), touched AS (
  SELECT r.id FROM runs r WHERE r.id IN (SELECT run_id FROM leased) AND r.state = 'queued' ORDER BY r.id FOR UPDATE
), begun AS (
  UPDATE runs r SET state = 'running', started_at = coalesce(r.started_at, now()), event_seq = r.event_seq + 1
  FROM touched t WHERE r.id = t.id AND r.state = 'queued'
  RETURNING r.id, r.account_id, r.public_id, r.drama_id, r.event_seq, r.kind
), told AS (
  INSERT INTO events (account_id, run_id, job_id, run_public_id, drama_id, seq, type, data)
  SELECT b.account_id, b.id, NULL, b.public_id, b.drama_id, b.event_seq, 'run.running', json_build_object('kind', b.kind)::text FROM begun b
  UNION ALL
  SELECT j.account_id, j.run_id, j.id, r.public_id, r.drama_id, j.event_seq, 'job.running',
         json_build_object('step', j.step, 'kind', j.kind, 'attempt', j.attempt)::text
  FROM leased j JOIN runs r ON r.id = j.run_id WHERE NOT j.silent
)
SELECT {JOB}, r.drama_id,
  CASE WHEN j.has_parents THEN (
    SELECT json_agg(json_build_object('id', p.id, 'step', p.step, 'kind', p.kind, 'state', p.state, 'output', p.output) ORDER BY p.place)::text
    FROM edges e JOIN jobs p ON p.id = e.parent_id WHERE e.child_id = j.id) END AS parents,
  CASE WHEN j.has_submissions THEN (
    SELECT json_agg(row_to_json(s) ORDER BY s.number)::text
    FROM submissions s WHERE s.job_id = j.id AND s.state <> 'not_accepted') END AS submissions
FROM leased j JOIN runs r ON r.id = j.run_id ORDER BY j.run_after, j.id
"""

HEARTBEAT = f"""
WITH item AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::double precision[], $4::text[]) WITH ORDINALITY AS t(job_id, lease_id, progress, message, n)
), mine AS (
  SELECT j.id, j.progress AS old FROM jobs j JOIN item i ON j.id = i.job_id AND j.lease_id = i.lease_id
  WHERE j.state = 'running' ORDER BY j.id FOR UPDATE OF j
), kept AS (
  UPDATE jobs j SET lease_until = now() + interval '{LEASE_SECONDS} seconds',
    progress = greatest(j.progress, coalesce(i.progress, j.progress)),
    progress_message = CASE WHEN i.message = '' THEN j.progress_message ELSE i.message END,
    event_seq = j.event_seq + CASE WHEN i.progress > j.progress + 0.001 THEN 1 ELSE 0 END
  FROM mine m JOIN item i ON i.job_id = m.id WHERE j.id = m.id
  RETURNING j.id, j.run_id, j.account_id, j.event_seq, j.progress, j.progress_message, j.step, j.kind, j.cancel_requested,
    j.progress > m.old + 0.001 AS moved
), told AS (
  INSERT INTO events (account_id, run_id, job_id, run_public_id, drama_id, seq, type, data)
  SELECT k.account_id, k.run_id, k.id, r.public_id, r.drama_id, k.event_seq, 'job.progress',
         json_build_object('step', k.step, 'kind', k.kind, 'progress', round(k.progress::numeric, 4), 'message', k.progress_message)::text
  FROM kept k JOIN runs r ON r.id = k.run_id WHERE k.moved
)
SELECT i.job_id, k.id IS NULL AS lost, coalesce(k.cancel_requested, false) AS cancel_requested
FROM item i LEFT JOIN kept k ON k.id = i.job_id ORDER BY i.n
"""

SNOOZE = """
WITH item AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::double precision[], $4::bool[], $5::double precision[], $6::text[]) WITH ORDINALITY
    AS t(job_id, lease_id, delay, hold, progress, message, n)
), mine AS (
  SELECT j.id, j.woken FROM jobs j JOIN item i ON j.id = i.job_id AND j.lease_id = i.lease_id
  WHERE j.state = 'running' ORDER BY j.id FOR UPDATE OF j
), given AS (
  -- Whoever gives a job back has lived through it: only deaths in a row make a poison.
  UPDATE jobs j SET state = 'queued', lease_until = NULL, worker = '', lease_losses = 0,
    -- A hold yields to an answer that came meanwhile: then there is nothing left to wait for.
    -- Nobody waits for a person in a cancelled run, and not for long for anything else.
    held = i.hold AND NOT j.cancel_requested AND EXISTS (SELECT 1 FROM submissions s WHERE s.job_id = j.id AND s.state = 'needs_user'),
    -- A callback that came while it was looked after must not wait for the next look.
    quiet = NOT i.hold, woken = false, run_after = now() + make_interval(
      secs => CASE WHEN m.woken THEN 0 WHEN j.cancel_requested THEN least(i.delay, 1) ELSE i.delay END),
    progress = greatest(j.progress, coalesce(i.progress, j.progress)),
    progress_message = i.message, event_seq = j.event_seq + CASE WHEN i.hold THEN 1 ELSE 0 END
  FROM mine m JOIN item i ON i.job_id = m.id WHERE j.id = m.id
  RETURNING j.id, j.run_id, j.account_id, j.event_seq, j.step, j.kind, j.queue, i.hold, i.message,
    CASE WHEN m.woken THEN 0 ELSE i.delay END AS delay
), told AS (
  INSERT INTO events (account_id, run_id, job_id, run_public_id, drama_id, seq, type, data)
  SELECT g.account_id, g.run_id, g.id, r.public_id, r.drama_id, g.event_seq, 'job.held',
         json_build_object('step', g.step, 'kind', g.kind, 'message', g.message)::text
  FROM given g JOIN runs r ON r.id = g.run_id WHERE g.hold
)
SELECT i.job_id, i.lease_id, g.id IS NOT NULL AS applied, g.queue, coalesce(g.delay, 1) AS delay
FROM item i LEFT JOIN given g ON g.id = i.job_id ORDER BY i.n
"""

# A count that fell behind its edges would leave a job waiting for ever; the sweep counts again what nothing can release any more.
STRANDED = """
SELECT c.id FROM jobs c WHERE c.state = 'queued' AND c.waits_on > 0 AND NOT EXISTS (
  SELECT 1 FROM edges e JOIN jobs p ON p.id = e.parent_id WHERE e.child_id = c.id AND p.state IN ('queued', 'running'))
ORDER BY c.id LIMIT 200
"""
DOOMED = """
SELECT 1 FROM edges e JOIN jobs p ON p.id = e.parent_id WHERE e.child_id = $1 AND e.hard AND p.state <> 'succeeded' LIMIT 1
"""

# What every finish has in common: end the jobs in `ended`, count them on their runs, end runs that have no open job left, tell it.
_COUNT_RUNS = """
), per_run AS (
  SELECT run_id, count(*) AS n, count(*) FILTER (WHERE state = 'succeeded') AS ok, count(*) FILTER (WHERE state = 'failed') AS bad,
    count(*) FILTER (WHERE state = 'cancelled') AS stopped, count(*) FILTER (WHERE state = 'failed' AND NOT optional) AS fatal,
    max(failure) FILTER (WHERE state = 'failed' AND NOT optional) AS failure
  FROM ended GROUP BY run_id
), counted AS (
  UPDATE runs r SET open_jobs = r.open_jobs - p.n, succeeded = r.succeeded + p.ok, failed = r.failed + p.bad, cancelled = r.cancelled + p.stopped,
    fatal = r.fatal + p.fatal,
    state = CASE WHEN r.open_jobs > p.n THEN CASE WHEN r.state = 'queued' THEN 'running' ELSE r.state END
                 WHEN r.cancel_requested AND r.cancelled + p.stopped > 0 THEN 'cancelled'
                 WHEN r.fatal + p.fatal > 0 THEN 'failed'
                 WHEN r.cancelled + p.stopped > 0 THEN 'cancelled' ELSE 'succeeded' END,
    failure = CASE WHEN p.failure IS NOT NULL AND r.failure = '' THEN p.failure ELSE r.failure END,
    started_at = coalesce(r.started_at, now()),
    finished_at = CASE WHEN r.open_jobs = p.n THEN now() END,
    event_seq = r.event_seq + CASE WHEN r.open_jobs = p.n THEN 1 ELSE 0 END
  FROM per_run p, (SELECT id FROM runs WHERE id IN (SELECT run_id FROM per_run) ORDER BY id FOR UPDATE) locked
  WHERE r.id = p.run_id AND locked.id = r.id
  RETURNING r.id, r.account_id, r.public_id, r.drama_id, r.kind, r.state, r.event_seq, r.succeeded, r.failed, r.cancelled, r.failure,
    r.open_jobs = 0 AS over
), told AS (
  INSERT INTO events (account_id, run_id, job_id, run_public_id, drama_id, seq, type, data)
  SELECT e.account_id, e.run_id, e.id, c.public_id, c.drama_id, e.event_seq, 'job.' || e.state,
         json_build_object('step', e.step, 'kind', e.kind, 'failure', nullif(e.failure, '')::json)::text
  FROM ended e JOIN counted c ON c.id = e.run_id
  UNION ALL
  SELECT c.account_id, c.id, NULL, c.public_id, c.drama_id, c.event_seq, 'run.' || c.state,
         json_build_object('kind', c.kind, 'succeeded', c.succeeded, 'failed', c.failed, 'cancelled', c.cancelled,
                           'failure', nullif(c.failure, '')::json)::text
  FROM counted c WHERE c.over
)
"""

FINISH_ALONE = f"""
WITH item AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS t(job_id, lease_id, output)
), mine AS (
  SELECT j.id FROM jobs j JOIN item i ON j.id = i.job_id AND j.lease_id = i.lease_id
  WHERE j.state = 'running' AND j.alone AND j.kind <> ALL($4::text[]) ORDER BY j.id FOR UPDATE OF j
), ended AS (
  UPDATE jobs j SET state = 'succeeded', output = i.output, finished_at = now(), progress = 1, progress_message = '', failure = '',
    lease_until = NULL, event_seq = j.event_seq + 1
  FROM mine m JOIN item i ON i.job_id = m.id WHERE j.id = m.id
  RETURNING j.id, j.run_id, j.account_id, j.state, j.step, j.kind, j.event_seq, j.failure, j.optional
{_COUNT_RUNS}
SELECT id FROM ended
"""

LOCK_JOB = f"SELECT {JOB}, j.alone, j.woken FROM jobs j WHERE j.id = $1 FOR UPDATE"
LOCK_RUN = "SELECT id, public_id, drama_id, account_id, state, kind, result, cancel_requested FROM runs WHERE id = $1 FOR UPDATE"

FINISH_LOCKED = f"""
WITH ended AS (
  UPDATE jobs j SET state = t.state, output = t.output, failure = t.failure, finished_at = now(), lease_until = NULL, held = false,
    progress = CASE WHEN t.state = 'succeeded' THEN 1 ELSE j.progress END, progress_message = '', event_seq = j.event_seq + 1
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS t(id, state, output, failure)
  WHERE j.id = t.id AND j.state IN ('queued', 'running')
  RETURNING j.id, j.run_id, j.account_id, j.state, j.step, j.kind, j.event_seq, j.failure, j.optional
{_COUNT_RUNS}
SELECT id FROM ended
"""

# Children of ended jobs: a hard child of one that did not succeed is doomed, the others come one parent closer.
CHILDREN = """
SELECT c.id, bool_or(e.hard AND p.state <> 'succeeded') AS doomed, count(*) AS parents
FROM edges e JOIN jobs p ON p.id = e.parent_id JOIN jobs c ON c.id = e.child_id
WHERE e.parent_id = ANY($1) AND c.state = 'queued' GROUP BY c.id ORDER BY c.id
"""

# Counted anew from the edges instead of decremented: a release can then never be wrong, however often it is repeated.
RELEASE = """
WITH locked AS (SELECT id FROM jobs WHERE id = ANY($1) AND state = 'queued' ORDER BY id FOR UPDATE)
UPDATE jobs c SET waits_on = (
    SELECT count(*) FROM edges e JOIN jobs p ON p.id = e.parent_id
    WHERE e.child_id = c.id AND p.state NOT IN ('succeeded', 'failed', 'cancelled')),
  run_after = greatest(c.run_after, now())
FROM locked l WHERE c.id = l.id
RETURNING c.id, c.queue, c.waits_on
"""

RETRY = """
WITH again AS (
  UPDATE jobs j SET state = 'queued', attempt = j.attempt + 1, run_after = now() + make_interval(secs => $2), lease_until = NULL, worker = '',
    lease_losses = 0, failure = $3, event_seq = j.event_seq + 1
  WHERE j.id = $1 RETURNING j.id, j.run_id, j.account_id, j.step, j.kind, j.attempt, j.event_seq
), told AS (
  INSERT INTO events (account_id, run_id, job_id, run_public_id, drama_id, seq, type, data)
  SELECT a.account_id, a.run_id, a.id, r.public_id, r.drama_id, a.event_seq, 'job.retrying',
         json_build_object('step', a.step, 'kind', a.kind, 'attempt', a.attempt, 'failure', $3::json)::text
  FROM again a JOIN runs r ON r.id = a.run_id
)
SELECT id FROM again
"""

ATTEMPT = """
INSERT INTO attempts (job_id, number, worker, failure)
SELECT $1, coalesce(max(number), 0) + 1, $2, $3 FROM attempts WHERE job_id = $1
"""

SET_ASIDE = """
INSERT INTO dead_letters (job_id, account_id, reason, failure) SELECT id, account_id, $2, $3 FROM jobs WHERE id = $1
ON CONFLICT DO NOTHING
"""

EXPIRED = """
SELECT id FROM jobs WHERE state = 'running' AND lease_until < now() ORDER BY lease_until LIMIT 200
"""

# What died together does not come back together: the first time at once, later spread out, so that a job that kills its worker
# does not take the same neighbours along each time until they look like poison too.
TAKE_BACK = """
WITH back AS (
  UPDATE jobs j SET state = 'queued', lease_losses = j.lease_losses + 1,
    run_after = now() + make_interval(secs => random() * 4 * j.lease_losses), lease_until = NULL, worker = '',
    event_seq = j.event_seq + 1
  WHERE j.id = $1 AND j.state = 'running' AND j.lease_until < now()
  RETURNING j.id, j.run_id, j.account_id, j.step, j.kind, j.event_seq, j.queue, j.lease_losses
), told AS (
  INSERT INTO events (account_id, run_id, job_id, run_public_id, drama_id, seq, type, data)
  SELECT b.account_id, b.run_id, b.id, r.public_id, r.drama_id, b.event_seq, 'job.lease_lost',
         json_build_object('step', b.step, 'kind', b.kind, 'lease_losses', b.lease_losses)::text
  FROM back b JOIN runs r ON r.id = b.run_id
)
SELECT queue FROM back
"""
