"""Every fault as the vendors' SDKs see it, and what the billing ledger says about it."""

from __future__ import annotations

import io
import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import openai
import pytest
from google import genai
from google.genai import errors
from openai import OpenAI
from openai.types.chat import ChatCompletion
from PIL import Image
from pydantic import BaseModel, ValidationError

from simulator.testing import RunningSimulator


class Note(BaseModel):
    title: str
    score: int


def chat(client: OpenAI, words: str = "hello", **headers: str) -> ChatCompletion:
    return client.chat.completions.create(
        model="gpt-6-luna", messages=[{"role": "user", "content": words}], extra_headers=headers
    )


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (502, openai.InternalServerError),
        (503, openai.InternalServerError),
        (529, openai.InternalServerError),
    ],
)
def test_status_is_not_billed(
    openai_client: OpenAI, sim: RunningSimulator, status: int, raised: type[openai.APIStatusError]
) -> None:
    sim.fault("status", status=status, retry_after=2)
    with pytest.raises(raised) as failed:
        chat(openai_client)
    assert failed.value.status_code == status
    assert failed.value.response.headers["retry-after"] == "2"
    assert sim.ledger() == []
    chat(openai_client)
    assert len(sim.ledger()) == 1


def test_status_after_acceptance_is_billed(openai_client: OpenAI, sim: RunningSimulator) -> None:
    sim.fault("status", status=502, accepted=True)
    with pytest.raises(openai.InternalServerError):
        chat(openai_client)
    assert len(sim.ledger()) == 1


@pytest.mark.parametrize(("fault", "billed"), [("cut_before", 0), ("cut_after", 1), ("half_body", 1)])
def test_cut_connections(openai_client: OpenAI, sim: RunningSimulator, fault: str, billed: int) -> None:
    sim.fault(fault)
    with pytest.raises(openai.APIConnectionError):
        chat(openai_client)
    assert len(sim.ledger()) == billed
    sim.fault(fault)
    words = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "hello"}]}
    with (
        httpx.Client(base_url=sim.openai_base, headers={"authorization": "Bearer k"}) as raw,
        pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)),
    ):
        raw.post("/chat/completions", json=words)
    assert len(sim.ledger()) == 2 * billed


@pytest.mark.parametrize(("fault", "billed"), [("cut_before", 0), ("cut_after", 1)])
def test_cut_connections_of_the_other_vendor(
    gemini_client: genai.Client, sim: RunningSimulator, fault: str, billed: int
) -> None:
    sim.fault(fault, match={"vendor": "gemini"})
    with pytest.raises(Exception, match=r"[Dd]isconnected|reset|ReadError") as failed:
        gemini_client.models.generate_content(model="gemini-3.8-flash", contents="x")
    assert not isinstance(failed.value, errors.APIError)
    assert len(sim.ledger()) == billed


def test_gemini_overload(gemini_client: genai.Client, sim: RunningSimulator) -> None:
    sim.fault("status", status=503)
    with pytest.raises(errors.ServerError) as failed:
        gemini_client.models.generate_content(model="gemini-3.8-flash", contents="x")
    assert failed.value.status == "UNAVAILABLE"


@pytest.mark.parametrize("when", ["before", "after"])
def test_slow_answers_are_billed_although_the_client_has_gone(
    openai_client: OpenAI, sim: RunningSimulator, when: str
) -> None:
    sim.fault("slow", seconds=0.5, when=when)
    with pytest.raises(openai.APITimeoutError):
        chat(openai_client.with_options(timeout=0.25))
    assert len(sim.ledger()) == (0 if when == "before" else 1)
    time.sleep(0.6)
    assert len(sim.ledger()) == 1


def test_malformed_texts(openai_client: OpenAI, sim: RunningSimulator) -> None:
    def parse() -> None:
        openai_client.chat.completions.parse(
            model="gpt-6-luna", messages=[{"role": "user", "content": "note"}], response_format=Note
        )

    for variant in ("not_json", "bad_schema"):
        sim.fault("malformed", variant=variant)
        with pytest.raises(ValidationError):
            parse()
    sim.fault("malformed", variant="truncated")
    with pytest.raises(openai.LengthFinishReasonError):
        parse()
    assert len(sim.ledger()) == 3


def test_refusals(openai_client: OpenAI, sim: RunningSimulator) -> None:
    sim.fault("refusal")
    assert chat(openai_client).choices[0].message.refusal
    sim.fault("refusal")
    with pytest.raises(openai.BadRequestError) as blocked:
        openai_client.images.generate(model="gpt-image-2.5-flare", prompt="x", size="1024x1024")
    assert blocked.value.code == "moderation_blocked"
    assert [e["kind"] for e in sim.ledger()] == ["text"]


def test_failed_job(openai_client: OpenAI, sim: RunningSimulator) -> None:
    sim.fault("fail_job", code="internal_error")
    video = openai_client.videos.create_and_poll(model="sim-video-1", prompt="x")
    assert video.status == "failed"
    assert video.error is not None
    assert video.error.code == "internal_error"
    with pytest.raises(openai.NotFoundError):
        openai_client.videos.download_content(video.id)


