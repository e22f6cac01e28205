"""What the handlers of queue `imaging` store and answer, and which references they show."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from google.protobuf import json_format
from PIL import Image

from kit.errors import InvalidInput
from kit.fetch import Fetcher
from kit.jobs.handler import Done, GiveBack, JobCancelled, JobFailed
from kit.providers.base import Accepted, Answer, Call, Finished, Idempotency, NotAccepted, Pending, Refused
from services.imaging.handlers import Pictures
from services.imaging.references import choose
from services.imaging.studio import Painter, Studio, until_cancelled
from sfd.dramas.v1 import drama_pb2
from sfd.imaging.v1 import picture_pb2

GUIDE = b"guide"


def colourful(width: int = 1024, height: int = 1536) -> bytes:
    buffer = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


class FakeVendor:
    vendor = "openai"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, answer: Accepted | Answer | Exception) -> None:
        self.answer = answer
        self.calls: list[Call] = []

    async def submit(self, call: Call) -> Accepted | Answer:
        self.calls.append(call)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        return Refused("model_refused", "no", charged=operation_id.endswith("charged"))

    async def fetch(self, operation_id: str) -> Answer:
        raise AssertionError

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        return None

    async def cancel(self, operation_id: str) -> None: ...


def pictures(
    bench: Any, vendor: FakeVendor | None = None, *, ratio: bool = False, led: bool = False, reference: bytes = b"none"
) -> Pictures:
    async def guide() -> bytes:
        return GUIDE

    painters: Mapping[str, Callable[[], Painter]] = {"openai": lambda: Painter(vendor, ratio, led)} if vendor else {}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=reference))
    fetcher = Fetcher(httpx.AsyncClient(transport=transport), ("http://media.test/media",))
    return Pictures(Studio(bench.cpu, painters, guide), fetcher)


def character(name: str, *, main: bool = False) -> drama_pb2.Character:
    return drama_pb2.Character(
        id=f"c_{name}", name=name.title(), description="A tall sailor.", gender="male", main=main
    )


def storyboard(painter: str = "local", *names: str) -> picture_pb2.StoryboardInput:
    brush = picture_pb2.Brush(painter=painter, style="anime", seed=7, language="en", fingerprint="f123")
    return picture_pb2.StoryboardInput(
        drama_id="d1",
        episode_id="ep01",
        scene_id="ep01_s01",
        asset_id="board",
        description="A pier at night.",
        prompt="rain",
        cast=[character(name) for name in names or ("ann", "bob", "cat", "dan")],
        lines=[picture_pb2.Line(character_id="c_ann", text="Hello", emotion="happy")],
        brush=brush,
    )


async def test_the_local_painter_draws_every_kind_and_passes_the_fingerprint_on(bench: Any) -> None:
    brush = picture_pb2.Brush(painter="local", style="anime", seed=7, language="en", fingerprint="f1")
    cast = [character("ann", main=True), character("bob")]
    jobs: list[tuple[str, Any, str]] = [
        (
            "portrait",
            picture_pb2.PortraitInput(drama_id="d1", character=cast[0], cast=cast, brush=brush),
            "character:c_ann:portrait",
        ),
        ("cover", picture_pb2.CoverInput(drama_id="d1", title="Night", cast=cast, brush=brush), "drama:cover"),
        ("storyboard", storyboard("local", "ann", "bob"), "scene:ep01_s01:storyboard"),
    ]
    made = pictures(bench)
    for name, payload, slot in jobs:
        context = bench.context(bench.store, f"imaging.{name}", payload)
        done = await next(h for h in made.handlers() if h.kind == f"imaging.{name}")(context)
        assert isinstance(done, Done)
        output = done.output
        assert isinstance(output, picture_pb2.PictureOutput)
        assert (output.slot, output.fingerprint, output.generator) == (slot, payload.brush.fingerprint, "local")
        assert (output.width, output.height, output.drama_id) == (1080, 1920, "d1")
        stored = Image.open(io.BytesIO(bench.store.bytes[output.stored_asset_id]))
        assert stored.size == (1080, 1920)
        facts = bench.store.facts[output.stored_asset_id]
        assert facts.metadata["generator"] == "local"
        assert facts.metadata["job_id"] == "job_abc123abc123"
        assert json_format.Parse(json_format.MessageToJson(output), picture_pb2.PictureOutput()) == output
        assert context.progress == pytest.approx(0.9)
    assert bench.store.drama_fake.asked == 0  # the local painter looks at words, not at references


async def test_a_storyboard_shows_at_most_three_portraits_in_the_cast_order_after_the_guide(bench: Any) -> None:
    for name in ("dan", "cat", "bob"):
        bench.store.take(f"character:c_{name}:portrait", name.encode())
    bench.store.take("character:c_bob:portrait", b"old bob", live=False)
    fresh = picture_pb2.PictureOutput(slot="character:c_cat:portrait", stored_asset_id="new-cat")
    bench.store.bytes["new-cat"] = b"new cat"
    failed = picture_pb2.PictureOutput(slot="character:c_dan:portrait", stored_asset_id="bad-dan")
    parents = (
        bench.parent("portrait:c_cat", "imaging.portrait", fresh),
        bench.parent("portrait:c_dan", "imaging.portrait", failed, succeeded=False),
    )
    vendor = FakeVendor(Answer(colourful(), "image/png"))
    context = bench.context(bench.store, "imaging.storyboard", storyboard("openai"), *parents)
    done = await pictures(bench, vendor).storyboard(context, storyboard("openai"))
    (call,) = vendor.calls
    shown = [call.files[ref["name"]] for ref in call.request["references"]]
    assert shown == [GUIDE, b"bob", b"new cat", b"dan"]
    assert "Reference picture 2 is Bob" in call.request["prompt"]
    assert "Reference picture 4 is Dan" in call.request["prompt"]
    output = done.output
    assert isinstance(output, picture_pb2.PictureOutput)
    assert output.generator == "openai/gpt-image-2.5-flare"
    assert output.prompt == call.request["prompt"]
    assert bench.store.job_fake.states == ["INTENT", "SUBMITTING", "DONE"]


async def test_a_host_that_knows_ratios_gets_no_guide_and_gone_bytes_are_left_out(bench: Any) -> None:
    bench.store.take("character:c_ann:portrait", b"ann")
    gone = bench.store.take("character:c_bob:portrait", b"bob")
    del bench.store.bytes[gone]
    vendor = FakeVendor(Answer(colourful(), "image/png"))
    context = bench.context(bench.store, "imaging.storyboard", storyboard("openai"))
    await pictures(bench, vendor, ratio=True).storyboard(context, storyboard("openai"))
    assert [ref["name"] for ref in vendor.calls[0].request["references"]] == ["1-c_ann"]


@pytest.mark.parametrize(("led", "names"), [(False, []), (True, ["1-canvas"])])
async def test_without_references_only_an_operators_own_picture_leads(bench: Any, led: bool, names: list[str]) -> None:
    vendor = FakeVendor(Answer(colourful(), "image/png"))
    context = bench.context(bench.store, "imaging.storyboard", storyboard("openai"))
    await pictures(bench, vendor, led=led).storyboard(context, storyboard("openai"))
    assert [ref["name"] for ref in vendor.calls[0].request["references"]] == names


def test_the_choice_is_the_first_three_who_have_a_portrait() -> None:
    stored = {f"character:{who}:portrait": f"asset-{who}" for who in ("b", "c", "d", "e")}
    assert choose(["a", "e", "b", "e", "c", "d"], stored) == [("e", "asset-e"), ("b", "asset-b"), ("c", "asset-c")]
    assert choose([], stored) == []


@pytest.mark.parametrize(
    ("answer", "reason", "charged", "states"),
    [
        (Accepted("refused:charged"), "model_refused", True, ["INTENT", "SUBMITTING", "SUBMITTED", "FAILED"]),
        (Answer(b"<html>", "text/html"), "bad_picture", True, ["INTENT", "SUBMITTING", "DONE"]),
        (
            NotAccepted("no", reason="model_refused"),
            "model_refused",
            False,
            ["INTENT", "SUBMITTING", "NOT_ACCEPTED"],
        ),
    ],
    ids=["refused", "no picture", "not accepted"],
)
async def test_how_a_vendors_no_ends_a_job(
    bench: Any, answer: Any, reason: str, charged: bool, states: list[str]
) -> None:
    context = bench.context(bench.store, "imaging.storyboard", storyboard("openai"))
    with pytest.raises(JobFailed) as failed:
        await pictures(bench, FakeVendor(answer)).storyboard(context, storyboard("openai"))
    assert (failed.value.reason, failed.value.charged) == (reason, charged)
    assert bench.store.job_fake.states == states


async def test_a_busy_vendor_gives_the_job_back(bench: Any) -> None:
    vendor = FakeVendor(NotAccepted("busy", reason="vendor_busy", retryable=True, after=7.0))
    context = bench.context(bench.store, "imaging.storyboard", storyboard("openai"))
    with pytest.raises(GiveBack) as back:
        await pictures(bench, vendor).storyboard(context, storyboard("openai"))
    assert getattr(back.value.outcome, "delay", None) == 7.0


async def test_a_portraits_own_reference_is_shown_and_a_private_host_refused(bench: Any) -> None:
    vendor = FakeVendor(Answer(colourful(), "image/png"))
    payload = picture_pb2.PortraitInput(
        drama_id="d1",
        character=character("ann"),
        brush=picture_pb2.Brush(painter="openai"),
        reference_url="http://media.test/media/abc.png",
    )
    made = pictures(bench, vendor, reference=colourful(2000, 3000))
    await made.portrait(bench.context(bench.store, "imaging.portrait", payload), payload)
    assert [ref["name"] for ref in vendor.calls[0].request["references"]] == ["1-canvas", "2-given"]
    assert Image.open(io.BytesIO(vendor.calls[0].files["2-given"])).size == (1024, 1536)
    with pytest.raises(JobFailed) as failed:
        await pictures(bench, vendor).portrait(bench.context(bench.store, "imaging.portrait", payload), payload)
    assert (failed.value.reason, failed.value.charged) == ("bad_reference", False)
    for url in ("http://127.0.0.1:9000/x", "http://localhost/x", "http://169.254.169.254/latest", "file:///etc/passwd"):
        payload.reference_url = url
        with pytest.raises(InvalidInput, match=r"public|http"):
            await pictures(bench, vendor).portrait(bench.context(bench.store, "imaging.portrait", payload), payload)
    assert len(vendor.calls) == 1


async def test_cancelling_stops_a_job_at_once(bench: Any) -> None:
    context = bench.context(bench.store, "imaging.portrait", picture_pb2.PortraitInput())
    asyncio.get_running_loop().call_later(0.02, context.cancel.set)
    with pytest.raises(JobCancelled):
        await until_cancelled(context, asyncio.sleep(30))


async def test_an_unknown_painter_and_an_empty_job_are_refused(bench: Any) -> None:
    for payload in (
        picture_pb2.PortraitInput(),
        picture_pb2.PortraitInput(character=character("ann"), brush=picture_pb2.Brush(painter="dall-e")),
    ):
        with pytest.raises(JobFailed) as failed:
            await pictures(bench).portrait(bench.context(bench.store, "imaging.portrait", payload), payload)
        assert failed.value.reason in ("bad_input", "unknown_vendor")
        assert not failed.value.retryable
