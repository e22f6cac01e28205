"""Cancel, retry and what was set aside, over REST."""

from __future__ import annotations

import httpx
import pytest

from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway import step_fakes
from tests.contract.gateway.full_house import FullHouse

FAILED, RUNNING, SUCCEEDED = job_pb2.JOB_STATE_FAILED, job_pb2.JOB_STATE_RUNNING, job_pb2.JOB_STATE_SUCCEEDED


def a_creation(house: FullHouse) -> tuple[job_pb2.Run, job_pb2.Job]:
    """Puts a creation run into the memory that is done, but for one portrait."""
    run = house.add_run("generate_drama", "d", state=SUCCEEDED, total=3, succeeded=2, failed=1)
    failure = job_pb2.Failure(reason="vendor_refused", message="The prompt was refused.")
    step_fakes.step_of(house, run, step="generate", kind="story.generate", state=SUCCEEDED)
    broken = step_fakes.step_of(
        house, run, step="portrait:mina", kind="imaging.portrait", state=FAILED, failure=failure, optional=True
    )
    step_fakes.step_of(house, run, step="cover", kind="imaging.cover", state=SUCCEEDED, optional=True)
    return run, broken


async def test_a_portrait_that_failed_shows_and_can_be_tried_again(api: httpx.AsyncClient, house: FullHouse) -> None:
    run, broken = a_creation(house)
    body = (await api.get(f"/dramas/d/jobs/{run.public_id}")).json()
    assert (body["status"], body["error"], body["can_retry"]) == ("completed", None, True)
    assert (body["total_jobs"], body["completed_jobs"], body["failed_jobs"]) == (3, 2, 1)
    child = body["jobs"][1]
    assert (child["status"], child["error"]) == ("failed", "The prompt was refused.")
    assert (child["reason"], child["can_retry"], child["optional"]) == ("vendor_refused", True, True)
    assert [one["can_retry"] for one in body["jobs"]] == [False, True, False]
    one = (await api.get(f"/jobs/{broken.id}")).json()
    assert (one["status"], one["can_retry"], one["reason"]) == ("failed", True, "vendor_refused")


async def test_a_production_tells_counters_and_steps_while_it_runs(api: httpx.AsyncClient, house: FullHouse) -> None:
    run = house.add_run("execute_drama", "d", state=RUNNING, total=2, running=1)
    step_fakes.step_of(house, run, step="clip:s", kind="video.clip", state=RUNNING)
    body = (await api.get(f"/dramas/d/jobs/{run.public_id}")).json()
    assert body["job_id"] == body["jobId"] == run.public_id
    assert (body["total_jobs"], body["running_jobs"], body["pending_jobs"]) == (2, 1, 1)
    assert body["jobs"] == body["result"]["jobs"]
    assert body["can_retry"] is False


@pytest.mark.parametrize("prefix", ["/dramas/d", ""])
async def test_a_step_is_tried_again(api: httpx.AsyncClient, house: FullHouse, prefix: str) -> None:
    run, broken = a_creation(house)
    house.warnings.append("careful")
    answer = await api.post(f"{prefix}/jobs/{broken.id}/retry", json={"ceiling_usd": 2.5, "x": 1})
    body = answer.json()
    assert answer.status_code == 202
    assert body["jobId"] == body["job_id"] != run.public_id
    assert (body["dramaId"], body["status"], body["retry_of"]) == ("d", "pending", broken.id)
    assert answer.headers["location"] == f"/dramas/d/jobs/{body['jobId']}"
    assert (answer.headers["x-sfd-warning"], answer.headers["x-sfd-ignored"]) == ("careful", "x")
    asked = house.last(story_service_pb2.RetryJobRequest)
    assert (asked.job_id, asked.ceiling_nano_usd) == (broken.id, 2_500_000_000)
    assert (await api.get(answer.headers["location"])).status_code == 200
    assert (await api.post(f"{prefix}/jobs/{run.public_id}/retry")).status_code == 202


