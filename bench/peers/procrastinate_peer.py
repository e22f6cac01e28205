"""procrastinate: `worker DSN` runs 10 slots, `measure DSN COUNT` defers COUNT no-op jobs from 8 concurrent callers and waits for all.

Prints one JSON object: jobs per second from the first defer to the last job that is recorded as succeeded.
"""

import asyncio
import json
import sys
import time

import procrastinate

CALLERS = 8
SLOTS = 10


def make(dsn):
    return procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=dsn, min_size=CALLERS, max_size=20))


def with_task(app):
    @app.task(name="noop", queue="bench")
    async def noop():
        return None

    return noop


async def worker(dsn):
    app = make(dsn)
    with_task(app)
    async with app.open_async():
        await app.run_worker_async(
            queues=["bench"], concurrency=SLOTS, fetch_job_polling_interval=1, install_signal_handlers=True
        )


async def done(app):
    row = await app.connector.execute_query_one_async(
        "SELECT count(*) AS n FROM procrastinate_jobs WHERE status = 'succeeded'"
    )
    return row["n"]


async def measure(dsn, count):
    app = make(dsn)
    noop = with_task(app)
    async with app.open_async():
        before = await done(app)
        left = count
        started = time.perf_counter()

        async def caller():
            nonlocal left
            while left > 0:
                left -= 1
                await noop.defer_async()

        await asyncio.gather(*(caller() for _ in range(CALLERS)))
        while await done(app) < before + count:
            await asyncio.sleep(0.02)
        print(json.dumps({"jobs_per_second": count / (time.perf_counter() - started)}))


async def schema(dsn):
    app = make(dsn)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


if __name__ == "__main__":
    command, dsn = sys.argv[1], sys.argv[2]
    if command == "schema":
        asyncio.run(schema(dsn))
    elif command == "worker":
        asyncio.run(worker(dsn))
    else:
        asyncio.run(measure(dsn, int(sys.argv[3])))
