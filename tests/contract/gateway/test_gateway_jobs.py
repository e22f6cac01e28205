"""Jobs over REST: records, DAG status, long polls, cancelling, paid calls."""

from __future__ import annotations

import asyncio
import json
import time

import httpx
import pytest

from kit import errors
from sfd.assets.v1 import asset_pb2
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.story.v1 import story_service_pb2
from sfd.video.v1 import video_service_pb2
from tests.contract.gateway.fakes import House

KEYS = {"jobId", "type", "status", "dramaId", "createdAt", "startedAt", "completedAt", "error", "result"}


async def test_a_record_while_waiting_and_at_the_end(api: httpx.AsyncClient, house: House) -> None:
    run = house.add_run("generate_drama", "d", result_json='{"dramaId":"d"}')
    body = (await api.get(f"/dramas/d/jobs/{run.public_id}")).json()
    assert set(body) >= KEYS
    assert body["createdAt"] == run.created_at.seconds * 1000 + 250
    assert (body["status"], body["state"], body["startedAt"], body["result"]) == ("pending", "queued", None, None)
    run.state, run.succeeded = job_pb2.JOB_STATE_SUCCEEDED, 1
    run.cost_nano_usd = 1_500_000_000
    run.started_at.CopyFrom(house.now())
    run.finished_at.CopyFrom(house.now())
    body = (await api.get(f"/jobs/{run.public_id}")).json()
    assert (body["status"], body["type"], body["error"]) == ("completed", "generate_drama", None)
    assert body["result"] == {"dramaId": "d"}
    assert body["startedAt"] < body["completedAt"]
    assert (body["progress"], body["cost_usd"], body["kind"]) == (1.0, 1.5, "generate_drama")


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("generate_drama", "generate_drama"),
        ("improve_drama", "improve_drama"),
        ("critique_drama", "critique_drama"),
        ("execute_drama", "generate_drama"),
        ("generate", "generate_drama"),
        ("audition", "generate_video"),
        ("portrait", "generate_image"),
        ("cover", "generate_image"),
        ("storyboard", "generate_image"),
        ("assemble", "generate_video"),
    ],
)
async def test_every_kind_has_its_type(api: httpx.AsyncClient, house: House, kind: str, type_: str) -> None:
    run = house.add_run(kind, "d")
    assert (await api.get(f"/jobs/{run.public_id}")).json()["type"] == type_


async def test_bad_ends(api: httpx.AsyncClient, house: House) -> None:
    failed = house.add_run(
        "improve_drama",
        "d",
        state=job_pb2.JOB_STATE_FAILED,
        failure=job_pb2.Failure(reason="vendor_refused", message="The writer refused."),
    )
    body = (await api.get(f"/jobs/{failed.public_id}")).json()
    assert (body["status"], body["error"], body["state"]) == ("failed", "The writer refused.", "failed")
    cancelled = house.add_run("improve_drama", "d", state=job_pb2.JOB_STATE_CANCELLED)
    body = (await api.get(f"/jobs/{cancelled.public_id}")).json()
    assert (body["status"], body["error"], body["state"]) == ("failed", "cancelled", "cancelled")


async def test_lists_are_newest_first_and_paged(api: httpx.AsyncClient, house: House) -> None:
    runs = [house.add_run("generate_drama", drama) for drama in ("a", "b", "a")]
    body = (await api.get("/dramas/a/jobs")).json()
    assert [one["jobId"] for one in body["jobs"]] == [runs[2].public_id, runs[0].public_id]
    first = (await api.get("/jobs", params={"limit": 2})).json()
    second = (await api.get("/jobs", params={"limit": 2, "cursor": first["cursor"]})).json()
    assert [one["jobId"] for one in first["jobs"] + second["jobs"]] == [run.public_id for run in reversed(runs)]
    assert second["cursor"] is None
    for unknown in ("nobody", "a%00b", "x" * 300):
        answer = await api.get(f"/dramas/{unknown}/jobs")
        assert (answer.status_code, answer.json()["jobs"]) == (200, [])