def test_late_success_is_found_in_the_list(openai_client: OpenAI, sim: RunningSimulator) -> None:
    sim.fault("late_success")
    with pytest.raises(openai.InternalServerError):
        openai_client.videos.create(model="sim-video-1", prompt="lost and found")
    (video,) = openai_client.videos.list()
    assert video.prompt == "lost and found"
    assert openai_client.videos.poll(video.id).status == "completed"
    assert [e["operation"] for e in sim.ledger()] == [video.id]


def test_stalled_job_and_content_that_fails_once(openai_client: OpenAI, sim: RunningSimulator) -> None:
    video = openai_client.videos.create(
        model="sim-video-1", prompt="x", extra_headers={"x-sim-fault": "stall;seconds=0.6"}
    )
    time.sleep(0.5)
    assert openai_client.videos.retrieve(video.id).status == "in_progress"
    assert openai_client.videos.poll(video.id).status == "completed"
    sim.fault("expired_content", status=410)
    video = openai_client.videos.create_and_poll(model="sim-video-1", prompt="x")
    with pytest.raises(openai.APIStatusError) as gone:
        openai_client.videos.download_content(video.id)
    assert gone.value.status_code == 410
    assert openai_client.videos.download_content(video.id).read()[4:8] == b"ftyp"


def test_a_forbidden_poll_costs_nothing(openai_client: OpenAI, sim: RunningSimulator) -> None:
    sim.fault("status", status=403, match={"op": "read", "times": 2})
    video = openai_client.videos.create(model="sim-video-1", prompt="x")
    for _ in range(2):
        with pytest.raises(openai.PermissionDeniedError):
            openai_client.videos.retrieve(video.id)
    assert openai_client.videos.retrieve(video.id).id == video.id
    assert len(sim.ledger()) == 1


def test_half_a_film(openai_client: OpenAI, sim: RunningSimulator) -> None:
    video = openai_client.videos.create_and_poll(model="sim-video-1", prompt="x")
    sim.fault("half_body", match={"path_regex": "/content$"})
    with pytest.raises((openai.APIConnectionError, Exception), match=r"(?i)connection|incomplete|peer closed"):
        openai_client.videos.download_content(video.id).read()
    assert openai_client.videos.download_content(video.id).read()[4:8] == b"ftyp"


def test_rules_choose_their_calls(openai_client: OpenAI, sim: RunningSimulator) -> None:
    sim.fault("status", match={"kind": "text", "prompt_contains": "storm", "nth": 2, "times": 1})
    chat(openai_client, "calm")
    chat(openai_client, "storm")
    with pytest.raises(openai.InternalServerError):
        chat(openai_client, "storm")
    chat(openai_client, "storm")
    assert [(r["seen"], r["done"]) for r in sim.faults()] == [(2, 1)]
    assert len(sim.ledger()) == 3
    with pytest.raises(urllib.error.HTTPError):
        sim.fault("earthquake")
    with pytest.raises(openai.BadRequestError, match="earthquake"):
        chat(openai_client, **{"x-sim-fault": "earthquake"})


def test_kill_keeps_the_ledger_and_the_jobs(tmp_path: Path) -> None:
    with RunningSimulator(tmp_path, video_seconds=0.5) as sim:
        client = OpenAI(api_key="sk-1", base_url=sim.openai_base, max_retries=0)
        header = {"x-sfd-submission": "attempt-1"}
        video = client.videos.create(model="sim-video-1", prompt="x", extra_headers=header)
        sim.kill()
        with sim.ledger_path.open("ab") as torn:
            torn.write(b'{"n": 2, "torn')
        sim.start()
        assert client.videos.poll(video.id).status == "completed"
        assert client.videos.download_content(video.id).read()[4:8] == b"ftyp"
        chat(client)
        assert [(e["n"], e["submission"]) for e in sim.ledger()] == [(1, "attempt-1"), (2, None)]
        client.close()
        assert sim.stop() == 0


def test_many_calls_at_once_are_each_billed_once(sim: RunningSimulator) -> None:
    words = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "hello"}]}

    def call(at: int) -> int:
        with httpx.Client(base_url=sim.openai_base, headers={"authorization": "Bearer k"}, timeout=20) as raw:
            return raw.post("/chat/completions", json=words, headers={"x-sfd-submission": f"s{at}"}).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(call, range(48))) == {200}
    entries = sim.ledger()
    assert sorted(str(e["submission"]) for e in entries) == sorted(f"s{at}" for at in range(48))
    assert [e["n"] for e in entries] == list(range(1, 49))
    assert sim.stats()["accepted"] == {"openai.text": 48}


def test_sora_lives_only_where_it_is_kept(tmp_path: Path) -> None:
    with RunningSimulator(tmp_path, with_sora=True) as sim:
        with OpenAI(api_key="sk-1", base_url=sim.openai_base, max_retries=0) as client:
            video = client.videos.create(model="sora-2-pro", prompt="x", size="1024x1792", seconds="12")
            small = io.BytesIO()
            Image.new("RGB", (64, 64)).save(small, "PNG")
            with pytest.raises(openai.BadRequestError, match="Inpaint image"):
                client.videos.create(
                    model="sora-2", prompt="x", input_reference=("a.png", small.getvalue(), "image/png")
                )
        (entry,) = sim.ledger()
        assert (entry["operation"], entry["price_nano_usd"]) == (video.id, 6_000_000_000)
