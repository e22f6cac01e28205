"""Words, pictures and a place of a step's own: what the painters are told and shown, and where the picture belongs."""

from __future__ import annotations

from typing import Any

import pytest

from kit.jobs.handler import JobFailed
from kit.media.specs import CharacterSpec
from kit.providers.base import Answer
from services.imaging import local, prompts
from sfd.imaging.v1 import picture_pb2
from tests.unit.imaging.test_imaging_handlers import FakeVendor, character, colourful, pictures, storyboard

MINE = "http://media.test/media/mine.png"


def shown(vendor: FakeVendor) -> list[str]:
    return [ref["name"] for ref in vendor.calls[0].request["references"]]


async def test_a_further_picture_of_a_scene_shows_given_ones_then_portraits_then_the_scene(bench: Any) -> None:
    bench.store.take("character:c_ann:portrait", b"ann")
    bench.store.take("scene:ep01_s01:storyboard", b"old board")
    board = picture_pb2.PictureOutput(slot="scene:ep01_s01:storyboard", stored_asset_id="new-board")
    bench.store.bytes["new-board"] = b"new board"
    job = storyboard("openai", "ann")
    job.slot, job.prompt = "asset:scene:ep01_s01:close", "A close-up of the lamp."
    job.reference_urls.append(MINE)
    job.reference_slots.append("scene:ep01_s01:storyboard")
    vendor = FakeVendor(Answer(colourful(), "image/png"))
    parent = bench.parent("storyboard:ep01_s01", "imaging.storyboard", board)
    context = bench.context(bench.store, "imaging.storyboard", job, parent)
    output = (await pictures(bench, vendor, ratio=True, reference=colourful()).storyboard(context, job)).output
    assert isinstance(output, picture_pb2.PictureOutput)
    assert (output.slot, output.fingerprint) == ("asset:scene:ep01_s01:close", "f123")
    assert shown(vendor) == ["1-given", "2-c_ann", "3-scene"]
    call = vendor.calls[0]
    assert (call.files["2-c_ann"], call.files["3-scene"]) == (b"ann", b"new board")
    told = call.request["prompt"]
    assert "What the picture must show: A close-up of the lamp." in told
    assert "Reference picture 1 shows what this picture must look like" in told
    assert "Reference picture 2 is Ann: keep this face" in told
    assert "Reference picture 3 is another picture of the same subject" in told


async def test_a_further_picture_of_a_character_follows_its_portrait_and_its_own_framing(bench: Any) -> None:
    bench.store.take("character:c_ann:portrait", b"ann")
    ann = character("ann")
    job = picture_pb2.PortraitInput(
        drama_id="d1",
        character=ann,
        cast=[ann, character("bob")],
        brush=picture_pb2.Brush(painter="openai", style="anime", fingerprint="f9"),
        prompt="Seen from the side.",
        slot="asset:character:c_ann:side",
        asset_id="side",
        reference_slots=["character:c_ann:portrait", "asset:character:c_ann:gone"],
    )
    vendor = FakeVendor(Answer(colourful(), "image/png"))
    context = bench.context(bench.store, "imaging.portrait", job)
    output = (await pictures(bench, vendor, ratio=True).portrait(context, job)).output
    assert isinstance(output, picture_pb2.PictureOutput)
    assert output.slot == "asset:character:c_ann:side"
    assert shown(vendor) == ["1-c_ann"]
    told = vendor.calls[0].request["prompt"]
    assert "Reference picture 1 is Ann" in told
    assert "What the picture must show: Seen from the side." in told
    assert "half body" not in told
    facts = bench.store.facts[output.stored_asset_id]
    assert (facts.metadata["type"], facts.metadata["asset_id"]) == ("character_asset", "side")


async def test_a_cover_is_shown_and_told_what_a_person_wants(bench: Any) -> None:
    bench.store.take("character:c_ann:portrait", b"ann")
    job = picture_pb2.CoverInput(
        drama_id="d1",
        title="Night",
        cast=[character("ann", main=True)],
        brush=picture_pb2.Brush(painter="openai", style="anime"),
        prompt="A storm.",
        reference_urls=[MINE, MINE],
    )
    vendor = FakeVendor(Answer(colourful(), "image/png"))
    context = bench.context(bench.store, "imaging.cover", job)
    await pictures(bench, vendor, ratio=True, reference=colourful()).cover(context, job)
    assert shown(vendor) == ["1-given", "2-given", "3-c_ann"]
    assert "What the picture must show: A storm." in vendor.calls[0].request["prompt"]


async def test_a_given_picture_that_is_none_fails_before_anything_is_bought(bench: Any) -> None:
    job = storyboard("openai", "ann")
    job.reference_urls.append(MINE)
    vendor = FakeVendor(Answer(colourful(), "image/png"))
    context = bench.context(bench.store, "imaging.storyboard", job)
    with pytest.raises(JobFailed) as failed:
        await pictures(bench, vendor, reference=b"<html>").storyboard(context, job)
    assert failed.value.reason == "bad_reference"
    assert not vendor.calls


async def test_the_local_painter_keeps_the_place_and_follows_the_words(bench: Any) -> None:
    plain = storyboard("local", "ann")
    wished = storyboard("local", "ann")
    wished.slot, wished.prompt = "asset:scene:ep01_s01:close", "A close-up in heavy snow."
    wished.reference_urls.append(MINE)
    made = pictures(bench, reference=b"<html>")  # it looks at no pictures
    digests = []
    for job in (plain, wished, wished):
        output = (await made.storyboard(bench.context(bench.store, "imaging.storyboard", job), job)).output
        assert isinstance(output, picture_pb2.PictureOutput)
        digests.append((output.slot, output.sha256))
    assert digests[1][0] == "asset:scene:ep01_s01:close"
    assert digests[1] == digests[2]
    assert digests[0][1] != digests[1][1]


def test_a_local_covers_mood_is_what_a_person_wants() -> None:
    who = CharacterSpec("c", "Ann", "a young woman", "female")
    drawn = [
        local.cover("Night", "A quiet town.", (who,), (who,), 7, wish).sha256
        for wish in ("", "A horror of ghosts.", "")
    ]
    assert drawn[0] == drawn[2] != drawn[1]


def test_a_portraits_prompt_is_what_it_was_without_references() -> None:
    who = CharacterSpec("c", "Ann", "a young woman", "female")
    told = prompts.portrait(who, style="anime")
    assert told.startswith("Character portrait of Ann, female: a young woman")
    assert "Framing: front view, half body" in told
    assert "Reference picture" not in told