async def test_what_cannot_be_tried_again(api: httpx.AsyncClient, house: FullHouse) -> None:
    run = house.add_run("execute_drama", "d", state=RUNNING)
    answer = await api.post(f"/dramas/d/jobs/{run.public_id}/retry")
    assert (answer.status_code, answer.json()["reason"]) == (409, "not_ended")
    for path in (f"/dramas/other/jobs/{run.public_id}/retry", "/jobs/job_nowhere/retry", "/jobs/a%20b/retry"):
        answer = await api.post(path)
        assert (answer.status_code, answer.json()["error"]) == (404, "Job not found")
    for wrong in ({"ceiling_usd": -1}, {"ceiling_usd": "1"}):
        answer = await api.post(f"/jobs/{run.public_id}/retry", json=wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, "ceiling_usd")


@pytest.mark.parametrize("prefix", ["/dramas/d", ""])
async def test_a_step_or_a_job_is_cancelled(api: httpx.AsyncClient, house: FullHouse, prefix: str) -> None:
    run = house.add_run("execute_drama", "d", state=RUNNING, total=2)
    one = step_fakes.step_of(house, run, step="clip:s", kind="video.clip", state=job_pb2.JOB_STATE_QUEUED)
    answer = await api.post(f"{prefix}/jobs/{one.id}/cancel")
    body = answer.json()
    assert (answer.status_code, body["jobId"], body["state"]) == (200, one.id, "cancelled")
    assert (body["parentJobId"], body["can_retry"]) == (run.public_id, True)
    assert house.runs[run.id].state == RUNNING
    again = await api.post(f"{prefix}/jobs/{one.id}/cancel")
    assert (again.status_code, again.json()["reason"]) == (409, "already_ended")
    whole = await api.post(f"{prefix}/jobs/{run.public_id}/cancel")
    assert (whole.status_code, whole.json()["error"]) == (200, "cancelled")
    assert [step["state"] for step in whole.json()["jobs"]] == ["cancelled"]
    assert house.last(job_service_pb2.CancelRunRequest).id == run.public_id


async def test_a_job_of_another_drama_is_not_there(api: httpx.AsyncClient, house: FullHouse) -> None:
    run, broken = a_creation(house)
    for job_id in (run.public_id, broken.id):
        for method, path in (("GET", ""), ("POST", "/cancel"), ("POST", "/retry")):
            answer = await api.request(method, f"/dramas/other/jobs/{job_id}{path}")
            assert answer.status_code == 404
            assert answer.json()["detail"] == {"error": "Job not found", "message": f"Job {job_id} not found"}
    assert not [one for one in house.asked if isinstance(one, story_service_pb2.RetryJobRequest)]


async def test_dead_letters_are_listed_and_sent_in_again(api: httpx.AsyncClient, house: FullHouse) -> None:
    for number in range(3):
        letter = job_pb2.DeadLetter(reason="poison", failure=job_pb2.Failure(message="Five workers died."))
        letter.job.CopyFrom(job_pb2.Job(id=f"j{number}", step="clip:s", kind="video.clip", attempt=1, lease_losses=5))
        letter.job.metadata_json = '{"scene_id":"s"}'
        letter.created_at.CopyFrom(house.now())
        house.dead_letters.append(letter)
    page = (await api.get("/dead-letters", params={"limit": 2})).json()
    one = page["dead_letters"][0]
    assert one.pop("created_at").endswith("Z")
    assert one == {
        "job_id": "j0",
        "jobId": "j0",
        "step": "clip:s",
        "kind": "video.clip",
        "reason": "poison",
        "error": "Five workers died.",
        "attempt": 1,
        "lease_losses": 5,
        "redriven_job_id": None,
        "metadata": {"scene_id": "s"},
    }
    rest = (await api.get("/dead-letters", params={"limit": 2, "cursor": page["cursor"]})).json()
    assert ([letter["job_id"] for letter in rest["dead_letters"]], rest["cursor"]) == (["j2"], None)
    assert (await api.get("/dead-letters", params={"cursor": "x"})).status_code == 400
    answer = await api.post("/dead-letters/j0/redrive")
    assert (answer.status_code, answer.json()["retry_of"]) == (202, "j0")
    assert answer.headers["location"] == f"/dramas/d/jobs/{answer.json()['jobId']}"
    told = (await api.get("/dead-letters")).json()["dead_letters"][0]
    assert told["redriven_job_id"] == answer.json()["jobId"]
    again = await api.post("/dead-letters/j0/redrive")
    assert (again.status_code, again.json()["reason"]) == (409, "already_redriven")
    assert (await api.post("/dead-letters/j9/redrive")).json()["error"] == "Job not found"