async def test_a_job_belongs_to_its_drama(api: httpx.AsyncClient, house: House) -> None:
    run = house.add_run("generate_drama", "a")
    for path in (f"/dramas/b/jobs/{run.public_id}", f"/dramas/b/jobs/{run.public_id}/cancel"):
        answer = await api.request("POST" if path.endswith("cancel") else "GET", path)
        assert answer.status_code == 404
        assert answer.json()["detail"] == {"error": "Job not found", "message": f"Job {run.public_id} not found"}
    for bad in ("job_none", "x" * 1000, "a%00b", "%F0%9F%8D%8E"):
        assert (await api.get(f"/jobs/{bad}")).status_code == 404


def production(house: House) -> job_pb2.Run:
    """Adds a run of four steps: one done, one running, one failed, one waiting."""
    run = house.add_run(
        "execute_drama", "drama_demo", state=job_pb2.JOB_STATE_RUNNING, total=4, succeeded=1, failed=1, running=1
    )
    labels = {"node_id": "scene_ep01_ep01_s01", "node_type": "scene", "hierarchy_level": 2, "scene_id": "ep01_s01"}
    house.assets["asset-1"] = asset_pb2.Asset(id="asset-1", key="objects/1", url="http://m/1.png")
    house.jobs[run.id] = [
        job_pb2.Job(
            id="j1",
            public_id="job_1",
            run_id=run.id,
            step="storyboard:ep01_s01",
            kind="imaging.storyboard",
            state=job_pb2.JOB_STATE_SUCCEEDED,
            metadata_json=json.dumps(labels),
            output_json=json.dumps({"storedAssetId": "asset-1", "prompt": "rain"}),
            created_at=house.now(),
            reused=True,
        ),
        job_pb2.Job(
            id="j2",
            public_id="job_2",
            run_id=run.id,
            step="clip:ep01_s01",
            kind="video.clip",
            state=job_pb2.JOB_STATE_RUNNING,
            progress=0.5,
            depends_on=["storyboard:ep01_s01"],
        ),
        job_pb2.Job(
            id="j3",
            run_id=run.id,
            step="clip:ep01_s02",
            kind="video.clip",
            state=job_pb2.JOB_STATE_FAILED,
            failure=job_pb2.Failure(reason="vendor_refused", message="Refused."),
        ),
        job_pb2.Job(id="j4", run_id=run.id, step="assemble:ep01", kind="video.assemble"),
    ]
    return run


async def test_a_production_shows_its_dag_while_it_runs(api: httpx.AsyncClient, house: House) -> None:
    run = production(house)
    body = (await api.get(f"/dramas/drama_demo/jobs/{run.public_id}")).json()
    dag = body["result"]
    children = dag.pop("jobs")
    assert dag == {
        "dag_id": "dag_drama_demo",
        "drama_id": "drama_demo",
        "parent_job_id": run.public_id,
        "status": "running",
        "total_jobs": 4,
        "completed_jobs": 1,
        "failed_jobs": 1,
        "running_jobs": 1,
        "pending_jobs": 1,
    }
    assert (body["status"], body["progress"]) == ("processing", 0.625)
    board, clip, broken, film = children
    assert board["node_id"] == board["metadata"]["node_id"] == "scene_ep01_ep01_s01"
    assert (board["node_type"], board["hierarchy_level"], board["type"]) == ("scene", 2, "image")
    assert (board["r2_url"], board["r2_key"], board["prompt"]) == ("http://m/1.png", "objects/1", "rain")
    assert board["reused"]
    assert (clip["status"], clip["depends_on"]) == ("running", ["scene_ep01_ep01_s01"])
    assert (clip["node_type"], clip["hierarchy_level"], clip["type"]) == ("scene_asset", 3, "video")
    assert (broken["status"], broken["error"]) == ("failed", "Refused.")
    assert film["status"] == "pending"
    lookups = len(house.asked)
    await api.get(f"/jobs/{run.public_id}")
    assert "GetAssetRequest" not in {type(one).__name__ for one in house.asked[lookups:]}


