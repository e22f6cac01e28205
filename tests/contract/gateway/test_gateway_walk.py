"""What a walk along the drama contract, as a client of the original server, found to differ."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from kit import errors
from services.gateway import protocol
from sfd.assets.v1 import asset_pb2
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway import step_fakes
from tests.contract.gateway.below import a_drama
from tests.contract.gateway.conftest import Running
from tests.contract.gateway.fakes import House
from tests.contract.gateway.full_house import FullHouse


@pytest.mark.parametrize(
    ("path", "type_", "episodes", "what"),
    [
        ("/dramas/d/generate", "generate_drama", [], "Drama"),
        ("/dramas/d/episodes/ep01/generate", "generate_image", ["ep01"], "Episode"),
    ],
)
async def test_the_episode_branch_and_one_episode(
    api: httpx.AsyncClient, house: House, path: str, type_: str, episodes: list[str], what: str
) -> None:
    assert (await api.post(path)).json()["detail"] == {"error": "Drama not found", "message": "Drama d not found"}
    house.dramas["d"] = drama_pb2.Drama(id="d")
    answer = await api.post(path)
    body = answer.json()
    location = f"/dramas/d/jobs/{body['jobId']}"
    assert (answer.status_code, answer.headers["location"]) == (202, location)
    assert body == {
        "dramaId": "d",
        "jobId": body["jobId"],
        "drama_id": "d",
        "job_id": body["jobId"],
        "status": "pending",
        "message": f"{what} generation job queued. Check status at: {location}",
    }
    record = (await api.get(location)).json()
    assert (record["type"], record["result"]["dag_id"], record["result"]["jobs"]) == (type_, "dag_d", [])
    asked = house.last(story_service_pb2.ExecuteProductionRequest)
    assert (list(asked.episode_ids), asked.episode_branch) == (episodes, True)


async def test_a_client_of_the_planned_endpoints(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    answer = await api.post("/dramas/d/characters/mina/generate", json={"prompt": "A brave diver in silver armour"})
    job = answer.json()
    assert (job["drama_id"], job["character_id"], job["status"]) == ("d", "mina", "pending")
    assert job["message"] == f"Poll GET /dramas/d/jobs/{job['job_id']} for status"
    poll = f"/dramas/d/jobs/{job['job_id']}"
    assert (await api.get(poll)).json()["status"] == "processing"
    step_fakes.finish(house, next(iter(house.runs.values())), "http://m/mina.png")
    record = (await api.get(poll)).json()
    assert (record["job_id"], record["status"], record["r2_url"]) == (job["job_id"], "completed", "http://m/mina.png")
    assert (await api.get("/dramas/d/characters/mina")).json()["url"] == "http://m/mina.png"
    scene = "/dramas/d/episodes/ep01/scenes/ep01_s01"
    wish = {"prompt": "She dives.", "reference_images": ["http://m/mina.png"], "duration": 10}
    job = (await api.post(f"{scene}/assets/ep01_s01_clip/generate", json=wish)).json()
    assert {"job_id", "drama_id", "asset_id", "status", "message"} <= set(job)
    dag = (await api.post("/dramas/d/execute", json={"user_id": "10000", "resume": False})).json()
    assert (dag["dag_id"], dag["status"]) == ("dag_d", "running")
    listed = (await api.get("/dramas/d/jobs")).json()["jobs"]
    assert [one["job_id"] for one in listed][:2] == [dag["parent_job_id"], job["job_id"]]


async def test_a_service_without_a_reason_still_names_the_kind(api: httpx.AsyncClient, house: House) -> None:
    house.dramas["d"] = drama_pb2.Drama(id="d")
    for path in ("/dramas/d/execute", "/dramas/d/episodes/ep9/generate"):
        house.failures["ExecuteProduction"] = errors.NotFound("Episode ep9 not found", field="episode_ids")
        answer = await api.post(path, json={})
        assert answer.status_code == 404
        assert answer.json()["detail"] == {"error": "Episode not found", "message": "Episode ep9 not found"}


async def test_an_auditions_result_tells_whom_and_where(api: httpx.AsyncClient, house: House) -> None:
    run = house.add_run("audition", "d", state=job_pb2.JOB_STATE_SUCCEEDED, succeeded=1, result_json='{"dramaId":"d"}')
    house.assets["film"] = asset_pb2.Asset(id="film", url="http://m/a.mp4")
    house.jobs[run.id] = [
        job_pb2.Job(
            id="j",
            run_id=run.id,
            step="audition:mina",
            kind="video.audition",
            state=job_pb2.JOB_STATE_SUCCEEDED,
            metadata_json='{"character_id":"mina"}',
            output_json='{"storedAssetId":"film"}',
        )
    ]
    wanted = {"dramaId": "d", "characterId": "mina", "videoUrl": "http://m/a.mp4"}
    assert (await api.get(f"/dramas/d/jobs/{run.public_id}")).json()["result"] == wanted
    listed = (await api.get("/dramas/d/jobs")).json()["jobs"][0]
    assert listed["result"] == wanted
    assert "jobs" not in listed


async def test_a_failed_production_names_assets(api: httpx.AsyncClient, house: House) -> None:
    run = house.add_run("execute_drama", "d", state=job_pb2.JOB_STATE_FAILED, total=2, failed=1, succeeded=1)
    house.jobs[run.id] = [
        job_pb2.Job(
            id="j",
            run_id=run.id,
            step="clip:ep01_s02",
            kind="video.clip",
            state=job_pb2.JOB_STATE_FAILED,
            metadata_json=json.dumps({"node_id": "scene_asset_ep01_ep01_s02_clip", "asset_id": "ep01_s02_clip"}),
            failure=job_pb2.Failure(message="Refused."),
        )
    ]
    assert (await api.get(f"/jobs/{run.public_id}")).json()["error"] == "1/2 jobs failed. ep01_s02_clip: Refused."


@pytest.mark.parametrize("state", [job_pb2.JOB_STATE_FAILED, job_pb2.JOB_STATE_CANCELLED, job_pb2.JOB_STATE_RUNNING])
async def test_only_a_completed_job_has_a_result(
    api: httpx.AsyncClient, house: House, state: job_pb2.JobState.ValueType
) -> None:
    run = house.add_run("improve_drama", "d", state=state, result_json='{"dramaId":"d"}')
    assert (await api.get(f"/jobs/{run.public_id}")).json()["result"] is None


async def test_a_cursor_belongs_to_its_list(api: httpx.AsyncClient, house: House) -> None:
    for number in range(3):
        house.dramas[f"d{number}"] = drama_pb2.Drama(id=f"d{number}")
        house.add_run("critique_drama", "a" if number else "b")
        house.add_run("critique_drama", "a" if number else "b")
    lists = ("/dramas", "/jobs", "/dramas/a/jobs", "/dramas/b/jobs")
    cursors = {path: (await api.get(path, params={"limit": 1})).json()["cursor"] for path in lists}
    for path in lists:
        for origin, cursor in cursors.items():
            answer = await api.get(path, params={"limit": 1, "cursor": cursor})
            assert (answer.status_code, path, origin) == (200 if path == origin else 400, path, origin)


async def test_a_wrong_method_is_told_every_right_one(api: httpx.AsyncClient) -> None:
    allowed = {"/dramas": "GET, POST", "/dramas/d": "DELETE, GET, PATCH", "/media/x.png": "GET, HEAD", "/health": "GET"}
    for path, methods in allowed.items():
        answer = await api.put(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)


async def test_a_foreign_origin_is_told_nothing(api: httpx.AsyncClient) -> None:
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    for answer in (await api.get("/health", headers=asked), await api.options("/dramas", headers=asked)):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "origin" in answer.headers["vary"].lower()
    told = (await api.get("/health", headers={"Origin": "http://localhost:3000"})).headers
    assert told["access-control-allow-origin"] == "http://localhost:3000"
    assert "Content-Range" in told["access-control-expose-headers"]


async def test_an_error_is_never_kept(api: httpx.AsyncClient) -> None:
    # A drama that is being written is a 404 first and a 200 a moment later.
    assert (await api.get("/dramas/soon")).headers["cache-control"] == "no-store"
    assert (await api.get("/nowhere")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("hosts", ["", "Host: a\r\nHost: b\r\n"])
async def test_there_is_one_host(running: Running, hosts: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))
    writer.write(f"GET /health HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("javascript:alert(1)", 422),
        ("java\tscript:alert(1)", 422),
        (" VBScript:x", 422),
        ("data:text/html,<script>", 422),
        ("data:image/svg+xml,<svg>", 422),
        ("data:image/png;base64,AAAA", 200),
        ("https://cdn.example/a.png", 200),
        ("/media/a.png", 200),
        (None, 200),
    ],
)
async def test_a_url_that_runs_is_not_kept(api: httpx.AsyncClient, house: House, url: str | None, status: int) -> None:
    house.dramas["d"] = drama_pb2.Drama(id="d", title="t")
    answer = await api.patch("/dramas/d", json={"url": url})
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["detail"][0]["loc"] == ["body", "url"]


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"GET /health HTTP/1.1\r\nHost: x\r\n", b"HTTP/1.1 408 "),
        (b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /he", b"HTTP/1.1 200 "),
    ],
)
async def test_a_head_that_does_not_come_is_not_waited_for(
    running: Running, monkeypatch: pytest.MonkeyPatch, sent: bytes, answer: bytes
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))
    writer.write(sent)
    came = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert came.startswith(answer)
    assert bool(came) == bool(answer)
    assert came.endswith(b"content-length: 0\r\n\r\n") == bool(sent)


async def test_a_head_that_came_has_all_the_time(api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    for _ in range(2):
        assert (await api.get("/health")).status_code == 200
        await asyncio.sleep(0.4)
