"""What the handlers of queue `video` store and answer: order of clips, first frames, snoozing, cancelling, cleaning up."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.egress.client import Egress
from kit.egress.rules import Allowed
from kit.fetch import Fetcher, picture_rules
from kit.jobs.handler import Done, GiveBack, JobCancelled, JobContext, JobFailed, Later
from kit.media.film.facts import ClipFacts
from kit.media.specs import CharacterSpec
from kit.providers.pricing import OwnPrices
from kit.speech.casting import cast_voices
from services.video import local
from services.video.foreign import Film
from services.video.handlers import Films
from services.video.keyring import Keys
from services.video.providers.openai import OpenAIFilmer
from services.video.references import clips_in_order
from services.video.studio import Studio
from services.video.vendors import Filmers, Vendor
from services.video.workdir import Stopped, sweep, teller, watched, work_folder
from sfd.dramas.v1 import drama_pb2
from sfd.imaging.v1 import picture_pb2
from sfd.jobs.v1 import job_pb2
from sfd.usage.v1.usage_pb2 import Price
from sfd.video.v1 import film_pb2
from simulator.testing import RunningSimulator

MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 32


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.4) as running:
        yield running


@pytest.fixture
async def filmer(vendors: RunningSimulator) -> AsyncIterator[OpenAIFilmer]:
    vendors.reset()
    made = OpenAIFilmer(base_url=vendors.openai_base, api_key="sk-test-filmers", seconds=30)
    yield made
    await made.close()


def films(
    bench: Any, root: Path, filmer: OpenAIFilmer | None = None, reference: bytes = b"", own: Sequence[Price] = ()
) -> Films:
    vendors = {"openai": Vendor(lambda: lambda key, base_url, seconds: filmer)}
    keys = Keys({"openai": "sk-test-filmers" if filmer else ""})

    async def prices(account_id: str) -> OwnPrices:
        return OwnPrices(own)

    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=reference))
    fetcher = Fetcher(
        httpx.AsyncClient(transport=transport), Egress(picture_rules(Allowed())), ("http://media.test/media",)
    )
    return Films(Studio(bench.cpu, Filmers(vendors, keys, 30), prices, root), fetcher)


def clip_input(maker: str = "local", duration: int = 10) -> film_pb2.ClipInput:
    cast = [
        drama_pb2.Character(id=f"c{n}", name=f"Name {n}", description="tall", voice_description="low") for n in range(4)
    ]
    return film_pb2.ClipInput(
        drama_id="d1",
        episode_id="ep01",
        scene_id="s1",
        asset_id="clip",
        description="A pier",
        image_prompt="rain",
        prompt="waves",
        cast=cast,
        present=["c2"],
        lines=[picture_pb2.Line(character_id="c1", text="Hello", emotion="happy")],
        duration=duration,
        camera=film_pb2.Camera(filmer=maker, style="anime", seed=5, language="en", fingerprint="f9"),
    )


def board(bench: Any, name: str = "s1") -> job_pb2.Parent:
    """A storyboard that this run has drawn."""
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").resize((1080, 1920)).save(buffer, "PNG")
    bench.store.bytes["board"] = buffer.getvalue()
    output = picture_pb2.PictureOutput(slot=f"scene:{name}:storyboard", stored_asset_id="board")
    parent: job_pb2.Parent = bench.parent(f"storyboard:{name}", "imaging.storyboard", output)
    return parent


async def test_a_local_clip_gets_the_present_and_the_whole_cast_and_leaves_nothing_behind(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def fake(folder: Path, scene: Any, cast: Any, seconds: float, wish: str) -> Film:
        seen.append((scene, cast, seconds))
        teller(folder)(0.5)
        (folder / "film.mp4").write_bytes(MP4)
        (folder / "timeline.json").write_text('{"version": 1}')
        return Film(folder / "film.mp4", folder / "timeline.json", 10.5, 1080, 1920)

    monkeypatch.setattr(local, "clip", fake)
    context = bench.context(bench.store, "video.clip", clip_input(), board(bench))
    done = await films(bench, tmp_path).clip(context, clip_input())
    output = done.output
    assert isinstance(output, film_pb2.FilmOutput)
    assert (output.slot, output.fingerprint, output.generator, output.duration) == (
        "scene:s1:clip",
        "f9",
        "local",
        10.5,
    )
    assert bench.store.bytes[output.stored_asset_id] == MP4
    assert json.loads(bench.store.bytes[output.timeline_asset_id]) == {"version": 1}
    scene, cast, seconds = seen[0]
    assert [who.id for who in scene.cast] == ["c2", "c1"]
    assert [who.id for who in cast] == ["c0", "c1", "c2", "c3"]
    assert (seconds, scene.prompt, scene.seed) == (10.0, "rain", 5)
    assert bench.store.facts[output.stored_asset_id].metadata["type"] == "scene_video_clip"
    assert list(tmp_path.iterdir()) == []


async def test_an_episode_joins_the_runs_clips_in_the_order_of_the_steps(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined: list[bytes] = []
    told: list[str] = []

    def fake(folder: Path, paths: tuple[Path, ...], timelines: tuple[Path | None, ...]) -> Film:
        joined.extend(path.read_bytes() for path in paths)
        told.extend(path.read_text() if path else "" for path in timelines)
        (folder / "film.mp4").write_bytes(MP4)
        return Film(folder / "film.mp4", None, 30.0, 1080, 1920)

    monkeypatch.setattr(local, "episode", fake)
    parents = []
    for name in ("s2", "s1", "s3"):
        bench.store.bytes[f"asset-{name}"] = name.encode()
        timeline = f"times-{name}" if name != "s3" else ""
        bench.store.bytes[timeline] = timeline.encode()
        clip = film_pb2.FilmOutput(
            slot=f"scene:{name}:clip", stored_asset_id=f"asset-{name}", timeline_asset_id=timeline
        )
        parents.append(bench.parent(f"clip:{name}", "video.clip", clip))
    payload = film_pb2.AssembleInput(
        drama_id="d1", episode_id="ep01", clip_steps=["clip:s1", "clip:s2", "clip:s3"], fingerprint="f0"
    )
    context = bench.context(bench.store, "video.assemble", payload, *parents)
    handler = next(h for h in films(bench, tmp_path).handlers() if h.kind == "video.assemble")
    context.job.input_json = json.dumps(
        {"dramaId": "d1", "episodeId": "ep01", "clipSteps": list(payload.clip_steps), "fingerprint": "f0"}
    )
    done = await handler(context)
    assert isinstance(done, Done)
    output = done.output
    assert isinstance(output, film_pb2.FilmOutput)
    assert joined == [b"s1", b"s2", b"s3"]
    assert told == ["times-s1", "times-s2", ""]
    assert bench.store.drama_fake.asked == 0
    assert (output.slot, output.fingerprint, output.timeline_asset_id) == ("episode:ep01:film", "f0", "")
    assert list(tmp_path.iterdir()) == []


def test_clips_come_from_the_run_or_by_name_and_a_gap_is_named() -> None:
    made = {"clip:a": film_pb2.FilmOutput(stored_asset_id="1"), "clip:b": film_pb2.FilmOutput()}
    assert clips_in_order(["clip:a"], made, ["ignored"]) == ["1"]
    assert clips_in_order([], made, ["x", "y"]) == ["x", "y"]
    with pytest.raises(JobFailed, match="clip:b, clip:c"):
        clips_in_order(["clip:a", "clip:b", "clip:c"], made, [])
    with pytest.raises(JobFailed, match="no clips"):
        clips_in_order([], made, [])


async def follow(bench: Any, made: Films, context: JobContext, payload: film_pb2.ClipInput) -> tuple[Any, int]:
    """Works as a worker does: takes the job again after each snooze; returns its end and how often it waited."""
    snoozes = 0
    async with asyncio.timeout(30):
        while True:
            del context.lease.submissions[:]
            context.lease.submissions.extend(bench.store.job_fake.submissions.values())
            try:
                return (await made.clip(context, payload)).output, snoozes
            except GiveBack as back:
                outcome = back.outcome
            snoozes += 1
            await asyncio.sleep(min(0.3, outcome.delay) if isinstance(outcome, Later) else 30)


async def test_a_vendors_clip_starts_from_the_storyboard_and_snoozes_until_it_is_done(
    bench: Any, tmp_path: Path, filmer: OpenAIFilmer, vendors: RunningSimulator
) -> None:
    payload = clip_input("openai")
    context = bench.context(bench.store, "video.clip", payload, board(bench))
    output, snoozes = await follow(bench, films(bench, tmp_path, filmer), context, payload)
    assert snoozes >= 1
    assert output.generator == "openai/sim-video-1"
    (entry,) = vendors.ledger()
    assert entry["units"] == {"seconds": 12, "size": "720x1280"}
    (submission,) = bench.store.job_fake.submissions.values()
    assert submission.price_nano_usd == entry["price_nano_usd"]
    request = json.loads(submission.request_json)
    assert (request["mode"], list(request["files"])) == ("image", ["image"])
    assert '"Hello"' in request["prompt"]
    assert "starts exactly from the reference picture" in request["prompt"]
    facts = bench.store.facts[output.stored_asset_id]
    assert (facts.width, facts.height) == (1080, 1920)
    timeline = json.loads(bench.store.bytes[output.timeline_asset_id])
    assert timeline["exact"] is False
    assert timeline["utterances"][0]["words"] == []
    assert list(tmp_path.iterdir()) == []


async def test_an_own_price_is_what_is_held_and_settled(
    bench: Any, tmp_path: Path, filmer: OpenAIFilmer, vendors: RunningSimulator
) -> None:
    own = [Price(vendor="openai", model="sim-video-1", unit="seconds", nano_usd=7)]
    payload = clip_input("openai")
    context = bench.context(bench.store, "video.clip", payload, board(bench))
    await follow(bench, films(bench, tmp_path, filmer, own=own), context, payload)
    (submission,) = bench.store.job_fake.submissions.values()
    assert (submission.price_nano_usd, submission.cost_nano_usd) == (84, 84)
    assert len(vendors.ledger()) == 1


async def test_without_a_key_or_a_film_maker_nothing_is_sent(bench: Any, tmp_path: Path) -> None:
    for maker, reason in (("openai", "no_active_key"), ("nobody", "unknown_vendor")):
        payload = clip_input(maker)
        context = bench.context(bench.store, "video.clip", payload, board(bench))
        with pytest.raises(JobFailed) as failed:
            await films(bench, tmp_path).clip(context, payload)
        assert failed.value.reason == reason
    assert bench.store.job_fake.submissions == {}


async def test_a_lost_submit_is_reconciled_and_paid_once(
    bench: Any, tmp_path: Path, filmer: OpenAIFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("cut_after")
    payload = clip_input("openai")
    context = bench.context(bench.store, "video.clip", payload)
    output, _ = await follow(bench, films(bench, tmp_path, filmer), context, payload)
    assert output.stored_asset_id
    assert len(vendors.ledger()) == 1
    assert "SUBMIT_UNKNOWN" in bench.store.job_fake.states


async def test_cancelling_stops_the_subprocess_too(bench: Any, tmp_path: Path) -> None:
    context = bench.context(bench.store, "video.clip", clip_input())
    ended: list[str] = []

    def film(folder: Path) -> None:
        tell = teller(folder)
        try:
            for step in range(600):
                tell(step / 600)
                time.sleep(0.02)
        except Stopped:
            ended.append("stopped")

    async def once_it_goes_on() -> None:
        while (context.progress or 0) <= 0.05:
            await asyncio.sleep(0.02)
        context.cancel.set()

    async with work_folder(tmp_path, "job-1") as folder:
        work = asyncio.ensure_future(asyncio.to_thread(film, folder))
        stopping = asyncio.ensure_future(once_it_goes_on())
        with pytest.raises(JobCancelled):
            await watched(context, folder, asyncio.shield(work), "Filming.")
        assert 0.05 < (context.progress or 0) < 0.5
        assert context.message == "Filming."
    await stopping
    await asyncio.wait_for(work, 10)
    assert ended == ["stopped"]


async def test_a_lost_lease_leaves_no_files_and_a_stray_writer_notices(tmp_path: Path) -> None:
    folders: list[Path] = []

    async def work() -> None:
        async with work_folder(tmp_path, "job-1") as folder:
            folders.append(folder)
            teller(folder)(0.1)
            await asyncio.sleep(30)

    working = asyncio.ensure_future(work())
    await asyncio.sleep(0.2)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert list(tmp_path.iterdir()) == []
    tell = teller(folders[0])
    with pytest.raises(Stopped):
        tell(0.2)


def test_only_old_leftovers_are_swept(tmp_path: Path) -> None:
    import os

    old, young, busy = tmp_path / "a-1", tmp_path / "b-2", tmp_path / "c-3"
    for one in (old, young, busy):
        one.mkdir()
    (busy / "film.mp4").touch()
    os.utime(old, (0, 0))
    os.utime(busy, (0, 0))
    assert sweep(tmp_path) == 1
    assert sorted(tmp_path.iterdir()) == [young, busy]
    assert sweep(tmp_path / "missing") == 0


def test_an_audition_keeps_the_look_and_the_voice_of_the_drama(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twins = tuple(
        CharacterSpec(name, name.title(), "a young woman", "female", "warm low voice") for name in ("amy", "bea")
    )
    seen: dict[str, Any] = {}

    def render(scene: Any, layers: Any, voices: Any, path: Path, **more: Any) -> Any:
        seen.update(voices=voices, layers=layers, language=scene.language, seconds=more["duration"])
        more["progress"](1.0)
        return ClipFacts(10.0, {"version": 1, "utterances": []})

    monkeypatch.setattr("kit.media.film.clip.render_clip", render)
    monkeypatch.setattr("kit.media.illustration.scene_layers", lambda scene, *, cast: (scene, cast))
    made = local.audition(tmp_path, twins[1], twins, "ko")
    voices = cast_voices(twins, "ko")
    assert voices["amy"] != voices["bea"]
    assert seen["voices"] == {"bea": voices["bea"]}
    assert (seen["language"], seen["seconds"]) == ("ko", 10.0)
    scene, cast = seen["layers"]
    assert ([who.id for who in scene.cast], cast) == (["bea"], twins)
    assert scene.lines[0].character_id == "bea"
    assert (made.duration, json.loads((tmp_path / "timeline.json").read_text())["version"]) == (10.0, 1)