async def test_a_failed_production_tells_what_broke(api: httpx.AsyncClient, house: House) -> None:
    run = production(house)
    run.state, run.running, run.cancelled = job_pb2.JOB_STATE_FAILED, 0, 2
    body = (await api.get(f"/jobs/{run.public_id}")).json()
    assert body["error"] == "3/4 jobs failed. clip:ep01_s02: Refused."
    assert body["result"]["status"] == "failed"


async def test_one_step_can_be_asked_for(api: httpx.AsyncClient, house: House) -> None:
    run = production(house)
    body = (await api.get("/dramas/drama_demo/jobs/job_1")).json()
    assert (body["jobId"], body["type"], body["parentJobId"]) == ("job_1", "generate_image", run.public_id)
    assert (await api.get("/dramas/other/jobs/job_1")).status_code == 404


async def test_a_long_poll_ends_at_a_change(api: httpx.AsyncClient, house: House) -> None:
    run = house.add_run("generate_drama", "d")

    async def finish() -> None:
        await asyncio.sleep(0.3)
        run.state = job_pb2.JOB_STATE_RUNNING
        house.add_event("d", "run.running")

    began = time.monotonic()
    answer, _ = await asyncio.gather(
        api.get(f"/dramas/d/jobs/{run.public_id}", headers={"Prefer": "respond-async, wait=30"}, timeout=40), finish()
    )
    assert answer.headers["preference-applied"] == "wait=30"
    assert answer.json()["status"] == "processing"
    assert 0.3 <= time.monotonic() - began < 0.9


async def test_a_long_poll_ends_by_itself_and_not_at_all_when_ended(api: httpx.AsyncClient, house: House) -> None:
    run = house.add_run("generate_drama", "d")
    began = time.monotonic()
    answer = await api.get(f"/jobs/{run.public_id}", headers={"Prefer": "wait=1"})
    assert (answer.json()["status"], answer.headers["preference-applied"]) == ("pending", "wait=1")
    assert 0.9 <= time.monotonic() - began < 3
    run.state = job_pb2.JOB_STATE_SUCCEEDED
    began = time.monotonic()
    answer = await api.get(f"/jobs/{run.public_id}", headers={"Prefer": "wait=100"})
    assert answer.headers["preference-applied"] == "wait=60"
    assert time.monotonic() - began < 0.5
    for nonsense in ("wait=0", "wait=-5", "wait=a", "respond-async"):
        answer = await api.get(f"/jobs/{run.public_id}", headers={"Prefer": nonsense})
        assert "preference-applied" not in answer.headers


async def test_a_busy_account_does_not_make_a_long_poll_ask_at_every_event(
    api: httpx.AsyncClient, house: House
) -> None:
    run = house.add_run("generate_drama", "d")
    done = asyncio.Event()

    async def busy() -> None:
        while not done.is_set():
            house.add_event("other", "job.progress")
            await asyncio.sleep(0)

    async def wait() -> None:
        await api.get(f"/jobs/{run.public_id}", headers={"Prefer": "wait=1"})
        done.set()

    await asyncio.gather(busy(), wait())
    assert sum(isinstance(one, job_service_pb2.GetRunRequest) for one in house.asked) <= 14


async def test_cancelling(api: httpx.AsyncClient, house: House) -> None:
    run = house.add_run("generate_drama", "d")
    answer = await api.post(f"/dramas/d/jobs/{run.public_id}/cancel")
    assert (answer.status_code, answer.json()["state"], answer.json()["error"]) == (200, "cancelled", "cancelled")
    run.state = job_pb2.JOB_STATE_SUCCEEDED
    answer = await api.post(f"/dramas/d/jobs/{run.public_id}/cancel")
    assert (answer.status_code, answer.json()["reason"]) == (409, "already_ended")


