"""GraphQL: the contract's names, what they give, the limits of a document, and errors that tell no secret."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
import structlog
from graphql import get_introspection_query

from kit import errors
from services.gateway.graph import loaders, schema
from sfd.assets.v1 import asset_pb2
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway.fakes import House

NAMES = {
    "Query": {"drama", "dramas", "dramaSummaries", "job", "jobs"},
    "Mutation": {"generateCharacterImage", "generateCoverPhoto"},
    "Drama": {"id", "title", "description", "premise", "url", "coverPhoto", "characters", "episodes", "jobs"},
    "DramaSummary": {"id", "title", "description", "premise", "url", "createdAt", "updatedAt"},
    "Character": {"id", "name", "description", "gender", "voiceDescription", "main", "url", "jobs"},
    "Episode": {"id", "title", "description", "url", "scenes", "jobs"},
    "Scene": {"id", "description", "imageUrl", "videoUrl", "jobs"},
    "Job": {
        *("jobId", "dramaId", "assetId", "type", "status", "prompt", "r2Url", "createdAt", "startedAt", "completedAt"),
        *("error", "parentJobId", "childJobs", "totalJobs", "completedJobs", "failedJobs", "runningJobs"),
    },
}
ARGUMENTS = {
    ("Query", "drama"): {"id": "String!"},
    ("Query", "dramas"): {"limit": "Int!"},
    ("Query", "dramaSummaries"): {"limit": "Int!"},
    ("Query", "job"): {"id": "String!"},
    ("Query", "jobs"): {"dramaId": "String", "status": "String"},
    ("Mutation", "generateCharacterImage"): {"dramaId": "String!", "characterId": "String!"},
    ("Mutation", "generateCoverPhoto"): {"dramaId": "String!"},
}


async def ask(api: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    """Returns the answer to a document that must be answered with 200."""
    answer = await api.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    for error in told.get("errors", ()):
        assert error["extensions"]["request_id"] == answer.headers["x-request-id"]
    return told


@pytest.fixture
def ferry(house: House) -> drama_pb2.Drama:
    """A drama with a production whose steps work for its parts."""
    drama = drama_pb2.Drama(
        id="ferry",
        title="Night Ferry",
        description="d",
        premise="p",
        url="http://x/cover.png",
        characters=[drama_pb2.Character(id="mina", name="Mina", gender="female", voice_description="low", main=True)],
        episodes=[
            drama_pb2.Episode(id="ep01", title="Boarding", scenes=[drama_pb2.Scene(id="s1", description="rain")])
        ],
    )
    house.stamp(drama)
    house.dramas["ferry"] = drama
    run = house.add_run("execute_drama", "ferry", total=3, succeeded=1, failed=1, state=job_pb2.JOB_STATE_FAILED)
    house.assets["a1"] = asset_pb2.Asset(id="a1", url="http://x/board.png", key="k")

    def job(name: str, step: str, kind: str, state: job_pb2.JobState.ValueType, **labels: str) -> job_pb2.Job:
        return job_pb2.Job(
            id=f"uuid-{name}",
            public_id=f"job_{name}",
            run_id=run.id,
            step=step,
            kind=kind,
            state=state,
            metadata_json=json.dumps(labels),
            created_at=house.now(),
        )

    done, lost = job_pb2.JOB_STATE_SUCCEEDED, job_pb2.JOB_STATE_FAILED
    board = job("b", "storyboard:s1", "imaging.storyboard", done, episode_id="ep01", scene_id="s1", asset_id="s1_board")
    board.output_json = json.dumps({"storedAssetId": "a1", "prompt": "rain on a ferry"})
    clip = job("c", "clip:s1", "video.clip", lost, episode_id="ep01", scene_id="s1", asset_id="s1_clip")
    clip.failure.message = "Refused."
    portrait = job("p", "portrait:mina", "imaging.portrait", job_pb2.JOB_STATE_RUNNING, character_id="mina")
    house.jobs[run.id] = [board, clip, portrait]
    return drama


async def test_the_names_are_the_contracts(api: httpx.AsyncClient, house: House) -> None:
    told = (await ask(api, get_introspection_query()))["data"]["__schema"]
    kinds = {kind["name"]: kind for kind in told["types"] if kind["kind"] == "OBJECT" and kind["name"][:2] != "__"}
    assert {name: {one["name"] for one in kind["fields"]} for name, kind in kinds.items()} == NAMES

    def named(kind: dict[str, Any]) -> str:
        return f"{named(kind['ofType'])}!" if kind["kind"] == "NON_NULL" else str(kind["name"])

    real = {
        (name, one["name"]): {argument["name"]: named(argument["type"]) for argument in one["args"]}
        for name, kind in kinds.items()
        for one in kind["fields"]
        if one["args"]
    }
    assert real == ARGUMENTS
    undescribed = [name for name, kind in kinds.items() for one in kind["fields"] if not one["description"]]
    assert undescribed == []
    assert house.asked == []


async def test_a_drama_whole(api: httpx.AsyncClient, house: House, ferry: drama_pb2.Drama) -> None:
    query = """query Whole($id: String!) { drama(id: $id) { id title description premise url coverPhoto
      characters { id name description gender voiceDescription main url jobs { jobId assetId type status parentJobId } }
      episodes { id title description url jobs { jobId } scenes { id description imageUrl videoUrl
        jobs { jobId assetId type status prompt r2Url createdAt error childJobs totalJobs } } }
      jobs { jobId type status childJobs totalJobs completedJobs failedJobs runningJobs createdAt error } } }"""
    told = await ask(api, query, id="ferry")
    assert "errors" not in told
    found = told["data"]["drama"]
    assert (found["title"], found["url"], found["coverPhoto"]) == ("Night Ferry", ferry.url, ferry.url)
    run = next(iter(house.runs.values()))
    assert found["characters"][0]["jobs"] == [
        {"jobId": "job_p", "assetId": "mina", "type": "image", "status": "running", "parentJobId": run.public_id}
    ]
    episode = found["episodes"][0]
    assert [one["jobId"] for one in episode["jobs"]] == ["job_b", "job_c"]
    board, clip = episode["scenes"][0]["jobs"]
    assert (board["assetId"], board["type"], board["status"]) == ("s1_board", "image", "completed")
    assert (board["prompt"], board["r2Url"]) == ("rain on a ferry", "http://x/board.png")
    assert board["createdAt"].endswith("Z")
    assert (board["childJobs"], board["totalJobs"]) == ([], None)
    assert (clip["type"], clip["status"], clip["error"], clip["r2Url"]) == ("video", "failed", "Refused.", None)
    parent, *steps = found["jobs"]
    assert (parent["type"], parent["status"], parent["childJobs"]) == ("drama", "failed", ["job_b", "job_c", "job_p"])
    assert (parent["totalJobs"], parent["completedJobs"], parent["failedJobs"], parent["runningJobs"]) == (3, 1, 1, 0)
    assert parent["error"] == "1/3 jobs failed. s1_clip: Refused."
    assert [one["jobId"] for one in steps] == ["job_b", "job_c", "job_p"]
    counted = [type(one).__name__ for one in house.asked]
    assert {name: counted.count(name) for name in counted} == {
        "GetDramaRequest": 1,
        "ListRunsRequest": 1,
        "ListJobsRequest": 1,
        "GetAssetRequest": 1,
    }


async def test_lists_read_no_more_than_they_show(api: httpx.AsyncClient, house: House) -> None:
    for number in range(100):
        drama = drama_pb2.Drama(id=f"d{number}", title=f"T{number}", premise="p")
        drama.episodes.add(id="e", title="E")
        house.stamp(drama)
        house.dramas[drama.id] = drama
    told = await ask(api, "{ dramas { id title url } dramaSummaries(limit: 2) { id createdAt updatedAt } }")
    assert len(told["data"]["dramas"]) == 100
    assert [one["id"] for one in told["data"]["dramaSummaries"]] == ["d99", "d98"]
    assert told["data"]["dramaSummaries"][0]["updatedAt"].endswith("Z")
    assert [type(one).__name__ for one in house.asked] == ["ListDramasRequest"] * 2
    house.asked.clear()
    told = await ask(api, "{ dramas(limit: 100) { id episodes { id } characters { id } } }")
    assert all(one["episodes"] == [{"id": "e"}] for one in told["data"]["dramas"])
    assert sum(isinstance(one, drama_service_pb2.GetDramaRequest) for one in house.asked) == 100
    assert len(house.asked) == 101


async def test_jobs(api: httpx.AsyncClient, house: House, ferry: drama_pb2.Drama) -> None:
    other = house.add_run("critique_drama", "other")
    run = next(iter(house.runs.values()))
    query = "query($d: String, $s: String) { jobs(dramaId: $d, status: $s) { jobId dramaId } }"

    async def ids(**variables: str) -> list[str]:
        return [one["jobId"] for one in (await ask(api, query, **variables))["data"]["jobs"]]

    assert await ids() == [other.public_id, run.public_id]
    assert await ids(d="ferry") == [run.public_id, "job_b", "job_c", "job_p"]
    assert await ids(d="ferry", s="failed") == [run.public_id, "job_c"]
    assert await ids(d="ferry", s="running") == ["job_p"]
    assert await ids(d="nothing") == await ids(d="../up") == []
    told = await ask(api, query, s="lost")
    assert (told["data"], told["errors"][0]["extensions"]["field"]) == (None, "status")
    one = "query($id: String!) { job(id: $id) { jobId parentJobId } }"
    assert (await ask(api, one, id=run.public_id))["data"]["job"] == {"jobId": run.public_id, "parentJobId": None}
    assert (await ask(api, one, id="job_c"))["data"]["job"] == {"jobId": "job_c", "parentJobId": run.public_id}
    for nobody in ("job_nothing", "a b", ""):
        assert (await ask(api, one, id=nobody))["data"] == {"job": None}
    assert (await ask(api, '{ drama(id: "nothing") { id } }'))["data"] == {"drama": None}


async def test_mutations_wait_for_their_picture(api: httpx.AsyncClient, house: House, ferry: drama_pb2.Drama) -> None:
    async def draw() -> None:
        while not any(run.kind == "execute_step" for run in house.runs.values()):
            await asyncio.sleep(0.02)
        ferry.characters[0].url = "http://x/new.png"
        ferry.url = "http://x/new-cover.png"
        next(r for r in house.runs.values() if r.kind == "execute_step").state = job_pb2.JOB_STATE_SUCCEEDED
        house.add_event("ferry", "run.ended")

    drawing = asyncio.create_task(draw())
    query = 'mutation { a: generateCharacterImage(dramaId: "ferry", characterId: "mina") { id url } }'
    answer = await api.post("/graphql", json={"query": query}, headers={"Idempotency-Key": "k"})
    assert answer.json() == {"data": {"a": {"id": "mina", "url": "http://x/new.png"}}}
    await drawing
    call = house.last(story_service_pb2.ExecuteStepRequest)
    assert (call.drama_id, call.step, len(call.request_id)) == ("ferry", "portrait:mina", 64)
    house.runs.clear()
    drawing = asyncio.create_task(draw())
    told = await ask(api, 'mutation { generateCoverPhoto(dramaId: "ferry") { coverPhoto } }')
    assert told == {"data": {"generateCoverPhoto": {"coverPhoto": "http://x/new-cover.png"}}}
    await drawing
    call = house.last(story_service_pb2.ExecuteStepRequest)
    assert (call.step, call.request_id) == ("cover", "")


async def test_mutations_that_do_not_come_to_their_picture(
    api: httpx.AsyncClient, house: House, ferry: drama_pb2.Drama, monkeypatch: pytest.MonkeyPatch
) -> None:
    portrait = "mutation($d: String!, $c: String!) { generateCharacterImage(dramaId: $d, characterId: $c) { id } }"
    for drama, character, text in (
        ("ferry", "nobody", "Character nobody not found"),
        ("nothing", "mina", "Drama nothing not found"),
        ("a b", "mina", "Drama a b not found"),
        ("ferry", "../x", "Character ../x not found"),
    ):
        told = await ask(api, portrait, d=drama, c=character)
        assert told["data"] == {"generateCharacterImage": None}
        assert (told["errors"][0]["message"], told["errors"][0]["extensions"]["status"]) == (text, 404)
    monkeypatch.setattr(schema, "WAIT_SECONDS", 0.2)
    told = await ask(api, portrait, d="ferry", c="mina")
    extensions = told["errors"][0]["extensions"]
    assert (extensions["reason"], extensions["retryable"]) == ("still_running", True)
    assert extensions["jobId"] in [run.public_id for run in house.runs.values()]
    house.failures["ExecuteStep"] = errors.Exhausted("The ceiling is reached.", reason="ceiling")
    told = await ask(api, portrait, d="ferry", c="mina")
    assert told["errors"][0]["extensions"]["reason"] == "ceiling"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("{ drama(id: 1) { id } }", "String cannot represent"),
        ("{ nothing }", "Cannot query field"),
        ("{", "Syntax Error"),
        ("\x07", "Syntax Error"),
        ("{ dramas(limit: 0) { id } }", "limit"),
        ("{ dramas(limit: 1001) { id } }", "limit"),
        ("{ dramas(limit: 99999999999999) { id } }", "Int cannot represent"),
        ("{ dramas(limit: " + "9" * 5000 + ") { id } }", "nt"),
        ("{" + " ".join(f'a{n}: drama(id: "x") {{ id }}' for n in range(31)) + "}", "31 aliases found. Allowed: 30"),
        ('{ drama(id: "x") { id ' * 1 + "title " * 2000 + "} }", "more than 2000 tokens"),
        (
            "{ a: dramas { episodes { scenes { jobs { jobId } } } } ...f } fragment f on Query { ...g } fragment g on Query { ...f }",
            "within itself",
        ),
        ("query($x: [[[[String]]]]) { drama(id: $x) { id } }", "expecting type"),
        ("subscription { x }", "subscription"),
    ],
)
async def test_a_bad_document_is_told_and_reads_nothing(
    api: httpx.AsyncClient, house: House, query: str, text: str
) -> None:
    told = await ask(api, query)
    assert told["data"] is None
    assert any(text in error["message"] for error in told["errors"]), told
    assert all("Traceback" not in json.dumps(error) for error in told["errors"])
    assert house.asked == []


async def test_depth_is_limited(api: httpx.AsyncClient, house: House) -> None:
    """Introspection nests deeper than data and is let through."""
    deep = '{ __type(name: "Query") { ' + "ofType { " * 12 + "name" + " }" * 12 + "} }"
    assert (await ask(api, deep))["data"] is not None
    assert "errors" not in await ask(api, "{ dramas { episodes { scenes { jobs { jobId } } } } }")
    done = await schema.build(max_depth=2).execute("{ dramas { episodes { scenes { id } } } }")
    assert done.errors
    assert "exceeds maximum operation depth" in done.errors[0].message


async def test_reads_are_limited(api: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        house.dramas[f"d{number}"] = drama_pb2.Drama(id=f"d{number}")
    monkeypatch.setattr(loaders, "MAX_CALLS", 3)
    told = await ask(api, "{ dramas { id episodes { id } } }")
    assert told["errors"][0]["extensions"]["reason"] == "query_too_large"
    assert len(house.asked) <= 3


async def test_what_a_document_holds_is_limited(
    api: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        house.dramas[f"d{number}"] = drama_pb2.Drama(id=f"d{number}", description="x" * 4096)
    monkeypatch.setattr(loaders, "MAX_BYTES", 300_000)
    told = await ask(api, "{ dramas(limit: 60) { id episodes { id } } }")
    assert told["errors"][0]["extensions"]["reason"] == "query_too_large"
    assert sum(isinstance(one, drama_service_pb2.GetDramaRequest) for one in house.asked) < 60
    told = await ask(api, "{ dramas(limit: 20) { id episodes { id } } }")
    assert "errors" not in told


async def test_a_record_that_is_away_does_not_lose_a_picture_that_is_paid(
    api: httpx.AsyncClient, house: House, ferry: drama_pb2.Drama
) -> None:
    async def draw() -> None:
        while not any(isinstance(one, job_service_pb2.GetRunRequest) for one in house.asked):
            await asyncio.sleep(0.02)
        run = next(run for run in house.runs.values() if run.kind == "execute_step")
        run.state = job_pb2.JOB_STATE_SUCCEEDED
        house.add_event("ferry", "run.ended")

    house.failures["GetRun"] = errors.Unavailable("Away.")
    told, _ = await asyncio.gather(
        ask(api, 'mutation { generateCoverPhoto(dramaId: "ferry") { id } }'), asyncio.wait_for(draw(), 10)
    )
    assert told == {"data": {"generateCoverPhoto": {"id": "ferry"}}}


async def test_get_is_for_queries(api: httpx.AsyncClient, house: House) -> None:
    house.dramas["d"] = drama_pb2.Drama(id="d", title="T")
    query = 'query A($i: String!) { drama(id: $i) { title } } mutation M { generateCoverPhoto(dramaId: "d") { id } }'
    asked = {"query": query, "variables": '{"i":"d"}', "operationName": "A"}
    answer = await api.get("/graphql", params=asked, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()) == (200, {"data": {"drama": {"title": "T"}}})
    refused = await api.get("/graphql", params=asked | {"operationName": "M"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert (await api.get("/graphql", params=asked | {"operationName": "X"})).status_code == 400
    assert (await api.get("/graphql")).status_code == 422
    assert (await api.get("/graphql", params={"query": "{a}", "variables": "["})).status_code == 400
    assert (await api.post("/graphql", json={"query": 5})).json()["field"] == "query"
    assert (
        await api.post("/graphql", content=b"{a}", headers={"Content-Type": "application/graphql"})
    ).status_code == 415
    assert not any(isinstance(one, story_service_pb2.ExecuteStepRequest) for one in house.asked)


async def test_no_key_no_answer(stranger: httpx.AsyncClient, house: House) -> None:
    answer = await stranger.post("/graphql", json={"query": get_introspection_query()})
    assert answer.status_code == 401
    assert (await stranger.get("/graphql?query={__typename}")).status_code == 401


async def test_errors_tell_no_secret(api: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.failures["GetDrama"] = errors.Unavailable("Storage is away.")
    told = await ask(api, '{ drama(id: "d") { id } }')
    assert (told["errors"][0]["message"], told["errors"][0]["extensions"]["status"]) == ("Storage is away.", 503)
    house.failures["GetDrama"] = errors.Internal("password=hunter2")
    assert "hunter2" not in json.dumps(await ask(api, '{ drama(id: "d") { id } }'))

    async def broken(*_: object) -> None:
        raise KeyError("secret of the gateway")

    monkeypatch.setattr(loaders.Loaders, "summaries", broken)
    with structlog.testing.capture_logs() as logged:
        told = await ask(api, "{ dramas { id } }")
    assert [type(one["exc_info"]) for one in logged if one["event"] == "graphql_failed"] == [KeyError]
    assert (told["data"], told["errors"][0]["message"]) == (None, "Something went wrong inside.")
    assert "secret" not in json.dumps(told)
    assert not any(isinstance(one, job_service_pb2.GetRunRequest) for one in house.asked)
