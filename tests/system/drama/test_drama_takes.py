"""Which take of a picture is shown: an earlier one is chosen back, and only what hangs on it is made anew."""

from __future__ import annotations

import pytest

from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.story.v1 import story_service_pb2
from tests.system.drama.test_drama_steps import Studio, built, made, short, studio, vendor
from tests.unit.story.dramas import IMAGE

__all__ = ["built", "studio", "vendor"]
pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]


async def takes(studio: Studio, slot: str) -> list[drama_pb2.Take]:
    request = drama_service_pb2.ListTakesRequest(drama_id="chosen", slot=slot, history=True)
    return list((await studio.dramas.ListTakes(request)).takes)


async def test_an_earlier_take_is_chosen_back(studio: Studio) -> None:
    drama = short("chosen")
    del drama.episodes[0].scenes[0]
    drama.episodes[0].scenes[0].assets.add(
        id="close", kind=IMAGE, depends_on=["ep01_s02_storyboard"], prompt="Close-up of the lamp."
    )
    await studio.put(drama)
    assert "asset:scene:ep01_s02:close" in made((await studio.execute("chosen"))[1])
    edited = await studio.get("chosen")
    edited.episodes[0].scenes[0].assets[0].prompt = "Seen from above."
    await studio.put(edited)
    assert made((await studio.execute("chosen"))[1]) == {
        "storyboard:ep01_s02",
        "clip:ep01_s02",
        "asset:scene:ep01_s02:close",
        "assemble:ep01",
    }

    board, clip = "scene:ep01_s02:storyboard", "scene:ep01_s02:clip"
    newest, oldest = await takes(studio, board)
    assert (newest.live, oldest.live) == (True, False)
    choose = story_service_pb2.ChooseTakeRequest(drama_id="chosen", take_id=oldest.id, request_id="back")
    chosen = (await studio.story.ChooseTake(choose)).take
    assert (chosen.id, chosen.live) == (oldest.id, True)
    assert (await studio.story.ChooseTake(choose)).take.id == chosen.id
    shown = await studio.get("chosen")
    assert shown.episodes[0].scenes[0].image_url == chosen.url
    # The first clip and the first close-up were made from it: chosen as well, only the film is joined anew, and nothing is bought.
    for slot in (clip, "asset:scene:ep01_s02:close"):
        first = (await takes(studio, slot))[-1]
        await studio.story.ChooseTake(story_service_pb2.ChooseTakeRequest(drama_id="chosen", take_id=first.id))
    before = studio.bought()
    assert made((await studio.execute("chosen"))[1]) == {"assemble:ep01"}
    assert studio.bought() == before