async def test_improve_critique_and_their_jobs(api: httpx.AsyncClient, house: House) -> None:
    house.dramas["d"] = drama_pb2.Drama(id="d")
    body = (await api.post("/dramas/d/improve", json={"feedback": "Slower.", "model": "m"})).json()
    improved = "d_improved_1763600000000"
    assert body == {
        "originalId": "d",
        "improvedId": improved,
        "dramaId": improved,
        "jobId": body["jobId"],
        "original_id": "d",
        "improved_id": improved,
        "drama_id": improved,
        "job_id": body["jobId"],
        "status": "pending",
        "message": f"Drama improvement job queued. Check status at: /dramas/{improved}/jobs/{body['jobId']}",
    }
    assert house.last(story_service_pb2.ImproveDramaRequest).options.cast.writer_model == "m"
    for spelling in ("newDramaId", "new_drama_id"):
        told = (await api.post("/dramas/d/improve", json={"feedback": "Slower.", spelling: spelling})).json()
        assert told["improvedId"] == spelling
    assert (await api.get(f"/dramas/{improved}/jobs/{body['jobId']}")).status_code == 200
    assert (await api.post("/dramas/d/improve", json={})).json()["field"] == "feedback"
    for path, content in (("critique", b""), ("critic", b""), ("critic", b"{}"), ("critique", b'{"model":"m"}')):
        answer = await api.post(
            f"/dramas/d/{path}", content=content, headers={"Content-Type": "application/json"} if content else {}
        )
        assert answer.status_code == 202
        assert set(answer.json()) == {"dramaId", "jobId", "drama_id", "job_id", "status", "message"}


async def test_execute_and_resume(api: httpx.AsyncClient, house: House) -> None:
    house.dramas["d"] = drama_pb2.Drama(id="d")
    wish = {
        "project_name": "p",
        "provider": "openai",
        "episodes": ["ep01"],
        "force": True,
        "ceiling_usd": 1.25,
    }
    for path in ("execute", "resume"):
        answer = await api.post(f"/dramas/d/{path}", json=wish)
        assert answer.status_code == 202
        body = answer.json()
        assert {"dag_id", "drama_id", "parent_job_id", "status", "message"} < set(body)
        assert body["jobId"] == body["job_id"] == body["parent_job_id"] == body["parentJobId"]
        assert not house.last(story_service_pb2.ExecuteProductionRequest).episode_branch
        assert (body["dag_id"], body["drama_id"], body["status"]) == ("dag_d", "d", "running")
        assert (await api.get(f"/jobs/{body['parent_job_id']}")).json()["type"] == "generate_drama"
        asked = house.last(story_service_pb2.ExecuteProductionRequest)
        assert (list(asked.episode_ids), asked.force, asked.ceiling_nano_usd) == (["ep01"], True, 1_250_000_000)
        assert asked.options.cast.filmer == "openai"
        labels = json.loads(asked.metadata_json)
        assert labels == {"user_id": "10000", "project_name": "p", "resume": path == "resume"}
    assert (await api.post("/dramas/d/execute")).status_code == 202
    assert house.last(story_service_pb2.ExecuteProductionRequest).ceiling_nano_usd == 0
    await api.post("/dramas/d/execute", json={"ceiling_usd": 0})
    assert house.last(story_service_pb2.ExecuteProductionRequest).ceiling_nano_usd == 1
    assert (await api.post("/dramas/d/execute", json={"provider": "nobody"})).status_code == 422
    house.failures["ExecuteProduction"] = errors.NotFound("Episode ep9 not found", reason="episode_not_found")
    answer = await api.post("/dramas/d/execute", json={"episodes": ["ep9"]})
    assert answer.json()["detail"] == {"error": "Episode not found", "message": "Episode ep9 not found"}
    house.failures["ExecuteProduction"] = errors.InvalidInput(
        "Unknown.", reason="unknown_model", field="options.cast.writer_model"
    )
    answer = await api.post("/dramas/d/execute", json={"model": "x"})
    assert (answer.status_code, answer.json()["field"]) == (422, "cast.writer_model")
    assert answer.json()["reason"] == "unknown_model"
    house.failures["ExecuteProduction"] = errors.Exhausted("Over the ceiling.", reason="over_ceiling")
    answer = await api.post("/dramas/d/execute")
    assert (answer.status_code, answer.json()["reason"]) == (429, "over_ceiling")
    assert int(answer.headers["retry-after"]) > 0


