"""Words, pictures, a place and a length of a film's own: what film makers are told, what they start from, where the film belongs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kit.jobs.handler import Done
from services.video import local, prompts
from services.video.foreign import Film
from services.video.handlers import Films
from services.video.references import first_frame
from services.video.studio import Studio, Wish
from sfd.imaging.v1 import picture_pb2
from sfd.video.v1 import film_pb2
from tests.unit.video.test_video_handlers import MP4, clip_input, films

MINE = "http://media.test/media/mine.png"


def picture(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (90, 160), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def bought(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Wish]:
    """What the vendor was asked for; it gives a film at once."""
    asked: list[Wish] = []

    async def buy(self: Studio, context: Any, folder: Path, vendor: str, model: str, wish: Wish) -> tuple[Film, str]:
        assert vendor == "openai"
        asked.append(wish)
        path = folder / "film.mp4"
        path.write_bytes(MP4)
        return Film(path, None, float(wish.seconds), 1080, 1920), "openai/sim-video-1"

    monkeypatch.setattr(Studio, "buy", buy)
    return asked


def audition(maker: str = "openai", **more: Any) -> film_pb2.AuditionInput:
    who = clip_input().cast[0]
    camera = film_pb2.Camera(filmer=maker, style="anime", language="en", fingerprint="f7")
    return film_pb2.AuditionInput(drama_id="d1", character=who, cast=clip_input().cast, camera=camera, **more)


async def made(films_: Films, bench: Any, kind: str, job: Any) -> film_pb2.FilmOutput:
    handler = next(one for one in films_.handlers() if one.kind == kind)
    done = await handler(bench.context(bench.store, kind, job))
    assert isinstance(done, Done)
    assert isinstance(done.output, film_pb2.FilmOutput)
    return done.output


async def test_a_further_film_of_a_scene_starts_from_the_picture_it_names(
    bench: Any, tmp_path: Path, bought: list[Wish]
) -> None:
    bench.store.take("scene:s1:storyboard", b"board")
    bench.store.take("asset:scene:s1:close", b"close")
    job = clip_input("openai")
    job.scene_id, job.slot, job.duration = "s1", "asset:scene:s1:insert", 4
    job.reference_slots.extend(["asset:scene:s1:close", "scene:s1:storyboard"])
    output = await made(films(bench, tmp_path), bench, "video.clip", job)
    assert (output.slot, output.duration) == ("asset:scene:s1:insert", 4.0)
    assert (bought[0].frame, bought[0].seconds) == (b"close", 4)
    del bench.store.drama_fake.takes[1:]
    await made(films(bench, tmp_path), bench, "video.clip", job)
    assert bought[1].frame == b"board"


async def test_a_given_picture_comes_before_the_dramas_own(bench: Any, tmp_path: Path, bought: list[Wish]) -> None:
    job = clip_input("openai")
    bench.store.take(f"scene:{job.scene_id}:storyboard", b"board")
    await made(films(bench, tmp_path), bench, "video.clip", job)
    job.reference_urls.append(MINE)
    await made(films(bench, tmp_path, reference=picture("red")), bench, "video.clip", job)
    assert [wish.frame for wish in bought] == [b"board", picture("red")]


async def test_a_further_film_of_a_character_does_what_it_says(bench: Any, tmp_path: Path, bought: list[Wish]) -> None:
    who = clip_input().cast[0].id
    bench.store.take(f"character:{who}:portrait", b"face")
    slot = f"asset:character:{who}:walk"
    job = audition(prompt="She walks away.", slot=slot, asset_id="walk", duration=8, reference_slots=["asset:x", "y"])
    job.reference_slots.append(f"character:{who}:portrait")
    output = await made(films(bench, tmp_path), bench, "video.audition", job)
    (wish,) = bought
    assert (output.slot, output.fingerprint, wish.frame, wish.seconds) == (slot, "f7", b"face", 8)
    assert "What happens: She walks away." in wish.prompt
    assert "introduces itself" not in wish.prompt
    facts = bench.store.facts[output.stored_asset_id]
    assert (facts.metadata["type"], facts.metadata["asset_id"]) == ("character_video", "walk")
    plain = await made(films(bench, tmp_path), bench, "video.audition", audition())
    assert plain.slot == f"character:{who}:audition"
    assert (bought[1].seconds, "introduces itself" in bought[1].prompt) == (10, True)


async def test_the_local_film_maker_gets_words_and_length(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def fake(folder: Path, who: Any, cast: Any, language: str, wish: str, seconds: float) -> Film:
        seen.append((wish, seconds))
        (folder / "film.mp4").write_bytes(MP4)
        return Film(folder / "film.mp4", None, seconds, 1080, 1920)

    monkeypatch.setattr(local, "audition", fake)
    job = audition("local", prompt="On a pier.", duration=6)
    output = await made(films(bench, tmp_path), bench, "video.audition", job)
    assert seen == [("On a pier.", 6.0)]
    assert output.prompt == "On a pier."


async def test_what_was_made_in_the_run_is_the_first_frame(bench: Any) -> None:
    bench.store.take("scene:s1:storyboard", b"old")
    bench.store.bytes["new"] = b"new"
    output = picture_pb2.PictureOutput(slot="scene:s1:storyboard", stored_asset_id="new")
    parent = bench.parent("storyboard:s1", "imaging.storyboard", output)
    context = bench.context(bench.store, "video.clip", clip_input(), parent)
    assert await first_frame(context, "d1", ["scene:s1:storyboard"]) == b"new"
    assert await first_frame(context, "d1", ["asset:scene:s1:none"]) is None


def test_an_auditions_prompt_without_a_wish_is_what_it_was() -> None:
    from services.video.specs import character

    who = character(clip_input().cast[0])
    told = prompts.audition(who, seconds=10, style="anime", language="en", starts_from_picture=False)
    assert "Front view, half body, alone before a simple background" in told
