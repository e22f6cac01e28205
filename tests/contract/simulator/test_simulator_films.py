"""The official SDKs of Runway, Luma and Replicate, unmodified and with their own ways of waiting, against the simulator."""

from __future__ import annotations

import time
from typing import Any

import httpx
import lumaai
import pytest
import replicate.exceptions
import runwayml
from lumaai import LumaAI
from replicate.client import Client
from runwayml import RunwayML, TaskFailedError

from simulator.testing import RunningSimulator

FRAME = "https://media.example/frame.png"


@pytest.fixture
def runway(sim: RunningSimulator, monkeypatch: pytest.MonkeyPatch) -> RunwayML:
    monkeypatch.setattr("runwayml.lib.polling.POLL_TIME", 0.1)
    monkeypatch.setattr("runwayml.lib.polling.POLL_JITTER", 0.0)
    return RunwayML(api_key="key_contract", base_url=f"{sim.url}/runway", max_retries=0)


@pytest.fixture
def luma(sim: RunningSimulator) -> LumaAI:
    return LumaAI(auth_token="luma-contract", base_url=f"{sim.url}/luma/dream-machine/v1", max_retries=0)


@pytest.fixture
def replicates(sim: RunningSimulator) -> Client:
    return Client("r8_contract", base_url=f"{sim.url}/replicate")


def read(url: str, **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        return client.get(url, headers=headers)


def test_runways_sdk_waits_for_a_task(runway: RunwayML, sim: RunningSimulator) -> None:
    task = runway.image_to_video.create(
        model="gen4.5", prompt_image=FRAME_LIST, prompt_text="waves", ratio="720:1280", duration=5
    ).wait_for_task_output(timeout=60)
    assert task.status == "SUCCEEDED"
    assert task.cost.credits == 60
    assert read(task.output[0]).headers["content-type"] == "video/mp4"
    (entry,) = sim.ledger()
    assert (entry["operation"], entry["price_nano_usd"]) == (task.id, 600_000_000)
    sim.fault("refusal")
    with pytest.raises(TaskFailedError):
        runway.text_to_video.create(
            model="gen4.5", prompt_text="waves", ratio="1280:720", duration=2
        ).wait_for_task_output(timeout=60)
    assert runway.organization.retrieve().credit_balance > 0


FRAME_LIST: Any = [{"uri": FRAME, "position": "first"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ratio": "960:960"},
        {"duration": 11},
        {"prompt_text": "🎬" * 501},
        {"model": "gen4_turbo"},
        {"model": "gen3a_turbo"},
        {"extra_headers": {"X-Runway-Version": "2023-01-01"}},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_runway_refuses_what_its_reference_does_not_list(
    wrong: dict[str, Any], runway: RunwayML, sim: RunningSimulator
) -> None:
    fields: dict[str, Any] = {"model": "gen4.5", "prompt_text": "waves", "ratio": "1280:720", "duration": 5}
    with pytest.raises(runwayml.BadRequestError):
        runway.text_to_video.create(**fields | wrong)
    assert sim.ledger() == []


def test_lumas_sdk_makes_lists_and_deletes(luma: LumaAI, sim: RunningSimulator) -> None:
    made = luma.generations.video.create(
        model="ray-2",
        prompt="waves",
        aspect_ratio="9:16",
        duration="5s",
        resolution="720p",
        keyframes={"frame0": {"type": "image", "url": FRAME}},
    )
    assert made.id
    deadline = time.monotonic() + 60
    while (now := luma.generations.get(made.id)).state != "completed" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert now.assets is not None
    assert now.assets.video is not None
    assert read(now.assets.video).content[4:8] == b"ftyp"
    assert [one.id for one in luma.generations.list().generations] == [made.id]
    luma.generations.delete(made.id)
    with pytest.raises(lumaai.NotFoundError):
        luma.generations.get(made.id)
    with pytest.raises(lumaai.BadRequestError):
        luma.generations.video.create(
            model="ray-2", prompt="waves", aspect_ratio="9:16", duration="7s", resolution="720p"
        )
    assert luma.credits.get().credit_balance > 0
    assert [entry["price_nano_usd"] for entry in sim.ledger()] == [710_000_000]


def test_replicates_sdk_runs_a_model_and_waits(replicates: Client, sim: RunningSimulator) -> None:
    made = replicates.models.predictions.create(
        model="google/veo-3.1-fast", input={"prompt": "waves", "duration": 4, "generate_audio": False}
    )
    made.wait()
    assert made.status == "succeeded"
    assert isinstance(made.output, str)
    assert read(made.output).content[4:8] == b"ftyp"
    assert [one.id for one in replicates.predictions.list()] == [made.id]
    with pytest.raises(replicate.exceptions.ReplicateError) as wrong:
        replicates.models.predictions.create(model="google/veo-3.1-fast", input={"prompt": "waves", "duration": 5})
    assert wrong.value.status == 422
    assert [entry["price_nano_usd"] for entry in sim.ledger()] == [400_000_000]


def test_films_are_delivered_to_whoever_has_the_url_and_to_no_key(runway: RunwayML) -> None:
    made = runway.text_to_video.create(model="gen4.5", prompt_text="waves", ratio="1280:720", duration=2)
    task = made.wait_for_task_output(timeout=60)
    assert task.status == "SUCCEEDED"
    url = task.output[0]
    assert read(url, authorization="Bearer key_contract").status_code == 400
    assert read(url.replace("expires=", "expires=1")).status_code == 403
    assert read(url.partition("?")[0]).status_code == 403
    assert read(url).status_code == 200


def test_jobs_belong_to_their_key_and_vendor(runway: RunwayML, luma: LumaAI, sim: RunningSimulator) -> None:
    task = runway.text_to_video.create(model="gen4.5", prompt_text="waves", ratio="1280:720", duration=2)
    with pytest.raises(runwayml.NotFoundError):
        runway.with_options(api_key="key_somebody").tasks.retrieve(task.id)
    with pytest.raises(lumaai.NotFoundError):
        luma.generations.get(task.id)
    with pytest.raises(runwayml.AuthenticationError):
        runway.with_options(api_key="key_bad").tasks.retrieve(task.id)
    assert len(sim.ledger()) == 1
