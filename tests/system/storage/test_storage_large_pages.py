"""A page of large rows ends early instead of failing, and its token leads on to the rest."""

from __future__ import annotations

import json
import uuid

import pytest

from kit.testing.house import House
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as dramas
from sfd.jobs.v1 import job_pb2, job_service_pb2
from stack.servers import Servers
from tests.system.storage.drama_bench import Bench, ids

pytestmark = pytest.mark.system


async def test_a_list_of_large_dramas_goes_to_its_end(storage_house: House, servers: Servers) -> None:
    bench = Bench(storage_house, servers, account=str(uuid.uuid4()))
    notes = json.dumps({"notes": "n" * 1_000_000})
    for n in range(20):
        await bench.put(pb.Drama(id=f"large_{n:02d}", title="Large", metadata_json=notes))
    seen: list[str] = []
    token = ""
    while True:
        page = await bench.dramas.ListDramas(dramas.ListDramasRequest(page_size=100, page_token=token))
        seen += ids(page.dramas)
        if not (token := page.next_page_token):
            break
    assert seen == [f"large_{n:02d}" for n in reversed(range(20))]


async def test_the_jobs_of_a_run_with_large_outputs_go_to_their_end(storage_house: House, servers: Servers) -> None:
    bench = Bench(storage_house, servers)
    output = json.dumps({"text": "o" * 900_000})
    new = [
        job_pb2.NewJob(
            step=f"s{n:02d}", kind="test.large", queue="none", payload_type="x", reused=True, output_json=output
        )
        for n in range(10)
    ]
    run = (await bench.jobs.SubmitRun(job_service_pb2.SubmitRunRequest(kind="test", jobs=new))).run
    pages: list[list[str]] = []
    token = ""
    while token or not pages:
        asked = job_service_pb2.ListJobsRequest(run_id=run.id, page_size=10_000, page_token=token)
        page = await bench.jobs.ListJobs(asked)
        pages.append([job.step for job in page.jobs])
        token = page.next_page_token
    assert [step for steps in pages for step in steps] == [f"s{n:02d}" for n in range(10)]
    assert len(pages) == 2