async def test_auditions(api: httpx.AsyncClient, house: House) -> None:
    drama = drama_pb2.Drama(id="d")
    mina = drama.characters.add(id="mina")
    house.dramas["d"] = drama
    answer = await api.post("/dramas/d/characters/mina/audition", json={"cast": {"filmer": "local"}})
    assert (answer.status_code, answer.json()["dramaId"]) == (202, "d")
    assert house.last(video_service_pb2.GenerateAuditionRequest).options.cast.filmer == "local"
    missing = await api.post("/dramas/d/characters/nobody/audition")
    assert missing.json()["detail"] == {"error": "Character not found", "message": "Character nobody not found"}
    assert (await api.get("/dramas/d/characters/nobody/audition")).json()["error"] == "Character not found"
    assert (await api.get("/dramas/d/characters/mina/audition")).json()["error"] == "Audition video not found"
    mina.assets.add(
        id="p", kind=drama_pb2.ASSET_KIND_IMAGE, url="http://x", metadata_json='{"type":"character_portrait"}'
    )
    mina.assets.add(
        id="mina_audition_video",
        kind=drama_pb2.ASSET_KIND_VIDEO,
        url="http://x/a.mp4",
        duration=10,
        depends_on=["p"],
        metadata_json='{"type":"character_audition","duration_seconds":10}',
    )
    answer = await api.get("/dramas/d/characters/mina/audition")
    assert answer.json() == {
        "id": "mina_audition_video",
        "kind": "video",
        "depends_on": ["p"],
        "prompt": "",
        "duration": 10,
        "url": "http://x/a.mp4",
        "metadata": {"type": "character_audition", "duration_seconds": 10},
    }


async def test_held_paid_calls(api: httpx.AsyncClient, house: House) -> None:
    run, other = house.add_run("execute_drama", "d"), house.add_run("execute_drama", "e")
    for number, of in enumerate((run, other)):
        house.submissions[f"s{number}"] = job_pb2.Submission(
            id=f"s{number}",
            run_id=of.id,
            job_id="j",
            state=job_pb2.SUBMISSION_STATE_NEEDS_USER,
            vendor="openai",
            model="sim-video-1",
            price_nano_usd=500_000_000,
            request_json='{"prompt":"secret"}',
            created_at=house.now(),
        )
    body = (await api.get("/dramas/d/submissions")).json()
    assert [one["id"] for one in body["submissions"]] == ["s0"]
    held = body["submissions"][0]
    assert (held["price_usd"], held["state"], held["jobId"], held["vendor"]) == (
        0.5,
        "needs_user",
        run.public_id,
        "openai",
    )
    assert "secret" not in json.dumps(body)
    assert (await api.post("/submissions/s0/resolve", json={"resolution": "maybe"})).status_code == 422
    answer = await api.post("/submissions/s0/resolve", json={"resolution": "abandon"})
    assert (answer.status_code, answer.json()["state"]) == (200, "abandoned")
    asked = house.last(job_service_pb2.ResolveSubmissionRequest)
    assert asked.resolution == job_service_pb2.RESOLUTION_ABANDON
    assert (await api.post("/submissions/s0/resolve", json={"resolution": "resubmit"})).status_code == 409
    assert (await api.post("/submissions/none/resolve", json={"resolution": "resubmit"})).status_code == 404
    assert (await api.get("/dramas/d/submissions")).json() == {"submissions": []}
