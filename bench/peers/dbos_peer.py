"""DBOS: `worker DSN` listens on a queue with 10 slots, `measure DSN COUNT` enqueues COUNT no-op workflows from 8 threads and waits for all.

Prints one JSON object: workflows per second from the first enqueue to the last workflow that is recorded as SUCCESS. The queue polls
every 0.1 s instead of its default of one second, in its favour.
"""

import json
import sys
import threading
import time

import psycopg
from dbos import DBOS, DBOSClient, DBOSConfig

CALLERS = 8
SLOTS = 10


@DBOS.workflow()
def noop() -> None:
    return None


def worker(dsn: str) -> None:
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": dsn,
        "run_admin_server": False,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue("bench", worker_concurrency=SLOTS, polling_interval_sec=0.1)
    threading.Event().wait()


def done(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT count(*) FROM dbos.workflow_status WHERE status = 'SUCCESS'").fetchone()[0]


def measure(dsn: str, count: int) -> None:
    before = done(dsn)
    clients = [DBOSClient(system_database_url=dsn) for _ in range(CALLERS)]
    started = time.perf_counter()

    def caller(client: DBOSClient) -> None:
        for _ in range(count // CALLERS):
            client.enqueue({"queue_name": "bench", "workflow_name": "noop"})

    threads = [threading.Thread(target=caller, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while done(dsn) < before + count // CALLERS * CALLERS:
        time.sleep(0.05)
    print(json.dumps({"jobs_per_second": count / (time.perf_counter() - started)}))


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        worker(sys.argv[2])
    else:
        measure(sys.argv[2], int(sys.argv[3]))
